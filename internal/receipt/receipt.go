// Package receipt turns what carriers report into the status of messages.
//
// What comes in: reports about parts, in the vocabulary of the server, and messages from handsets. What goes out:
// their durable record, and then an acknowledgement to the session that brought them. It never acknowledges what is
// not stored, and speaks no protocol.
package receipt

import (
	"log/slog"

	"github.com/staffetta/staffetta/internal/sms"
)

// Store records reports; done is called once, after the commit or when the store refuses, and must not block.
type Store interface {
	Report(r sms.Report, done func(error))
	Inbound(in sms.Inbound, done func(error))
}

// Watcher hears how messages of carriers end.
type Watcher interface {
	Reported(carrier sms.CarrierID, delivered bool)
}

// Recorder is the step between carriers and the store.
type Recorder struct {
	store   Store
	log     *slog.Logger
	watcher Watcher // nil: nobody
}

// New makes the step.
func New(store Store, log *slog.Logger) *Recorder { return &Recorder{store: store, log: log} }

// Watched tells a watcher of final receipts. Call it before the first.
func (r *Recorder) Watched(by Watcher) *Recorder {
	r.watcher = by
	return r
}

// Report records what a carrier says about a part. done is called once, from any goroutine: with nil when the report
// is durable (acknowledge it), with an error when it is not (let the carrier keep and repeat it).
func (r *Recorder) Report(report sms.Report, done func(error)) {
	r.store.Report(report, func(err error) {
		if err != nil {
			r.log.Warn("a receipt is not recorded; the carrier is asked to repeat it", "carrier", int64(report.Carrier), "ref", report.Ref, "error", err)
		}
		if err == nil && r.watcher != nil && report.State.Final() {
			r.watcher.Reported(report.Carrier, report.State == sms.Delivered)
		}
		done(err)
	})
}

// Inbound records a message from a handset; done as for Report.
func (r *Recorder) Inbound(in sms.Inbound, done func(error)) {
	r.store.Inbound(in, func(err error) {
		if err != nil {
			r.log.Warn("a message from a handset is not recorded; the carrier is asked to repeat it", "carrier", int64(in.Carrier), "error", err)
		}
		done(err)
	})
}
