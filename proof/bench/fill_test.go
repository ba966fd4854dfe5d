package main

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// TestFilledMessagesAreMessages multiplies a message on both engines and reads the copies through the store.
func TestFilledMessagesAreMessages(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		options := store.Options{Dir: t.TempDir()}
		checkFilled(t, options, func() error { return fillSQLite(t.Context(), options.Dir, 1000) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := pgtest.Start(t, postgresSettings...)
		db, err := sql.Open("pgx", server.URL())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		checkFilled(t, store.Options{URL: server.URL(), Node: 1}, func() error { return fillPostgres(t.Context(), db, 1000) })
	})
}

func checkFilled(t *testing.T, options store.Options, fill func() error) {
	options.Secret = []byte("a secret of the benchmark, 32 octets")
	id := aLife(t, options)
	if err := fill(); err != nil {
		t.Fatal(err)
	}
	stored, err := store.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stored.Close() }()
	for _, copy := range []int{1, 500, 1000} {
		back := time.Duration(copy) * (age / 1000)
		old := id - sms.ID(back.Milliseconds()*millisecond)
		r, err := stored.Message(t.Context(), old)
		if err != nil || r == nil {
			t.Fatalf("copy %d: %v, error %v", copy, r, err)
		}
		if want := id.Time().Add(-back); r.State != sms.Delivered || !old.Time().Equal(want) || r.Final.Sub(want) > time.Minute {
			t.Errorf("copy %d of %v is %v since %v, want delivered in that minute", copy, want, r.State, r.Final)
		}
	}
}

// aLife lets one message be accepted, sent and delivered, and closes the store.
func aLife(t *testing.T, options store.Options) sms.ID {
	stored, err := store.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- stored.Run(ctx) }() // ends with cancel, below
	b := &batches{store: stored, size: 1}
	if err := b.createAccount(ctx); err != nil {
		t.Fatal(err)
	}
	admissions := b.batch()
	if err := stored.Accept(ctx, admissions, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	m, now := admissions[0].Message, time.Now().UTC()
	done := make(chan error, 2)
	stored.Record(sms.Outcome{Message: m, State: sms.Sent, Parts: []sms.Part{{State: sms.Sent, Ref: "1a", At: now}}, Carrier: 1, At: now},
		nil, func(err error) { done <- err })
	stored.Report(sms.Report{Carrier: 1, Ref: "1a", Destination: m.Destination, State: sms.Delivered, Code: "000", At: now},
		func(err error) { done <- err })
	for range cap(done) {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	if err := stored.Close(); err != nil {
		t.Fatal(err)
	}
	return m.ID
}
