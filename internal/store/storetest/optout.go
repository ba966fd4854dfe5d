package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var optOutTests = map[string]func(*testing.T, Opener){
	"at the door":     optOutAtTheDoor,
	"while it waited": optOutWhileItWaited,
	"whom it blocks":  whomAnOptOutBlocks,
	"repeats":         optOutAfterAccept,
	"pages":           optOutPages,
	"import":          optOutImport,
}

const recipient = sms.Number(393401234567)

func (w *world) optOut(account sms.AccountID, list ...sms.OptOut) []bool {
	w.t.Helper()
	added, err := w.AddOptOuts(context.Background(), store.Deed{Actor: "test"}, account, list)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

func (w *world) optIn(account sms.AccountID, number sms.Number, sender string) error {
	return w.RemoveOptOut(context.Background(), store.Deed{Actor: "test"}, account, sms.OptOut{Number: number, Sender: sender})
}

// refusal accepts a message and answers why it is refused; empty: it is not.
func (w *world) refusal(m *sms.Message) string {
	w.t.Helper()
	w.admit(&store.Admission{Message: m})
	return m.Refusal
}

func from(account sms.AccountID, sender sms.Sender) *sms.Message {
	m := message(account, 1)
	m.Sender = sender
	return m
}

func optOutAtTheDoor(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(1000), w.account(1000)
	if got := w.optOut(account, sms.OptOut{Number: recipient, Sender: "acme", Source: "STOP"}); !got[0] {
		t.Error("the first one is not new")
	}
	if got := w.optOut(account, sms.OptOut{Number: recipient, Sender: "acme", Source: "STOP"}); got[0] {
		t.Error("the same again is new")
	}
	for range 2 { // the second time after a restart
		several := []*store.Admission{{Message: from(account, "ACME")}, {Message: from(account, "Other")}, {Message: from(other, "ACME")}}
		if err := w.Accept(context.Background(), several, func([]*sms.Message) {}); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{store.Blocked, "", ""} {
			if m := several[i].Message; m.Refusal != want {
				t.Errorf("message %d is refused for %q, want %q", i, m.Refusal, want)
			}
		}
		w.wantState(several[0].Message.ID, sms.Refused)
		w.restart()
	}
	w.wantBalance(account, 1000, 20)
}

func optOutWhileItWaited(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	gone, goes, notice := w.accept(from(account, "ACME")), w.accept(from(account, "Other")), from(account, "ACME")
	notice.Notice = true
	w.accept(notice)
	w.wantBalance(account, 1000, 30)
	w.optOut(account, sms.OptOut{Number: recipient, Sender: "acme"})
	mark := w.mark(gone, goes, notice)
	if !slices.Equal(mark.Blocked, []*sms.Message{gone}) {
		t.Fatalf("blocked are %v", mark.Blocked)
	}
	w.record(outcome(gone, part(sms.Failed, "")), nil)
	w.wantState(gone.ID, sms.Failed)
	w.wantBalance(account, 1000, 20)
	w.record(outcome(goes, part(sms.Sent, "1")), mark)
	w.record(outcome(notice, part(sms.Sent, "2")), mark)
	if n := w.rows(`SELECT COUNT(*) FROM mark`); n != 0 {
		t.Errorf("%d marks stay", n)
	}
	last := w.accept(from(account, "Third"))
	w.optOut(account, sms.OptOut{Number: recipient})
	if mark := w.mark(last); len(mark.Blocked) != 1 || w.rows(`SELECT COUNT(*) FROM mark`) != 0 {
		t.Error("a mark without messages is kept")
	}
}

func whomAnOptOutBlocks(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	want := func(sender sms.Sender, want string) {
		t.Helper()
		m := from(account, sender)
		said, err := w.Unwanted(context.Background(), []*sms.Message{m})
		if got := w.refusal(m); got != want || err != nil || said[0] != (want != "") {
			t.Errorf("%s: refused for %q, unwanted %v, want %q; error %v", sender, got, said, want, err)
		}
	}
	w.optOut(account, sms.OptOut{Number: recipient, Sender: "393399957000"})
	want("+393399957000", store.Blocked)
	want("393399957000", store.Blocked)
	want("ACME", "")
	w.optOut(account, sms.OptOut{Number: recipient}, sms.OptOut{Number: recipient + 1, Sender: "acme"})
	want("ACME", store.Blocked)
	want("AcMe", store.Blocked)
	// Of one sender messages are wanted again, of the others still none.
	if err := w.optIn(account, recipient, "acme"); err != nil {
		t.Error(err)
	}
	want("ACME", "")
	want("Other", store.Blocked)
	if err := w.optIn(account, recipient, "acme"); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("the same exception again: %v", err)
	}
	// Who wants none again wants none of that sender either.
	w.optOut(account, sms.OptOut{Number: recipient, Sender: "acme"})
	want("ACME", store.Blocked)
	if err := w.optIn(account, recipient, ""); err != nil {
		t.Error(err)
	}
	want("Other", "")
	want("ACME", store.Blocked)
	if err := w.optIn(account, recipient, ""); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("what is not there: %v", err)
	}
}

