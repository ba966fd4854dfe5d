package smpp

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// closeAfter answers and then closes the connection without a word.
func closeAfter(b smpptest.Behaviour) smpptest.Behaviour {
	return smpptest.Sequence(b, func(_ *smpptest.SMSC, c *smpptest.Conn, _ smpptest.Frame) { _ = c.Close() })
}

func TestCarrier_keeps_the_wanted_sessions_bound(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w := start(t, "smpp://esme:secret@"+smsc.Addr()+"?sessions=3&throughput=100&session_throughput=40&system_type=VMA", nil)
	for range 3 {
		s := await(t, w.sessions)
		if s.carrier != 7 || s.options != (dispatch.ServeOptions{Throughput: 100, Session: 40}) {
			t.Errorf("served as %+v", s)
		}
	}
	state := awaitState(t, w.carrier, func(s State) bool { return s.Bound == 3 })
	if state.LastError != "" {
		t.Errorf("%+v", state)
	}
	for _, f := range smsc.Await(t, smpp.CommandBindTransceiver, 3) {
		b := f.PDU.(*smpp.Bind)
		if b.SystemID != "esme" || b.Password != "secret" || b.SystemType != "VMA" || b.InterfaceVersion != 0x34 {
			t.Errorf("%+v", b)
		}
	}
	smsc.AwaitConns(t, 3)[1].Reset()
	down := awaitState(t, w.carrier, func(s State) bool { return s.Bound == 2 && s.LastError != "" })
	if down.Since.Before(state.Since) {
		t.Errorf("down since %v, bound since %v", down.Since, state.Since)
	}
	await(t, w.sessions)
	awaitState(t, w.carrier, func(s State) bool { return s.Bound == 3 && s.LastError == "" })
	w.stop()
	if got := len(smsc.Await(t, smpp.CommandUnbind, 3)); got != 3 {
		t.Errorf("%d sessions were unbound", got)
	}
	if got := w.carrier.State().Bound; got != 0 {
		t.Errorf("%d are bound after the end", got)
	}
}

func TestCarrier_that_is_not_there(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled []time.Time
		w := start(t, "smpp://esme:hunter2@smsc.example", func(c *Config) {
			c.DialContext = func(context.Context, string, string) (net.Conn, error) {
				dialled = append(dialled, time.Now())
				return nil, errors.New("connection refused")
			}
		})
		time.Sleep(time.Hour) // false time
		w.stop()
		if n := len(dialled); n < 60 || n > 130 {
			t.Errorf("dialled %d times in an hour", n)
		}
		for i := 1; i < len(dialled); i++ {
			if gap := dialled[i].Sub(dialled[i-1]); gap < firstWait/2 || gap > longest {
				t.Errorf("wait %d is %v", i, gap)
			}
		}
		if s := w.carrier.State(); s.Bound != 0 || s.LastError != "connection refused" {
			t.Errorf("%+v", s)
		}
	})
}

// A carrier that takes each bind and drops it at once is not stormed.
func TestCarrier_that_binds_and_drops(t *testing.T) {
	for name, drop := range map[string]smpptest.Behaviour{
		"closes": closeAfter(smpptest.Accept()),
		"unbinds": smpptest.Sequence(smpptest.Accept(), func(_ *smpptest.SMSC, c *smpptest.Conn, _ smpptest.Frame) {
			_, _ = c.Request(&smpp.Unbind{})
		}),
		"sends garbage": smpptest.Sequence(smpptest.Accept(), smpptest.WriteOctets([]byte("GET / HTTP/1.1\r\n\r\n"))),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipes(t)
				p.smsc.On(smpp.CommandBindTransceiver, drop)
				w := p.start(t, "")
				time.Sleep(10 * time.Minute) // false time
				if n := len(p.dialled()); n < 8 || n > 30 {
					t.Errorf("dialled %d times in 10 minutes", n)
				}
				if s := w.carrier.State(); s.Bound != 0 || s.LastError == "" {
					t.Errorf("%+v", s)
				}
				p.smsc.On(smpp.CommandBindTransceiver, smpptest.Accept())
				time.Sleep(longest)
				synctest.Wait()
				if s := w.carrier.State(); s.Bound != 1 || s.LastError != "" {
					t.Errorf("after the carrier came to its senses: %+v", s)
				}
				w.stop()
				p.smsc.Close()
			})
		})
	}
}

