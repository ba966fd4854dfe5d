package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// export gives every account an export of which one piece is made.
func (l *lived) export(t *testing.T, s *store.Store) {
	t.Helper()
	for _, account := range l.accounts {
		e := &sms.Export{Account: account, First: 1, End: time.Now(), Sender: "à", Status: "ERROR"}
		if err := s.CreateExport(t.Context(), e, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddToExport(t.Context(), e, sms.ExportPiece{Next: 7, Rows: 1, Size: 3, Packed: []byte{0, 255, 1}}); err != nil {
			t.Fatal(err)
		}
	}
}

// exported is what readers see of exports.
func (l *lived) exported(t *testing.T, s *store.Store, keep func(name string, value any, err error)) {
	t.Helper()
	for _, account := range l.accounts {
		exports, err := s.Exports(t.Context(), account, 0, 10)
		keep(fmt.Sprint("exports of ", account), exports, err)
		for _, e := range exports {
			_, packed, err := s.ExportChunk(t.Context(), e.ID, 1)
			keep(fmt.Sprint("piece of ", e.ID), packed, err)
		}
		records, err := s.History(t.Context(), account, store.Span{Last: 1<<63 - 1, Limit: 1000})
		keep(fmt.Sprint("history of ", account), len(records), err)
	}
}
