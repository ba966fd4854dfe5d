package auth

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestPasswordsOfPeople(t *testing.T) {
	p, ctx := NewPasswords(), t.Context()
	stored, err := p.Hash(ctx, "a quiet harbour 7")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		stored, password string
		want             bool
	}{{stored, "a quiet harbour 7", true}, {stored, "a quiet harbour 8", false}, {stored, "", false}, {"", "", false}, {"", "a quiet harbour 7", false},
		{"no hash", "a quiet harbour 7", false}, {stored, strings.Repeat("x", 2000), false}, {stored, "a\x00", false}} {
		if got, err := p.Matches(ctx, test.stored, test.password); got != test.want || err != nil {
			t.Errorf("%.20q, %.20q: %v, error %v", test.stored, test.password, got, err)
		}
	}
}

// Many that wait are sent away, and who is gone waits no more.
func TestPasswordsOfPeopleWaitTheirTurn(t *testing.T) {
	p := NewPasswords()
	if err := p.hasher.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Matches(gone, "", "x"); sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("error %v", err)
	}
	p.hasher.waiting.Store(maxWaiting)
	if _, err := p.Hash(t.Context(), "a quiet harbour 7"); sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("error %v", err)
	}
}

// However many strangers try passwords of people, programs do not wait behind them all, and are not sent away.
func TestPeopleDoNotKeepProgramsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.auth.hasher.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		people, ctx := w.auth.Passwords(), t.Context()
		var served atomic.Int32
		strangers := each(2*maxWaiting, func(int) error {
			_, err := people.Matches(ctx, "no hash", "a guess")
			if err == nil {
				served.Add(1)
			}
			return err
		})
		synctest.Wait()
		program := each(1, func(int) error { _, err := w.basic("demo", w.password, home); return err })
		synctest.Wait()
		w.auth.hasher.leave()
		wantCode(t, program()[0], sms.Internal)
		if n := served.Load(); n > 2 {
			t.Errorf("%d of the others went before", n)
		}
		strangers()
	})
}