func TestCarrier_refuses_the_credentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := newPipes(t)
		p.smsc.On(smpp.CommandBindTransceiver, smpptest.Refuse(smpp.ESME_RINVPASWD))
		w := start(t, "smpp://esme:hunter2@smsc.example", func(c *Config) {
			c.DialContext, c.Log = p.dial, slog.New(slog.NewTextHandler(&log, nil))
		})
		time.Sleep(10 * time.Minute) // false time
		w.stop()
		p.smsc.Close()
		if n := len(p.dialled()); n != 4 { // at 0, 1, 3 and 7 minutes
			t.Errorf("bound %d times in 10 minutes", n)
		}
		if s := w.carrier.State(); !s.Refused || !strings.HasPrefix(s.LastError, "BIND REFUSED") || !strings.Contains(s.LastError, "ESME_RINVPASWD") {
			t.Errorf("%+v", s)
		}
		if got := strings.Count(log.String(), "level=ERROR"); got != len(p.dialled()) {
			t.Errorf("%d lines in the log:\n%s", got, log.String())
		}
		if strings.Contains(log.String(), "hunter2") {
			t.Errorf("the password stands in the log:\n%s", log.String())
		}
	})
}

// The address of a web server is no carrier: that is said once, and it is not stormed.
func TestField_http_on_smpp_port(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := newPipes(t)
		p.smsc.On(smpp.CommandBindTransceiver, smpptest.Sequence(smpptest.WriteOctets([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
			func(_ *smpptest.SMSC, c *smpptest.Conn, _ smpptest.Frame) { _ = c.Close() }))
		w := start(t, "smpp://esme:hunter2@www.example", func(c *Config) {
			c.DialContext, c.Log = p.dial, slog.New(slog.NewTextHandler(&log, nil))
		})
		time.Sleep(10 * time.Minute) // false time
		w.stop()
		p.smsc.Close()
		if n := len(p.dialled()); n < 8 || n > 30 {
			t.Errorf("dialled %d times in 10 minutes", n)
		}
		if s := w.carrier.State(); s.Bound != 0 || !strings.Contains(s.LastError, "command_length") {
			t.Errorf("%+v", s)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 1 || strings.Contains(log.String(), "hunter2") {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
	})
}

func TestCarrier_with_a_pair(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w := start(t, "smpp://esme:secret@"+smsc.Addr()+"?bind=pair", nil)
	s := await(t, w.sessions)
	awaitState(t, w.carrier, func(s State) bool { return s.Bound == 1 })
	conns := smsc.AwaitConns(t, 2)
	if got := await(t, s.submit(t.Context(), message("x"))); got.Verdict != dispatch.Accepted {
		t.Errorf("%+v", got)
	}
	if _, err := conns[0].Request(smpptest.Receipt(smsc.Submits()[0], "1", smpp.StateDelivered, "000")); err != nil {
		t.Fatal(err)
	}
	report := await(t, w.recorder.reports)
	report.done(nil)
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)

	conns[0].Reset() // without its receiver, nothing more is sent
	await(t, s.Done())
	if got := await(t, s.submit(t.Context(), message("x"))); got.Verdict != dispatch.NotSent {
		t.Errorf("%+v", got)
	}
	smsc.Await(t, smpp.CommandUnbind, 1)
	next := await(t, w.sessions)
	if got := await(t, next.submit(t.Context(), message("x"))); got.Verdict != dispatch.Accepted {
		t.Errorf("%+v", got)
	}
	if r, x := len(smsc.Frames(smpp.CommandBindReceiver)), len(smsc.Frames(smpp.CommandBindTransmitter)); r != 2 || x != 2 {
		t.Errorf("%d receivers and %d transmitters were bound", r, x)
	}
}

// A pair of which one half is refused is not bound, and leaves nothing behind.
func TestCarrier_with_half_a_pair(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandBindTransmitter, smpptest.Refuse(smpp.ESME_RALYBND), smpptest.Accept())
	w := start(t, "smpp://esme@"+smsc.Addr()+"?bind=pair", nil)
	await(t, w.sessions)
	if got := len(smsc.AwaitConns(t, 4)); got != 4 {
		t.Errorf("%d connections", got)
	}
}