func optOutAfterAccept(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := from(account, "ACME")
	m.CallerID = "m-1"
	w.accept(m)
	w.optOut(account, sms.OptOut{Number: recipient, Sender: "acme"})
	again := from(account, "ACME")
	again.CallerID = "m-1"
	if result := w.admit(&store.Admission{Message: again}); result != store.Replayed {
		t.Errorf("a repetition of what was accepted before: %d", result)
	}
}

func optOutPages(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account, other := w.account(0), w.account(0)
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	var all []sms.OptOut
	for i := range 7 {
		for _, sender := range []string{"", "acme"} {
			all = append(all, sms.OptOut{Number: recipient + sms.Number(i), Sender: sender, Source: "STOP", At: at})
		}
	}
	w.optOut(account, all...)
	w.optOut(other, sms.OptOut{Number: recipient})
	read := func(page store.OptOutPage) (found []sms.OptOut) {
		t.Helper()
		for page.Limit = 3; ; page.After = &found[len(found)-1] {
			list, err := w.OptOuts(context.Background(), account, page)
			if err != nil {
				t.Fatal(err)
			}
			if found = append(found, list...); len(list) < 3 {
				return found
			}
		}
	}
	if got := read(store.OptOutPage{}); !slices.Equal(got, all) {
		t.Errorf("read %v", got)
	}
	if got := read(store.OptOutPage{Number: recipient}); !slices.Equal(got, all[:2]) {
		t.Errorf("of one number: %v", got)
	}
	sender := "acme"
	if got := read(store.OptOutPage{Sender: &sender}); len(got) != 7 || got[6] != all[13] {
		t.Errorf("of one sender: %v", got)
	}
}

func optOutImport(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	w.optOut(account, sms.OptOut{Number: recipient})
	if err := w.optIn(account, recipient, "acme"); err != nil { // an exception
		t.Fatal(err)
	}
	list := []sms.OptOut{{Number: recipient, Sender: "acme", Source: "import"}, {Number: recipient, Sender: "acme", Source: "import"}}
	for i := range 1000 {
		list = append(list, sms.OptOut{Number: 393400000000 + sms.Number(i), Source: "import"})
	}
	for _, want := range []int64{1001, 0} {
		added, err := w.ImportOptOuts(context.Background(), store.Deed{Actor: "test"}, account, list)
		if err != nil || added != want {
			t.Errorf("%d added, want %d, error %v", added, want, err)
		}
	}
	if got := w.refusal(from(account, "ACME")); got != store.Blocked {
		t.Errorf("refused for %q", got)
	}
	var audit string
	if err := w.View(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT actor FROM audit ORDER BY id DESC LIMIT 1`).Scan(&audit)
	}); err != nil || audit != "test" {
		t.Errorf("audit %q, error %v", audit, err)
	}
}
