package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// hook gives every account a webhook.
func (l *lived) hook(t *testing.T, s *store.Store) {
	t.Helper()
	for _, account := range l.accounts {
		h := &sms.Webhook{Account: account, ID: fmt.Sprint("whk_", account), URL: "https://example.com/à?b=c", Secret: []byte("s\x00ecret"), OldSecret: []byte("old"),
			OldUntil: time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond), Created: time.Now().UTC().Truncate(time.Millisecond)}
		if err := s.SaveWebhook(t.Context(), deed("webhook create"), account, func(*sms.Webhook) (*sms.Webhook, error) { return h, nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// tell attempts one event of each account.
func (l *lived) tell(t *testing.T, s *store.Store) {
	t.Helper()
	for _, account := range l.accounts {
		events, err := s.ClaimEvents(t.Context(), store.EventQueue{Account: account}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			done := make(chan error, 1)
			s.SettleEvent(sms.Attempt{Event: e.ID, Number: e.Attempts, At: time.Now(), Status: 500, Error: "no", Response: []byte{0, 255}, Due: time.Now().Add(time.Hour)},
				func(err error) { done <- err })
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// told is what readers see of events.
func (l *lived) told(t *testing.T, s *store.Store, keep func(name string, value any, err error)) {
	t.Helper()
	for _, account := range l.accounts {
		hook, err := s.Webhook(t.Context(), account)
		keep(fmt.Sprint("webhook of ", account), hook, err)
		events, err := s.Events(t.Context(), account, store.EventPage{Limit: 1000})
		keep(fmt.Sprint("events of ", account), events, err)
		attempts, err := s.Attempts(t.Context(), account, store.EventPage{Limit: 1000})
		keep(fmt.Sprint("attempts of ", account), attempts, err)
	}
}
