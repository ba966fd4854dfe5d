package smppapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// refusedBind is the status with which a bind is refused; ESME_ROK when it is not.
func (w *world) refusedBind(systemID, secret string) smpp.CommandStatus {
	w.t.Helper()
	_, err := w.dial(smpp.DialConfig{Bind: smpp.Bind{SystemID: systemID, Password: secret}})
	refusal, ok := errors.AsType[*smpp.BindError](err)
	switch {
	case err == nil:
		return smpp.ESME_ROK
	case !ok:
		w.t.Fatal(err)
	}
	return refusal.Status
}

func TestBind(t *testing.T) {
	w := open(t, sms.Settings{})
	for _, c := range []struct {
		name, password string
		want           smpp.CommandStatus
	}{
		{user, password, smpp.ESME_ROK},
		{user, smppPassword, smpp.ESME_ROK},
		{user, password[:8], smpp.ESME_RINVPASWD},
		{user, "", smpp.ESME_RINVPASWD},
		{"nobody", password, smpp.ESME_RINVPASWD},
		{strings.ToUpper(user), password, smpp.ESME_RINVPASWD},
	} {
		if got := w.refusedBind(c.name, c.password); got != c.want {
			t.Errorf("bind as %q with %q: %v, want %v", c.name, c.password, got, c.want)
		}
	}
	if log := w.log.String(); strings.Contains(log, password) || strings.Contains(log, smppPassword) {
		t.Errorf("a password is in the log:\n%s", log)
	}
}

func TestWhoMayNotBind(t *testing.T) {
	for name, change := range map[string]func(*sms.Account){
		"suspended":        func(a *sms.Account) { a.Suspended = true },
		"empty allow-list": func(a *sms.Account) { a.AllowList.Enabled = true },
		"another address": func(a *sms.Account) {
			a.AllowList = sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{{Prefix: netip.MustParsePrefix("192.0.2.0/24")}}}
		},
	} {
		w := open(t, sms.Settings{})
		w.change(change)
		if got := w.refusedBind(user, password); got != smpp.ESME_RBINDFAIL {
			t.Errorf("%s: %v, want ESME_RBINDFAIL (0x0D)", name, got)
		}
	}
}

func TestBindLimit(t *testing.T) {
	w := open(t, sms.Settings{MaxBinds: 2})
	first := w.bind(smpp.Transmitter)
	w.bind(smpp.Receiver)
	if got := w.refusedBind(user, password); got != smpp.ESME_RALYBND {
		t.Fatalf("third bind: %v, want ESME_RALYBND (0x05)", got)
	}
	w.must(first.Unbind(t.Context()))
	for range 100 { // the server ends its side a moment after the answer
		if w.refusedBind(user, password) == smpp.ESME_ROK {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("a place that was given back cannot be taken")
}

// TestAChangeEndsSessions: who would not be let in any more is out within two seconds of the change.
func TestAChangeEndsSessions(t *testing.T) {
	for name, change := range map[string]func(*world){
		"suspended":  func(w *world) { w.change(func(a *sms.Account) { a.Suspended = true }) },
		"allow-list": func(w *world) { w.change(func(a *sms.Account) { a.AllowList.Enabled = true }) },
		"password": func(w *world) {
			w.must(w.store.ChangeUser(context.Background(), w.deed(), user, func(u *sms.User) { u.Hash = hashes()[1] }))
			w.refresh()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, sms.Settings{})
			s := w.bind(smpp.Transceiver)
			other, err := w.dial(smpp.DialConfig{Bind: smpp.Bind{SystemID: user, Password: smppPassword}})
			w.must(err)
			change(w)
			within(t, 2*time.Second, "the end of the session", s.Done())
			if name == "password" {
				w.must(other.EnquireLink(t.Context())) // its own password is as it was
			}
		})
	}
}

func TestAChangeOfSettingsIsInForceAtOnce(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	w.change(func(a *sms.Account) { a.Settings.SMPPCharset = "latin1" })
	within(t, 2*time.Second, "the new charset", until(func() bool {
		resp, err := s.Submit(t.Context(), plain(func(p *smpp.SubmitSM) { p.ShortMessage = []byte{0xE9} }))
		return err == nil && w.stored(resp.MessageID).Message.Text == "é"
	}))
}

// until is closed once a condition holds.
func until(holds func() bool) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !holds() {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return done
}

