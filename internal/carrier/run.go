package carrier

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/staffetta/staffetta/internal/carrier/practice"
	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// run runs one carrier until ctx ends. What keeps it from running stands in its state, and in the log.
func (m *Manager) run(ctx context.Context, p *post) {
	if p.carrier.State == sms.CarrierDisabled {
		return
	}
	var err error
	switch p.carrier.Kind {
	case KindSMPP:
		err = m.runSMPP(ctx, p)
	case KindPractice:
		err = m.runPractice(ctx, p)
	default:
		err = fmt.Errorf("there is no kind of carrier %q", p.carrier.Kind)
	}
	if err != nil {
		p.cannot(err)
		m.options.Log.Error("carrier does not run", "carrier", p.carrier.Name, "error", err.Error())
	}
}

func (m *Manager) runSMPP(ctx context.Context, p *post) error {
	address, err := smpp.ParseAddress(p.carrier.Address)
	if err != nil {
		return err
	}
	if p.carrier.Secret != "" {
		address.Password = p.carrier.Secret
	}
	return m.serve(ctx, p, address)
}

// serve keeps the sessions of an address bound.
func (m *Manager) serve(ctx context.Context, p *post, address smpp.Address) error {
	o := &m.options
	c := smpp.New(smpp.Config{
		Carrier: p.carrier.ID, Name: p.carrier.Name, Address: address, Dispatcher: o.Dispatcher, Recorder: o.Recorder,
		Log: o.Log, Grace: o.Grace, TLS: o.TLS, DialContext: o.DialContext,
	})
	p.runs(c, address)
	return c.Run(ctx)
}

// runPractice starts a practice carrier on a loopback port and serves it like any other. The address of such a carrier
// is empty, or "practice:?" and parameters as in that of an SMPP carrier.
func (m *Manager) runPractice(ctx context.Context, p *post) error {
	_, parameters, _ := strings.Cut(p.carrier.Address, "?")
	var listening net.ListenConfig
	ln, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address, err := smpp.ParseAddress("smpp://practice@" + ln.Addr().String() + "?" + parameters)
	if err != nil {
		_ = ln.Close() // never used
		return err
	}
	address.Password = rand.Text()[:8] // others on this machine have no business there
	server := practice.New(practice.Options{
		Log: m.options.Log.With("carrier", p.carrier.Name, "side", "practice"), SystemID: address.SystemID, Password: address.Password,
	})
	// The server ends after its client, so that the window can finish.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(life, ln); err != nil {
			m.options.Log.Error("practice carrier does not serve", "carrier", p.carrier.Name, "error", err)
		}
	})
	err = m.serve(ctx, p, address)
	end()
	serving.Wait()
	return err
}
