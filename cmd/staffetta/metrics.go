package main

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// The metrics of a server.
var (
	descMessages     = describe("messages_total", "Messages that came to a state; queued counts again what must be tried again.", "state")
	descCommits      = describe("store_commits_total", "Transactions that were committed.")
	descCommitTime   = describe("store_commit_seconds_total", "Time spent in transactions.")
	descMembers      = describe("store_writes_total", "Writes that were committed, many in one transaction.")
	descRefused      = describe("store_writes_refused_total", "Writes that the rules or the database refused.")
	descFailures     = describe("store_write_failures_total", "Writes that failed for any reason.")
	descParked       = describe("receipts_parked_total", "Receipts that came before the answer to their submit_sm was recorded.")
	descRepeated     = describe("receipts_repeated_total", "Receipts for parts whose state was final already.")
	descOverdue      = describe("receipts_overdue_total", "Parts whose receipt had not come a day after the end of their validity.")
	descPace         = describe("carrier_parts_per_second", "Parts that a carrier took in the last second.", "carrier")
	descPaceLimit    = describe("carrier_limit_parts_per_second", "Parts a second that may leave to a carrier from this server; +Inf: as many as it takes.", "carrier")
	descThrottled    = describe("carrier_throttled_parts_total", "Parts that a carrier refused because there were too many.", "carrier")
	descOtherForm    = describe("receipts_matched_by_notation_total", "Receipts whose message id was written in another notation than in the answer.")
	descBound        = describe("carrier_sessions_bound", "Sessions of a carrier that are bound.", "carrier")
	descWanted       = describe("carrier_sessions_wanted", "Sessions of a carrier that should be bound.", "carrier")
	descShare        = describe("carrier_share", "How much of what is its turn a carrier gets: 0 when its health takes it out of turn, 1 ordinarily.", "carrier")
	descQueued       = describe("carrier_queue_messages", "Messages of a carrier that wait in memory.", "carrier")
	descOverflowing  = describe("carrier_queue_overflow", "1 when more messages of a carrier wait in the store.", "carrier")
	descBacklog      = describe("backlog_messages", "Messages that wait for their carriers or their date, of all processes on this database.")
	descBacklogMost  = describe("backlog_limit_messages", "How many may wait before new ones are answered 503.")
	descNode         = describe("node_number", "The number of this server among those that share a database.")
	descHeartbeat    = describe("node_heartbeat_age_seconds", "How long ago the last heartbeat began that came through; from 10 on the server sends nothing.")
	descAdopted      = describe("node_adopted_messages_total", "Messages that this server took over from servers that died or ended.")
	descSMPPBound    = describe("smpp_sessions_bound", "Sessions of customers that are bound to this server.", "bind")
	descSMPPBinds    = describe("smpp_binds_total", "Binds of customers by their answer.", "command_status")
	descSMPPAnswers  = describe("smpp_requests_total", "Requests of bound customers by their answer.", "command_id", "command_status")
	descEvents       = describe("webhook_events_total", "Events that came through to a webhook, or have failed for good.", "result")
	descEventTries   = describe("webhook_attempts_total", "Attempts to send an event.")
	descEventFails   = describe("webhook_attempts_failed_total", "Attempts to send an event that failed.")
	descEventsWait   = describe("webhook_events_waiting", "Events that wait, of all servers on the database; counted up to 100000.")
	descCalls        = describe("callback_events_total", "Messages from handsets that a form callback took, or that have failed for good.", "result")
	descCallTries    = describe("callback_attempts_total", "Attempts to send one to a form callback.")
	descCallFails    = describe("callback_attempts_failed_total", "Those without a +OK.")
	descCallsWait    = describe("callback_events_waiting", "Messages that wait for a form callback, of all servers on the database; counted up to 100000.")
	descReceipts     = describe("smpp_events_total", "Receipts and messages that a customer took by deliver_sm, or that have failed for good.", "result")
	descReceiptTries = describe("smpp_deliver_attempts_total", "Answers to deliver_sm, and sessions that ended without one.")
	descReceiptFails = describe("smpp_deliver_attempts_failed_total", "Those that were not ESME_ROK.")
	descReceiptsWait = describe("smpp_events_waiting", "Receipts and messages that wait for their customers, of all servers on the database; counted up to 100000.")
	descInbound      = describe("inbound_messages_total", "Messages from handsets that went to an account, or to a number that is nobody's.", "result")
	descInParts      = describe("inbound_parts_total", "Deliveries of messages from handsets, each a message or a part of one.", "result")
	descIncomplete   = describe("inbound_incomplete_total", "Messages from handsets that were told without all their parts.")
	descNobodys      = describe("inbound_unrouted_messages", "Messages from handsets that are kept because their number is nobody's, of all servers on the database; counted up to 100000.")
	descReady        = describe("info", "The version that runs.", "version")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("staffetta_"+name, help, labels, nil)
}

// collector reads the metrics when Prometheus asks.
type collector struct{ *server }

// newMetrics serves the metrics of a server.
func newMetrics(s *server) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// metricsOnly serves nothing but /metrics.
func metricsOnly(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	return mux
}

