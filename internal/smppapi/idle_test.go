package smppapi

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// anybody lets everybody in.
type anybody struct{}

func (anybody) AuthenticateSMPP(context.Context, string, string, netip.Addr) (auth.Caller, error) {
	return auth.Caller{Account: &sms.Account{ID: 1, Name: "Acme"}, Username: user}, nil
}
func (anybody) Still(c auth.Caller) (auth.Caller, error) { return c, nil }
func (anybody) Changed() <-chan struct{}                 { return nil }

// connected is a customer who has bound to a door over a pipe; the door ends with stop.
func connected(t *testing.T, door *Server, c smpp.Config) (client *smpp.Session, stop func()) {
	t.Helper()
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan struct{})
	go func() {
		defer close(served)
		door.wire.ServeConn(ctx, far)
	}()
	client, err := smpp.Connect(t.Context(), near, smpp.DialConfig{Config: c, Bind: smpp.Bind{SystemID: user}})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = client.Run(context.Background())
	}()
	return client, func() {
		cancel()
		<-served
		_ = client.Close()
		<-ran
	}
}

func newDoor(in Intake) *Server {
	return New(Parts{Authenticator: anybody{}, Accounts: anybody{}, Intake: in, Log: slog.New(slog.DiscardHandler)})
}

// TestIdle: who asks for nothing for five minutes is unbound, though he answers enquire_link; who sends it stays.
func TestIdle(t *testing.T) {
	for name, c := range map[string]struct {
		own  time.Duration // of the customer's enquire_link
		idle bool
	}{"answers only": {-1, true}, "asks each minute": {time.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, stop := connected(t, newDoor(brokenIntake{}), smpp.Config{EnquireInterval: -1})
				defer stop()
				began := time.Now()
				for c.own > 0 && time.Since(began) < 10*time.Minute {
					time.Sleep(c.own)
					if err := client.EnquireLink(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if !c.idle {
					return
				}
				<-client.Done()
				if after := time.Since(began); after != idleLimit {
					t.Errorf("unbound after %v, want %v", after, idleLimit)
				}
			})
		})
	}
}

// silentIntake answers nothing.
type silentIntake struct{}

func (silentIntake) Begin(auth.Caller, string, *intake.Request, func(intake.Answer, error)) {}

// TestWindow: more requests without an answer than the account may have are throttled, and no more are taken.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, stop := connected(t, newDoor(silentIntake{}), smpp.Config{Window: 2 * sms.DefaultWindow, ResponseTimeout: time.Minute})
		defer stop()
		throttled := 0
		for range sms.DefaultWindow + 3 {
			err := client.Begin(t.Context(), plain(nil), func(r smpp.Response) {
				if r.Err == nil && r.Status == smpp.ESME_RTHROTTLED {
					throttled++
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if throttled != 3 {
			t.Errorf("%d throttled, want 3", throttled)
		}
	})
}

// TestStopWithoutAnAnswer: a customer who does not answer unbind, or requests that are never answered, do not hold the stop.
func TestStopWithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, stop := connected(t, newDoor(silentIntake{}), smpp.Config{})
		if err := client.Begin(t.Context(), plain(nil), func(smpp.Response) {}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took > 2500*time.Millisecond {
			t.Errorf("the stop took %v", took)
		}
	})
}
