package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

var secret = []byte("a secret of the tests, 32 octets")

// world is exports over a real store.
type world struct {
	*Exports
	t       *testing.T
	store   *store.Store
	ids     *sms.PublicIDs
	account *sms.Account
	from    netip.Addr
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, store: s, ids: sms.NewPublicIDs(secret), account: &sms.Account{Name: "acme"}, from: netip.MustParseAddr("192.0.2.1")}
	if err := s.CreateAccount(t.Context(), store.Deed{Actor: "test"}, w.account, store.First{User: sms.User{Name: "acme", Hash: "h"}, Key: sms.Key{ID: "k", Hash: []byte("h")}}); err != nil {
		t.Fatal(err)
	}
	w.Exports = New(s, w, w.ids, secret, func() {})
	return w
}

// Account is the directory.
func (w *world) Account(id sms.AccountID) (*sms.Account, bool) { return w.account, id == w.account.ID }

func (w *world) maker() *Maker {
	return NewMaker(w.store, status.New(w.store, w.ids), slog.New(slog.DiscardHandler))
}

// messages stores so many, which wait.
func (w *world) messages(n int, change func(int, *sms.Message)) (ids []sms.ID) {
	w.t.Helper()
	var admissions []*store.Admission
	for i := range n {
		m := &sms.Message{Account: w.account.ID, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 1,
			Expires: time.Now().Add(time.Hour)}
		change(i, m)
		admissions = append(admissions, &store.Admission{Message: m})
	}
	if err := w.store.Accept(w.t.Context(), admissions, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range admissions {
		ids = append(ids, a.Message.ID)
	}
	return ids
}

func (w *world) create(r Request) string {
	w.t.Helper()
	if r.End.IsZero() {
		r.Start, r.End = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	id, err := w.Create(w.t.Context(), w.account, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// make works until nothing is pending.
func (w *world) make() {
	w.t.Helper()
	k := w.maker()
	for first := true; first || len(k.held) > 0; first = false {
		if err := k.round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) ticket(id string) Ticket {
	w.t.Helper()
	path, expires, err := w.Link(w.t.Context(), w.account, id)
	if err != nil {
		w.t.Fatal(err)
	}
	if left := time.Until(expires); left < 14*time.Minute || left > 15*time.Minute {
		w.t.Errorf("the link works for %v", left)
	}
	u, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(u.Path, "/api/partner-gateway/v1/exports/"+id+"/download") {
		w.t.Fatalf("%q, error %v", path, err)
	}
	return Ticket{id, u.Query().Get("expires"), u.Query().Get("signature")}
}

func (w *world) file(id string) *File {
	w.t.Helper()
	f, err := w.Open(w.t.Context(), w.ticket(id), w.from)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) rows(id string) [][]string {
	w.t.Helper()
	rows, err := csv.NewReader(w.file(id)).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func TestFile(t *testing.T) {
	w := newWorld(t)
	ids := w.messages(3, func(i int, m *sms.Message) {
		if i == 1 {
			m.Sender, m.CallerID, m.Campaign, m.Destination = "+393331234567", "=HYPERLINK(\"x\")", "a \"b\",\r\nc", 393409999999
		}
	})
	id := w.create(Request{})
	w.messages(1, func(int, *sms.Message) {}) // later than the export
	if _, _, err := w.Link(t.Context(), w.account, id); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("a link to a file that is not there: %v", err)
	}
	w.make()
	rows := w.rows(id)
	if len(rows) < 4 || strings.Join(rows[0], ",") != strings.Join(header, ",") {
		t.Fatalf("%q", rows)
	}
	want := []string{w.ids.Format(ids[1]), "'=HYPERLINK(\"x\")", "SMS", "+393331234567", "+393409999999", "SENT", "accepted, waiting for the carrier",
		ids[1].Time().Format(timeLayout), "", "", "1", "0", "a \"b\",\nc"} // the reader makes one octet of the end of a line
	if strings.Join(rows[2], "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", rows[2], want)
	}
	list, err := w.List(t.Context(), w.account, 0, 10)
	if err != nil || len(list) != 1 || w.ID(list[0].ID) != id || list[0].Stage != sms.ExportCompleted || list[0].Rows != int64(len(rows)-1) {
		t.Errorf("%+v, error %v", list, err)
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	ids := w.messages(20, func(i int, m *sms.Message) {
		if i%2 == 0 {
			m.Sender = "OTHER"
		}
		if i%5 == 0 {
			m.Destination = 393405555555
		}
	})
	for _, id := range ids[:4] {
		if err := w.store.Cancel(t.Context(), w.account.ID, id, func(*sms.Message) bool { return false }); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		r    Request
		want int
	}{
		"sender": {Request{Sender: "OTHER"}, 10}, "recipient": {Request{Recipient: "00393405555555"}, 4}, "status": {Request{Status: "ERROR"}, 4},
		"all of them": {Request{Sender: "OTHER", Recipient: "+393405555555", Status: "ERROR"}, 1}, "received": {Request{Status: "RECEIVED"}, 0},
		"sent": {Request{Status: "SENT"}, 16}, "channel": {Request{Channel: "RCS"}, 0}, "SMS": {Request{Channel: "SMS"}, 20},
		"another time":  {Request{Start: time.Now().Add(-3 * time.Hour), End: time.Now().Add(-time.Hour)}, 0},
		"from after to": {Request{Start: time.Now().Add(time.Hour), End: time.Now().Add(-time.Hour)}, 0},
	} {
		id := w.create(c.r)
		w.make()
		if rows := w.rows(id); len(rows)-1 != c.want {
			t.Errorf("%s: %d rows, want %d", name, len(rows)-1, c.want)
		}
	}
	for _, r := range []Request{{Sender: "much too long a sender"}, {Recipient: "12"}, {Channel: "FAX"}, {Status: "LOST"}} {
		if _, err := w.Create(t.Context(), w.account, r); sms.CodeOf(err) != sms.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// TestGoesOn: another process goes on where one ended, and the file is as if one had made it.
func TestGoesOn(t *testing.T) {
	w := newWorld(t)
	w.messages(2*stepRows+7, func(i int, m *sms.Message) { m.Campaign = fmt.Sprint(i) })
	whole, broken := w.create(Request{}), w.create(Request{})
	ended := w.maker()
	if err := ended.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := ended.Run(stopped); err != nil { // gives back what it has
		t.Fatal(err)
	}
	w.make()
	rows := w.rows(broken)
	if len(rows) != 2*stepRows+8 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows[1:] {
		if row[12] != fmt.Sprint(i) {
			t.Fatalf("row %d is message %s", i, row[12])
		}
	}
	first, err := io.ReadAll(w.file(whole))
	if err != nil {
		t.Fatal(err)
	}
	f := w.file(broken)
	for _, at := range []int64{0, 1, f.Size / 3, f.Size / 2, f.Size - 1, f.Size} {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(f); err != nil || !bytes.Equal(rest, first[at:]) {
			t.Errorf("from %d: %d octets, error %v", at, len(rest), err)
		}
	}
}

func TestTwoMakers(t *testing.T) {
	w := newWorld(t)
	w.messages(2*stepRows, func(i int, m *sms.Message) { m.Campaign = fmt.Sprint(i) })
	id := w.create(Request{})
	idle, err := w.store.IdleExports(t.Context(), 10)
	if err != nil || len(idle) != 1 {
		t.Fatalf("%v, error %v", idle, err)
	}
	other := idle[0] // read before the first has taken it
	first := w.maker()
	if err := first.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if taken, err := w.store.TakeExport(t.Context(), &other); taken || err != nil {
		t.Errorf("taken twice: error %v", err)
	}
	if more, err := w.maker().step(t.Context(), &other); more || err != nil {
		t.Errorf("more %v, error %v", more, err)
	}
	for len(first.held) > 0 {
		if err := first.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if rows := w.rows(id); len(rows) != 2*stepRows+1 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestLimit(t *testing.T) {
	w := newWorld(t)
	for range mostPending {
		w.create(Request{})
	}
	if _, err := w.Create(t.Context(), w.account, Request{Start: time.Now(), End: time.Now()}); sms.CodeOf(err) != sms.Limited {
		t.Errorf("one more: %v", err)
	}
	w.make()
	w.create(Request{})
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	id, other := w.create(Request{}), w.create(Request{})
	w.make()
	good := w.ticket(id)
	past := fmt.Sprint(time.Now().Add(-time.Second).Unix())
	for name, ticket := range map[string]Ticket{
		"another export": {other, good.Expires, good.Signature}, "a longer life": {id, good.Expires + "0", good.Signature},
		"no signature": {id, good.Expires, ""}, "cut": {id, good.Expires, good.Signature[:20]}, "nothing": {},
		"too late": {id, past, w.ticketUntil(id, past)},
	} {
		if _, err := w.Open(t.Context(), ticket, w.from); sms.CodeOf(err) != sms.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.account.AllowList = sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{{Prefix: netip.MustParsePrefix("203.0.113.0/24")}}}
	if _, err := w.Open(t.Context(), good, w.from); sms.CodeOf(err) != sms.Forbidden {
		t.Errorf("from a foreign address: %v", err)
	}
	if _, err := w.Open(t.Context(), good, netip.MustParseAddr("203.0.113.9")); err != nil {
		t.Errorf("from an address of the list: %v", err)
	}
	w.account.AllowList, w.account.Suspended = sms.AllowList{}, true
	if _, err := w.Open(t.Context(), good, w.from); sms.CodeOf(err) != sms.Forbidden {
		t.Errorf("of a suspended account: %v", err)
	}
	w.account.Suspended = false
	stranger := &sms.Account{ID: w.account.ID + 1}
	if _, _, err := w.Link(t.Context(), stranger, id); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("another account: %v", err)
	}
	for _, unknown := range []string{"", "exp_", "exp_0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", w.ids.Format(1 << 40)} {
		if _, _, err := w.Link(t.Context(), w.account, unknown); sms.CodeOf(err) != sms.NotFound {
			t.Errorf("%q: %v", unknown, err)
		}
	}
}

// ticketUntil signs as the server does.
func (w *world) ticketUntil(id, until string) string {
	return signature(w.links.sign(id, until))
}

func TestExpired(t *testing.T) {
	w := newWorld(t)
	w.messages(3, func(int, *sms.Message) {})
	id := w.create(Request{})
	w.make()
	ticket := w.ticket(id)
	list, err := w.List(t.Context(), w.account, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.EndExport(t.Context(), &list[0], sms.ExportExpired); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Link(t.Context(), w.account, id); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("a link: %v", err)
	}
	if _, err := w.Open(t.Context(), ticket, w.from); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("the file: %v", err)
	}
	w.messages(1, func(int, *sms.Message) {})
	if complete, err := w.Renew(t.Context(), w.account, id); complete || err != nil {
		t.Errorf("complete %v, error %v", complete, err)
	}
	w.make()
	if rows := w.rows(id); len(rows) != 5 {
		t.Errorf("%d rows", len(rows))
	}
	if complete, err := w.Renew(t.Context(), w.account, id); !complete || err != nil {
		t.Errorf("complete %v, error %v", complete, err)
	}
}

func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{"": "", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\n=1": "'\n=1", "\r": "'\r",
		"+393401234567": "+393401234567", "+39340x": "'+39340x", "+3934012345678901234": "'+3934012345678901234", "a=b": "a=b", "12": "12", "'x": "'x"} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
