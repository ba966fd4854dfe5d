package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/smpp"
)

// SMPP is a door for customers that speak SMPP: as whom to bind, and how many submit_sm to have without an answer on each
// connection.
type SMPP struct {
	SystemID, Password string
	Window             int
}

// OverSMPP is the same door by SMPP. Each connection of a plan is a session.
func OverSMPP(addr string, as SMPP) Target { return Target{Addr: addr, SMPP: &as} }

// customer is one session.
type customer struct {
	run     *run
	session *smpp.Session
	ended   chan error

	mu     sync.Mutex // for what answers change of client
	client client
}

// runSMPP is Run over SMPP. A plan with a rate is not for it.
func runSMPP(ctx context.Context, target Target, plan Plan) (*Result, error) {
	r := &run{target: target, plan: plan}
	if plan.Rate > 0 || plan.Reconnect {
		return r.result(nil), errors.New("no rate and no reconnecting over SMPP")
	}
	customers := make([]*customer, plan.Connections)
	for i := range customers {
		c, err := bind(ctx, r)
		if err != nil {
			return r.result(nil), err
		}
		defer c.end()
		customers[i] = c
	}
	r.began = time.Now()
	if plan.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, plan.Duration)
		defer cancel()
	}
	var all sync.WaitGroup
	errs := make([]error, len(customers))
	for i, c := range customers {
		all.Go(func() { errs[i] = c.work(ctx) })
	}
	all.Wait()
	clients := make([]*client, len(customers))
	for i, c := range customers {
		clients[i] = &c.client
	}
	return r.result(clients), firstOf(errs)
}

func bind(ctx context.Context, r *run) (*customer, error) {
	as := r.target.SMPP
	s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: r.target.Addr, Config: smpp.Config{Window: as.Window, ResponseTimeout: answerTimeout},
		Bind: smpp.Bind{SystemID: as.SystemID, Password: as.Password}})
	if err != nil {
		return nil, err
	}
	c := &customer{run: r, session: s, ended: make(chan error, 1), client: client{run: r, status: map[int]int{}}}
	go func() { c.ended <- s.Run(context.WithoutCancel(ctx)) }()
	return c, nil
}

func (c *customer) end() {
	_ = c.session.Close() // every request is answered or broken
	<-c.ended
}

// work keeps the window full until ctx ends, and waits for the answers.
func (c *customer) work(ctx context.Context) (err error) {
	p := &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "Staffetta", DestAddrTON: smpp.TONInternational, DestAddrNPI: smpp.NPIISDN}
	places := make(chan struct{}, c.run.target.SMPP.Window) // before the session's own, so that waiting does not count
	for ctx.Err() == nil && err == nil {
		n := c.run.plan.First + c.run.slots.Add(1) - 1
		p.DestinationAddr = fmt.Sprint(marker.Destination(n))
		p.ShortMessage = marker.AppendText(p.ShortMessage[:0], n)
		places <- struct{}{}
		c.client.begun, c.client.next = c.client.begun+1, n+1
		began := time.Now()
		err = c.session.Begin(context.WithoutCancel(ctx), p, func(r smpp.Response) {
			c.answered(n, began, r)
			<-places
		})
	}
	if err != nil { // the last one did not begin
		c.client.begun--
		<-places
	}
	for range cap(places) { // all are free once every request is answered or broken
		places <- struct{}{}
	}
	return err
}

func (c *customer) answered(n uint64, began time.Time, r smpp.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case r.Err != nil:
		c.client.broken++
	case r.Status != smpp.ESME_ROK:
		c.client.status[int(r.Status)]++
	default:
		c.client.accepted = append(c.client.accepted, n)
		c.client.latency.Add(time.Since(began))
	}
	c.client.last = time.Now()
}
