package smpp

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// farm is a carrier of several hosts in memory; what is not up refuses connections.
type farm struct {
	pipes map[string]*pipes
	mu    sync.Mutex
	up    map[string]bool
	tried []string // since it was asked last
}

func (f *farm) dial(ctx context.Context, network, address string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried = append(f.tried, address)
	if !f.up[address] {
		return nil, errors.New("connection refused")
	}
	return f.pipes[address].dial(ctx, network, address)
}

func (f *farm) set(host string, up bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up[host] = up
}

func (f *farm) calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	tried := f.tried
	f.tried = nil
	return tried
}

func newFarm(t *testing.T, hosts ...string) *farm {
	f := &farm{pipes: map[string]*pipes{}, up: map[string]bool{}}
	for _, host := range hosts {
		f.pipes[host], f.up[host] = newPipes(t), true
	}
	return f
}

func (f *farm) close() {
	for _, p := range f.pipes {
		p.smsc.Close()
	}
}

// A host that is away is left for the next one within seconds, and taken again when a later session begins.
func TestCarrier_goes_on_to_another_host(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775", "c:99")
		defer f.close()
		f.set("a:2775", false)
		w := start(t, "smpp://esme@a?hosts=b,c:99", func(c *Config) { c.DialContext = f.dial })
		defer w.stop()
		began := time.Now()
		s := <-w.sessions
		if took, tried := time.Since(began), f.calls(); took > firstWait || !slices.Equal(tried, []string{"a:2775", "b:2775"}) {
			t.Errorf("after %v, tried %v", took, tried)
		}
		if got := <-s.submit(t.Context(), message("x")); got.Verdict != dispatch.Accepted {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Hour) // false time
		f.set("a:2775", true)
		if len(w.carrier.State().LastError) > 0 {
			t.Errorf("%+v", w.carrier.State())
		}
		f.pipes["b:2775"].smsc.AwaitConns(t, 1)[0].Reset()
		<-w.sessions
		if tried := f.calls(); !slices.Equal(tried, []string{"a:2775"}) {
			t.Errorf("after a session that lived, tried %v", tried)
		}
	})
}

// Sessions begin at different hosts; those of a host that goes away move to the others.
func TestCarrier_spreads_sessions_over_hosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775")
		defer f.close()
		w := start(t, "smpp://esme@a?hosts=b&sessions=4", func(c *Config) { c.DialContext = f.dial })
		defer w.stop()
		for range 4 {
			<-w.sessions
		}
		if a, b := len(f.pipes["a:2775"].dialled()), len(f.pipes["b:2775"].dialled()); a != 2 || b != 2 {
			t.Errorf("%d sessions to a and %d to b", a, b)
		}
		f.set("a:2775", false)
		for _, conn := range f.pipes["a:2775"].smsc.AwaitConns(t, 2) {
			conn.Reset()
		}
		<-w.sessions
		<-w.sessions
		if b := len(f.pipes["b:2775"].dialled()); b != 4 {
			t.Errorf("%d sessions to b", b)
		}
	})
}

// Hosts that take the bind and drop it are not stormed, however many there are.
func TestCarrier_hosts_that_bind_and_drop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775", "c:2775")
		defer f.close()
		for _, p := range f.pipes {
			p.smsc.On(smpp.CommandBindTransceiver, closeAfter(smpptest.Accept()))
		}
		w := start(t, "smpp://esme@a?hosts=b,c", func(c *Config) { c.DialContext = f.dial })
		time.Sleep(10 * time.Minute) // false time
		w.stop()
		if n := len(f.calls()); n < 24 || n > 90 {
			t.Errorf("dialled %d times in 10 minutes", n)
		}
	})
}

// A cable that is pulled: the peer's machine takes octets and never answers. That is noticed by silence, whatever we
// send; what was in the window is uncertain, what was not sent is not, and another host takes over.
func TestCarrier_notices_a_pulled_cable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775")
		defer f.close()
		w := start(t, "smpp://esme@a?hosts=b&enquire_link=20s&enquire_timeout=5s&response_timeout=60s&window=3", func(c *Config) { c.DialContext = f.dial })
		defer w.stop()
		s := <-w.sessions
		time.Sleep(65 * time.Second) // false time: it was good
		for _, command := range []smpp.CommandID{smpp.CommandSubmitSM, smpp.CommandEnquireLink, smpp.CommandUnbind} {
			f.pipes["a:2775"].smsc.On(command, smpptest.Drop())
		}
		f.set("a:2775", false) // and nobody can connect
		began := time.Now()
		var sent []<-chan answer
		for range 3 { // our own traffic must not count as a sign of life
			time.Sleep(4 * time.Second)
			sent = append(sent, s.submit(t.Context(), message("x")))
		}
		<-s.Done()
		if took := time.Since(began); took < 12*time.Second || took > 26*time.Second {
			t.Errorf("noticed after %v", took)
		}
		for _, answers := range sent {
			if got := <-answers; got.Verdict != dispatch.Uncertain {
				t.Errorf("%+v", got)
			}
		}
		s.Session.Submit(t.Context(), message("x"), func(_ int, got dispatch.Answer) {
			if got.Verdict != dispatch.NotSent {
				t.Errorf("%+v", got)
			}
		})
		next := <-w.sessions
		if got := <-next.submit(t.Context(), message("x")); got.Verdict != dispatch.Accepted || time.Since(began) > 40*time.Second {
			t.Errorf("%+v after %v", got, time.Since(began))
		}
	})
}

// A host that takes the connection and never answers the bind holds nobody up.
func TestCarrier_bind_without_an_answer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775")
		defer f.close()
		f.pipes["a:2775"].smsc.On(smpp.CommandBindTransceiver, smpptest.Drop())
		w := start(t, "smpp://esme@a?hosts=b", func(c *Config) { c.DialContext = f.dial })
		defer w.stop()
		began := time.Now()
		<-w.sessions
		if took, tried := time.Since(began), f.calls(); took > 12*time.Second || tried[len(tried)-1] != "b:2775" {
			t.Errorf("bound after %v, tried %v", took, tried)
		}
	})
}

// A refused bind stays shown while the other host is only away, and goes with the first that takes it.
func TestCarrier_hosts_of_which_one_refuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFarm(t, "a:2775", "b:2775")
		defer f.close()
		f.pipes["a:2775"].smsc.On(smpp.CommandBindTransceiver, smpptest.Refuse(smpp.ESME_RINVSYSID), smpptest.Refuse(smpp.ESME_RINVSYSID), smpptest.Refuse(smpp.ESME_RALYBND))
		f.set("b:2775", false)
		w := start(t, "smpp://esme@a?hosts=b", func(c *Config) { c.DialContext = f.dial })
		defer w.stop()
		for len(f.pipes["a:2775"].dialled()) < 3 {
			time.Sleep(firstWait / 4) // false time
			if s := w.carrier.State(); len(f.pipes["a:2775"].dialled()) < 3 && (!s.Refused || !strings.Contains(s.LastError, "BIND REFUSED, check system_id, password and system_type: a:2775: ")) {
				t.Fatalf("%+v", s)
			}
		}
		synctest.Wait()
		if s := w.carrier.State(); s.Refused || !strings.Contains(s.LastError, "ESME_RALYBND") {
			t.Errorf("%+v", s)
		}
		f.set("b:2775", true)
		<-w.sessions
		synctest.Wait()
		if s := w.carrier.State(); s.Refused || s.LastError != "" {
			t.Errorf("%+v", s)
		}
	})
}
