package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestPrices(t *testing.T) {
	s, _ := running(t, t.TempDir())
	account := create(t, s, "acme", 0).ID
	for _, p := range []sms.Price{{Account: account, Prefix: "39", Part: 50_000}, {Prefix: "39", Part: 1}, {Prefix: "", Part: 70_000}, {Prefix: "39", Part: 35_000}} {
		if err := s.SetPrice(t.Context(), deed("price set"), p); err != nil {
			t.Fatal(err)
		}
	}
	want := []sms.Price{{Prefix: "", Part: 70_000}, {Prefix: "39", Part: 35_000}, {Account: account, Prefix: "39", Part: 50_000}}
	got, err := s.Prices(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestRemovedPrice(t *testing.T) {
	s, _ := running(t, t.TempDir())
	price := sms.Price{Prefix: "39", Part: 1}
	if err := s.RemovePrice(t.Context(), deed("price remove"), price); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("a price that is not there: %v", err)
	}
	if err := s.SetPrice(t.Context(), deed("price set"), price); err != nil {
		t.Fatal(err)
	}
	before, _ := s.Changes(t.Context(), 0)
	if err := s.RemovePrice(t.Context(), deed("price remove"), price); err != nil {
		t.Fatal(err)
	}
	news, err := s.Changes(t.Context(), before.Revision)
	if diff := cmp.Diff([]directory.PriceChange{{Price: price, Removed: true}}, news.Prices); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if prices, err := s.Prices(t.Context()); len(prices) != 0 || err != nil {
		t.Errorf("%v, error %v", prices, err)
	}
	if err := s.SetPrice(t.Context(), deed("price set"), price); err != nil {
		t.Fatal(err)
	}
	if prices, err := s.Prices(t.Context()); len(prices) != 1 || err != nil {
		t.Errorf("set again: %v, error %v", prices, err)
	}
}
