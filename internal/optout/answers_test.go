package optout

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// desk keeps answers, knows one account, and accepts messages.
type desk struct {
	sync.Mutex
	answers  []sms.OptOutAnswer
	requests []*intake.Request
	err      error // of the next accept
}

func (d *desk) OptOutAnswers(context.Context, int) ([]sms.OptOutAnswer, error) {
	d.Lock()
	defer d.Unlock()
	return slices.Clone(d.answers), nil
}

func (d *desk) DropOptOutAnswer(_ context.Context, id int64) error {
	d.Lock()
	defer d.Unlock()
	d.answers = slices.DeleteFunc(d.answers, func(a sms.OptOutAnswer) bool { return a.ID == id })
	return nil
}

func (d *desk) Account(id sms.AccountID) (*sms.Account, bool) {
	return &sms.Account{ID: id, Name: "acme"}, id == 1
}

func (d *desk) Accept(_ context.Context, caller auth.Caller, door string, r *intake.Request) (intake.Answer, error) {
	d.Lock()
	defer d.Unlock()
	if caller.Account.ID != 1 || door != "opt-out" {
		panic("accepted for another account or door")
	}
	err := d.err
	d.err = nil
	if err == nil {
		d.requests = append(d.requests, r)
	}
	return intake.Answer{Accepted: err == nil}, err
}

// An answer becomes one message of its account; what the store does not take now is tried again, what cannot be is not.
func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		r := Replier{Answers: d, Accounts: d, Sender: d, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		put := func(account sms.AccountID, err error) {
			d.Lock()
			defer d.Unlock()
			d.err = err
			d.answers = append(d.answers, sms.OptOutAnswer{ID: 7, Account: account, Number: 393401234567, Sender: "48123", Text: "Bye.", At: time.UnixMilli(5)})
		}
		put(1, &sms.Error{Code: sms.Unavailable})
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		d.Lock()
		if len(d.requests) != 0 || len(d.answers) != 1 {
			t.Errorf("after a refusal for now: %d sent, %d wait", len(d.requests), len(d.answers))
		}
		d.Unlock()
		time.Sleep(time.Second)
		synctest.Wait()
		d.Lock()
		if len(d.requests) != 1 || len(d.answers) != 0 {
			t.Fatalf("then: %d sent, %d wait", len(d.requests), len(d.answers))
		}
		if m := d.requests[0]; !m.Notice || m.Destination != "+393401234567" || m.Sender != "48123" || m.Body != "Bye." || m.MessageID != "opt-out-7-5" {
			t.Errorf("sent %+v", m)
		}
		d.Unlock()
		put(2, nil)
		put(1, &sms.Error{Code: sms.Invalid})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		d.Lock()
		if len(d.requests) != 1 || len(d.answers) != 0 {
			t.Errorf("what cannot be: %d sent, %d wait", len(d.requests), len(d.answers))
		}
		d.Unlock()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