// At the end, what is in the window is answered before unbind.
func TestCarrier_finishes_its_window(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	release := make(chan func(), 1)
	smsc.On(smpp.CommandSubmitSM, func(s *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) {
		release <- func() { smpptest.Accept()(s, c, f) }
	})
	w, s := startWith(t, smsc, "")
	answers := s.submit(t.Context(), message("x"))
	answer := await(t, release)
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	awaitState(t, w.carrier, func(s State) bool { return s.Bound == 0 })
	if n := len(smsc.Frames(smpp.CommandUnbind)); n != 0 {
		t.Error("unbind left before the window was empty")
	}
	answer()
	if got := await(t, answers); got.Verdict != dispatch.Accepted {
		t.Errorf("%+v", got)
	}
	smsc.Await(t, smpp.CommandUnbind, 1)
	await(t, stopped)
}

// A carrier that answers nothing, not even unbind, holds the end up for eight seconds at most.
func TestCarrier_ends_in_time(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := startInMemory(t, "")
		p.smsc.On(smpp.CommandSubmitSM, smpptest.Drop())
		p.smsc.On(smpp.CommandUnbind, smpptest.Drop())
		answers := (<-w.sessions).submit(t.Context(), message("x"))
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("the end took %v", took)
		}
		if got := <-answers; got.Verdict != dispatch.Uncertain {
			t.Errorf("%+v", got)
		}
		p.smsc.Close()
	})
}

// A peer that hangs is noticed, and its session is rebuilt: it is either usable or being rebuilt.
func TestField_stuck_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := startInMemory(t, "enquire_link=30s&response_timeout=10s")
		p.smsc.On(smpp.CommandEnquireLink, smpptest.Drop())
		s := <-w.sessions
		began := time.Now()
		<-s.Done()
		if took := time.Since(began); took > 41*time.Second {
			t.Errorf("noticed after %v", took)
		}
		if got := <-s.submit(t.Context(), message("x")); got.Verdict != dispatch.NotSent {
			t.Errorf("%+v", got)
		}
		p.smsc.On(smpp.CommandEnquireLink, smpptest.Accept())
		next := <-w.sessions
		if got := <-next.submit(t.Context(), message("x")); got.Verdict != dispatch.Accepted {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Hour) // false time: an idle session stays
		if n := len(p.dialled()); n != 2 {
			t.Errorf("dialled %d times", n)
		}
		w.stop()
		p.smsc.Close()
	})
}

func TestCarrier_over_TLS(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil) // only for its certificate
	certified.StartTLS()
	defer certified.Close()
	smsc := smpptest.NewSMSCWithoutListener(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			smsc.ServeConn(conn)
		}
	}()
	defer func() { _ = listener.Close(); <-accepting }()
	address := "smpps://esme@" + listener.Addr().String()
	trusted := x509.NewCertPool()
	trusted.AddCert(certified.Certificate())
	known := start(t, address, func(c *Config) { c.TLS = &tls.Config{RootCAs: trusted} })
	if got := await(t, await(t, known.sessions).submit(t.Context(), message("x"))); got.Verdict != dispatch.Accepted {
		t.Errorf("%+v", got)
	}
	stranger := start(t, address, nil)
	state := awaitState(t, stranger.carrier, func(s State) bool { return s.LastError != "" })
	if state.Bound != 0 || !strings.Contains(state.LastError, "certificate") {
		t.Errorf("a certificate that nobody vouches for: %+v", state)
	}
	if n := len(smsc.Frames(smpp.CommandBindTransceiver)); n != 1 {
		t.Errorf("%d binds, so a password went to a stranger", n)
	}
}
