package store_test

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestChangeUser(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account := create(t, s, "acme", 0)
	before, err := s.Changes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	err = s.ChangeUser(t.Context(), deed("account password"), "acme", func(u *sms.User) { u.SMPPHash = "short" })
	if err != nil {
		t.Fatal(err)
	}
	news, err := s.Changes(t.Context(), before.Revision)
	if err != nil || len(news.Users) != 1 || len(news.Accounts) != 0 {
		t.Fatalf("%+v, error %v", news, err)
	}
	got := news.Users[0]
	if got.Hash != "hash of acme" || got.SMPPHash != "short" || got.Account != account.ID || got.Changed.IsZero() {
		t.Errorf("%+v", got)
	}
	err = s.ChangeUser(t.Context(), deed("account password"), "nobody", func(*sms.User) {})
	if sms.CodeOf(err) != sms.NotFound {
		t.Errorf("error %v", err)
	}
}