// TestStop: what was begun is answered, then the session is unbound.
func TestStop(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	answers := make(chan smpp.Response, 10)
	for range 10 {
		w.must(s.Begin(t.Context(), plain(nil), func(r smpp.Response) { answers <- r }))
	}
	if r := <-answers; r.Err != nil {
		t.Fatal(r.Err)
	}
	w.must(w.stop())
	for range 9 {
		if r := <-answers; r.Err != nil {
			t.Errorf("a request that was begun got no answer: %v", r.Err)
		}
	}
	if err := s.Err(); !errors.Is(err, smpp.ErrPeerUnbound) {
		t.Errorf("the session ended with %v, want an unbind", err)
	}
}

// TestField_http_on_smpp_port: a browser is cut off and logged once.
func TestField_http_on_smpp_port(t *testing.T) {
	w := open(t, sms.Settings{})
	c := smpptest.DialESME(t, w.addr)
	w.must(c.WriteRaw([]byte("GET / HTTP/1.1\r\nHost: " + w.addr + "\r\n\r\n")))
	if b, err := io.ReadAll(c.Conn); len(b) != 0 || err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("%q, %v", b, err)
	}
	w.must(w.stop())
	if log := w.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "not SMPP") {
		t.Errorf("log:\n%s", log)
	}
}

// TestField_huge_length: a header that claims 1 GiB ends the session, and no other.
func TestField_huge_length(t *testing.T) {
	w := open(t, sms.Settings{})
	c, _ := smpptest.BindESME(t, w.addr, &smpp.Bind{SystemID: user, Password: password})
	w.must(c.WriteRaw([]byte{0x40, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9}))
	if f := c.Expect(t, smpp.CommandGenericNack); f.Status != smpp.ESME_RINVCMDLEN {
		t.Errorf("%v", f.Status)
	}
	if _, err := io.ReadAll(c.Conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	_, err := w.bind(smpp.Transceiver).Submit(t.Context(), plain(nil))
	w.must(err)
}

func TestField_unknown_command(t *testing.T) {
	w := open(t, sms.Settings{})
	c, _ := smpptest.BindESME(t, w.addr, &smpp.Bind{SystemID: user, Password: password})
	w.must(c.WriteRaw(smpptest.Raw(0x999, 0, 7, []byte("abc"))))
	if f := c.Expect(t, smpp.CommandGenericNack); f.Status != smpp.ESME_RINVCMDID || f.Sequence != 7 {
		t.Errorf("%v %d", f.Status, f.Sequence)
	}
}

func TestReceivers(t *testing.T) {
	w := open(t, sms.Settings{SMPPDeliver: 1})
	w.must(w.bind(smpp.Transmitter).EnquireLink(t.Context())) // it is bound for the server, too
	if got := w.door.Receivers(w.account.ID); len(got) != 0 {
		t.Fatalf("a transmitter is no receiver: %v", got)
	}
	held := make(chan *smpp.Request, 2)
	_, err := w.dial(smpp.DialConfig{Bind: smpp.Bind{Type: smpp.Receiver, SystemID: user, Password: password},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { held <- r })})
	w.must(err)
	<-w.door.ReceiverNews()
	if got := w.door.Arrived(); fmt.Sprint(got) != fmt.Sprint([]sms.AccountID{w.account.ID}) {
		t.Fatalf("arrived: %v", got)
	}
	bound := w.door.Receivers(w.account.ID)
	if len(bound) != 1 {
		t.Fatalf("%d receivers, want 1", len(bound))
	}
	answers := make(chan smpp.Response, 1)
	answered := func(r smpp.Response) { answers <- r }
	w.must(bound[0].Deliver(&smpp.DeliverSM{SourceAddr: "1", DestinationAddr: "2"}, answered))
	if err := bound[0].Deliver(&smpp.DeliverSM{}, answered); !errors.Is(err, smpp.ErrWindowFull) {
		t.Errorf("beyond the window: %v", err)
	}
	w.must((<-held).Reply(smpp.ESME_ROK, nil))
	if r := <-answers; r.Err != nil || r.Status != smpp.ESME_ROK {
		t.Errorf("%+v", r)
	}
	w.must(bound[0].Deliver(&smpp.DeliverSM{}, answered)) // the place is free again
	w.must((<-held).Reply(smpp.ESME_ROK, nil))
	<-answers
	if states := w.door.States(); len(states) != 2 || states[1].Delivered != 2 || states[1].Bind != smpp.Receiver {
		t.Errorf("%+v", states)
	}
}
