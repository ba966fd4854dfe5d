package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

func (w *world) streams() *Streams { return NewStreams(status.New(w.store, w.ids), w.store, w) }

// stream is what a search writes, read back.
func (w *world) stream(account sms.AccountID, q status.Search) [][]string {
	w.t.Helper()
	var text bytes.Buffer
	if err := w.streams().Write(w.t.Context(), "ann@example.com", account, q, func() io.Writer { return &text }); err != nil {
		w.t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// TestStreamIsWhatASearchFinds: all of it, however many pages that are, and no formula.
func TestStreamIsWhatASearchFinds(t *testing.T) {
	w := newWorld(t)
	w.messages(2500, func(i int, m *sms.Message) {
		m.Campaign, m.Text = fmt.Sprint("c", i%2), fmt.Sprintf("=%d", i)
		if i == 3 {
			m.Sender, m.Text = "+39340", "a\n\"b\","
		}
	})
	rows := w.stream(w.account.ID, status.Search{Campaign: "C1"})
	if len(rows) != 1251 {
		t.Fatalf("%d rows", len(rows))
	}
	if diff := cmp.Diff(append(append([]string(nil), header...), "text"), rows[0]); diff != "" {
		t.Error(diff)
	}
	text := len(header)
	if first, last := rows[1], rows[1249]; first[text] != "'=2499" || last[text] != "a\n\"b\"," || last[3] != "+39340" {
		t.Errorf("%v %v", first, last)
	}
	if rows := w.stream(0, status.Search{Text: "=249", From: time.Now().Add(-time.Hour)}); len(rows) != 12 || rows[0][0] != "account" || rows[1][0] != "acme" {
		t.Errorf("%d rows, %v", len(rows), rows[0])
	}
	if rows := w.stream(w.account.ID, status.Search{Sender: "nobody"}); len(rows) != 1 {
		t.Errorf("%v", rows)
	}
	var lines string
	query := `SELECT group_concat(actor || ' ' || action || ' ' || target || ': ' || detail, '; ') FROM audit WHERE action = 'message export'`
	if err := w.store.View(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query).Scan(&lines) }); err != nil {
		t.Fatal(err)
	}
	if want := "ann@example.com message export acme: campaign C1; ann@example.com message export all accounts: text given, from "; !strings.HasPrefix(lines, want) {
		t.Errorf("the audit log says %q", lines)
	}
}

func TestStreamThatCannotBeginWritesNothing(t *testing.T) {
	w := newWorld(t)
	begin := func() io.Writer { t.Error("it began"); return io.Discard }
	if err := w.streams().Write(t.Context(), "ann@example.com", w.account.ID, status.Search{Number: "x"}, begin); sms.CodeOf(err) != sms.Invalid {
		t.Error(err)
	}
	full := w.streams()
	for range mostStreams {
		full.turns <- struct{}{}
	}
	if err := full.Write(t.Context(), "ann@example.com", w.account.ID, status.Search{}, begin); sms.CodeOf(err) != sms.Limited {
		t.Error(err)
	}
}

func TestStreamEndsWithItsReader(t *testing.T) {
	w := newWorld(t)
	w.messages(3000, func(int, *sms.Message) {})
	gone := errors.New("gone")
	s := w.streams()
	if err := s.Write(t.Context(), "ann@example.com", w.account.ID, status.Search{}, func() io.Writer { return failing{gone} }); !errors.Is(err, gone) || len(s.turns) != 0 {
		t.Errorf("%v, %d still write", err, len(s.turns))
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
