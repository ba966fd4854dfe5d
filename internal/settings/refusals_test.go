package settings

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// refusalBook is a store of refusals as the tests want it.
type refusalBook struct {
	writes [][]sms.AccessRefusal
	stored []sms.AccessRefusal
	away   bool
}

func (b *refusalBook) SaveAccessRefusals(_ context.Context, refusals []sms.AccessRefusal) error {
	if b.away {
		return errors.New("the store is away")
	}
	b.writes = append(b.writes, refusals)
	b.stored = append(b.stored, refusals...)
	return nil
}

func (b *refusalBook) AccessRefusals(_ context.Context, account sms.AccountID) (list []sms.AccessRefusal, err error) {
	for _, r := range b.stored {
		if r.Account == account {
			list = append(list, r)
		}
	}
	return list, nil
}

// onlyBook is a store that has refusals only.
type onlyBook struct {
	Store
	book *refusalBook
}

func (o onlyBook) AccessRefusals(ctx context.Context, account sms.AccountID) ([]sms.AccessRefusal, error) {
	return o.book.AccessRefusals(ctx, account)
}

func refusal(account sms.AccountID, address netip.Addr) sms.AccessRefusal {
	return sms.AccessRefusal{Account: account, Address: address, Credential: "acme", Reason: sms.NotOnAccountList, Times: 1, First: time.Now(), Last: time.Now()}
}

var someAddress = netip.MustParseAddr("2001:db8::1")

// TestRefusalsAreWrittenNowAndThen: a flood is one write in ten seconds, and counted.
func TestRefusalsAreWrittenNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &refusalBook{}
		f := NewRefusals(book)
		service := (&Service{store: onlyBook{book: book}}).Watching(f)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		for range 1000 {
			f.Note(refusal(1, someAddress))
			time.Sleep(25 * time.Millisecond)
		}
		list, err := service.Refusals(t.Context(), &sms.Account{ID: 1})
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		stop()
		<-done
		var times int64
		for _, write := range book.writes {
			if len(write) != 1 {
				t.Errorf("a write of %d", len(write))
			}
			times += write[0].Times
		}
		if len(book.writes) != 3 || times != 1000 {
			t.Errorf("%d writes of %d refusals, want 3 of 1000", len(book.writes), times)
		}
	})
}

// TestRefusalsAreBounded: ever new addresses cost neither memory nor disk.
func TestRefusalsAreBounded(t *testing.T) {
	book := &refusalBook{}
	f := NewRefusals(book)
	address := someAddress
	for account := range sms.AccountID(300) {
		for range 120 {
			f.Note(refusal(account, address))
			address = address.Next()
		}
	}
	if f.size > mostRefusals {
		t.Errorf("%d in memory", f.size)
	}
	last := refusal(0, address)
	f.Note(last)
	list := f.unstored(0)
	if len(list) > 50 {
		t.Errorf("%d of one account", len(list))
	}
	f.save(t.Context())
	if n := len(book.writes[0]); n < refusalsStep || n >= refusalsStep+50 {
		t.Errorf("a write of %d", n)
	}
	count := 0
	for _, of := range f.news {
		count += len(of)
	}
	if count != f.size {
		t.Errorf("%d are counted, %d are there", f.size, count)
	}
}

// TestRefusalsOfTheLast: of one account the oldest goes.
func TestRefusalsOfTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := NewRefusals(&refusalBook{})
		address := someAddress
		for range 60 {
			f.Note(refusal(1, address))
			address = address.Next()
			time.Sleep(time.Second)
		}
		for _, r := range f.unstored(1) {
			if r.Address.Less(netip.MustParseAddr("2001:db8::b")) {
				t.Errorf("%s is still there", r.Address)
			}
		}
	})
}

// TestRefusalsOutliveTheStore: what a store does not take is tried again, once counted.
func TestRefusalsOutliveTheStore(t *testing.T) {
	book := &refusalBook{away: true}
	f := NewRefusals(book)
	f.Note(refusal(1, someAddress))
	f.save(t.Context())
	f.Note(refusal(1, someAddress))
	book.away = false
	f.save(t.Context())
	f.save(t.Context())
	if len(book.writes) != 1 || book.stored[0].Times != 2 {
		t.Errorf("writes %+v", book.writes)
	}
}

// TestRefusalsAtOnce: what is not stored yet is seen on the server where it happened.
func TestRefusalsAtOnce(t *testing.T) {
	book := &refusalBook{stored: []sms.AccessRefusal{refusal(1, someAddress), refusal(1, someAddress.Next())}}
	f := NewRefusals(book)
	service := (&Service{store: onlyBook{book: book}}).Watching(f)
	again := refusal(1, someAddress)
	again.Last = again.Last.Add(time.Second)
	f.Note(again)
	f.Note(refusal(2, someAddress))
	list, err := service.Refusals(t.Context(), &sms.Account{ID: 1})
	if err != nil || len(list) != 2 || list[0].Times != 2 || !list[0].Last.Equal(again.Last) || list[1].Times != 1 {
		t.Errorf("refusals %+v, error %v", list, err)
	}
}

func BenchmarkRefusals(b *testing.B) {
	for name, many := range map[string]int{"one address": 1, "ever new addresses": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			f := NewRefusals(&refusalBook{})
			now := time.Now()
			addresses := make([]netip.Addr, many)
			for i, address := 0, someAddress; i < many; i, address = i+1, address.Next() {
				addresses[i] = address
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f.Note(sms.AccessRefusal{Account: 1, Address: addresses[i%many], Credential: "acme", Reason: sms.NotOnKeyList, Times: 1, First: now, Last: now.Add(time.Duration(i))})
			}
		})
	}
}