// Describe sends nothing: the carriers come and go.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the counters.
func (c collector) Collect(out chan<- prometheus.Metric) {
	counters := &c.store.Counters
	counter := func(desc *prometheus.Desc, value float64) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value)
	}
	for state := sms.Scheduled; state < sms.States; state++ {
		if state != sms.Sending {
			out <- prometheus.MustNewConstMetric(descMessages, prometheus.CounterValue, float64(counters.Reached[state].Load()), state.String())
		}
	}
	counter(descCommits, float64(counters.Commits.Load()))
	counter(descCommitTime, float64(counters.CommitNanoseconds.Load())/1e9)
	counter(descMembers, float64(counters.Members.Load()))
	counter(descRefused, float64(counters.Refused.Load()))
	counter(descFailures, float64(counters.Failures.Load()))
	counter(descParked, float64(counters.ReportsParked.Load()))
	counter(descRepeated, float64(counters.ReportsRepeated.Load()))
	counter(descOverdue, float64(counters.ReportsOverdue.Load()))
	counter(descOtherForm, float64(counters.ReportsMatchedByForm.Load()))
	out <- prometheus.MustNewConstMetric(descBacklog, prometheus.GaugeValue, float64(c.store.Backlog()))
	out <- prometheus.MustNewConstMetric(descBacklogMost, prometheus.GaugeValue, float64(c.config.Limits.MaxBacklog))
	out <- prometheus.MustNewConstMetric(descReady, prometheus.GaugeValue, 1, version)
	c.collectNode(out)
	c.collectCarriers(out)
	c.collectEvents(out)
	c.collectSMPP(out)
	c.collectInbound(out)
}

func (c collector) collectInbound(out chan<- prometheus.Metric) {
	counters := &c.store.Counters
	counter := func(desc *prometheus.Desc, value int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
	}
	counter(descInbound, counters.InboundRouted.Load(), "routed")
	counter(descInbound, counters.InboundUnrouted.Load(), "unrouted")
	counter(descInbound, counters.InboundDropped.Load(), "removed")
	counter(descInParts, counters.InboundParts.Load(), "new")
	counter(descInParts, counters.InboundRepeated.Load(), "repeated")
	counter(descIncomplete, counters.InboundIncomplete.Load())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if n, err := c.store.InboundNobodys(ctx); err == nil {
		out <- prometheus.MustNewConstMetric(descNobodys, prometheus.GaugeValue, float64(n))
	}
}

func (c collector) collectSMPP(out chan<- prometheus.Metric) {
	bound := map[smpp.BindType]int{smpp.Transceiver: 0, smpp.Transmitter: 0, smpp.Receiver: 0}
	for _, state := range c.smpp.States() {
		bound[state.Bind]++
	}
	for bind, n := range bound {
		out <- prometheus.MustNewConstMetric(descSMPPBound, prometheus.GaugeValue, float64(n), bind.String())
	}
	for status, n := range c.smpp.Counters.Binds() {
		out <- prometheus.MustNewConstMetric(descSMPPBinds, prometheus.CounterValue, float64(n), status.String())
	}
	for answer, n := range c.smpp.Counters.Requests() {
		out <- prometheus.MustNewConstMetric(descSMPPAnswers, prometheus.CounterValue, float64(n), answer.Request.String(), answer.Status.String())
	}
}

// tellings are the metrics of one way of events.
type tellings struct {
	way                       sms.Way
	counters                  *outbox.Counters
	events, tries, fails, all *prometheus.Desc
}

func (c collector) collectEvents(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, w := range [...]tellings{
		{sms.ByWebhook, &c.outbox.Counters, descEvents, descEventTries, descEventFails, descEventsWait},
		{sms.ByCallback, &c.outbox.Callback, descCalls, descCallTries, descCallFails, descCallsWait},
		{sms.BySMPP, &c.outbox.SMPP, descReceipts, descReceiptTries, descReceiptFails, descReceiptsWait},
	} {
		counter := func(desc *prometheus.Desc, value int64, labels ...string) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
		}
		counter(w.events, w.counters.Delivered.Load(), "delivered")
		counter(w.events, w.counters.Failed.Load(), "failed")
		counter(w.tries, w.counters.Attempts.Load())
		counter(w.fails, w.counters.AttemptsFailed.Load())
		if n, err := c.store.EventsWaiting(ctx, w.way); err == nil {
			out <- prometheus.MustNewConstMetric(w.all, prometheus.GaugeValue, float64(n))
		}
	}
}

func (c collector) collectNode(out chan<- prometheus.Metric) {
	if c.config.Database == "" {
		return
	}
	number, age := c.store.Self()
	out <- prometheus.MustNewConstMetric(descNode, prometheus.GaugeValue, float64(number))
	out <- prometheus.MustNewConstMetric(descHeartbeat, prometheus.GaugeValue, age.Seconds())
	out <- prometheus.MustNewConstMetric(descAdopted, prometheus.CounterValue, float64(c.store.Counters.Adopted.Load()))
}

func (c collector) collectCarriers(out chan<- prometheus.Metric) {
	for _, state := range c.carriers.States() {
		gauge := func(desc *prometheus.Desc, value int) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), state.Name)
		}
		held, more := c.dispatcher.Depth(state.ID)
		overflow := 0
		if more {
			overflow = 1
		}
		out <- prometheus.MustNewConstMetric(descShare, prometheus.GaugeValue, c.health.Of(state.ID).Share, state.Name)
		gauge(descBound, state.Bound)
		gauge(descWanted, state.Sessions)
		gauge(descQueued, held)
		gauge(descOverflowing, overflow)
		c.collectPace(out, state.Name, state.Pace)
	}
}

func (c collector) collectPace(out chan<- prometheus.Metric, carrier string, p dispatch.Pace) {
	limit := p.Limit
	if limit == 0 {
		limit = math.Inf(1)
	}
	out <- prometheus.MustNewConstMetric(descPace, prometheus.GaugeValue, p.Taken, carrier)
	out <- prometheus.MustNewConstMetric(descPaceLimit, prometheus.GaugeValue, limit, carrier)
	out <- prometheus.MustNewConstMetric(descThrottled, prometheus.CounterValue, float64(p.Throttled), carrier)
}
