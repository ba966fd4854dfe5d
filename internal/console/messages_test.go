package console

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// message stores a message of an account, which waits or is held.
func (w *world) message(account string, change func(*sms.Message)) (id string) {
	w.t.Helper()
	m := &sms.Message{Account: w.account(account).ID, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "Your code is 4711", Parts: 1,
		PartPrice: 35_000, Expires: time.Now().Add(48 * time.Hour), Origin: sms.Origin{Door: "http", Credential: "stf_live_k1", Address: "203.0.113.9"}}
	if change != nil {
		change(m)
	}
	if err := w.store.Accept(w.t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		w.t.Fatal(err)
	}
	return sms.NewPublicIDs(secret).Format(m.ID)
}

func (w *world) audited(action string) (lines []string) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT actor || ' ' || target || ': ' || detail FROM audit WHERE action = ? ORDER BY id`, action)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

func without(t *testing.T, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s says %q:\n%s", a.Request.URL, text, a.body)
		}
	}
}

func TestMessagesAreFound(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleViewer)
	b.get("/messages").wants(t, http.StatusOK, "No messages yet", "Make an API key")
	code := w.message("acme", nil)
	offer := w.message("acme", func(m *sms.Message) {
		m.Destination, m.Sender, m.Campaign, m.Text, m.CallerID = 4915112345678, "Shop", "spring", "<script>alert(1)</script> 20 % off", "order-7"
	})
	w.message("other", func(m *sms.Message) { m.Text, m.CallerID = "of somebody else", "order-8" })
	all := b.get("/messages")
	all.wants(t, http.StatusOK, "+393401234567", "Your code is 4711", "&lt;script&gt;alert(1)&lt;/script&gt;", "Waiting", "0.035", `href="/messages/`+code+`"`, "2 messages shown")
	without(t, all, "<script>alert", "of somebody else", "other")
	for query, want := range map[string]string{
		"number=%2B49": offer, "number=5678": offer, "text=CODE": code, "text=20+%25": offer, "status=queued&sender=shop": offer, "campaign=Spring": offer,
		"id=order-7": offer, "id=" + code: code, "number=340+123+4567&text=code&from=2020-01-01T00:00&to=2199-01-01T00:00": code,
	} {
		got := b.get("/messages?" + query)
		got.wants(t, http.StatusOK, "/messages/"+want+`"`, "1 message shown")
	}
	for _, query := range []string{"number=%2B44", "text=nothing", "status=failed", "id=order-8", "from=2199-01-01T00:00", "to=2020-01-01T00:00"} {
		b.get("/messages?"+query).wants(t, http.StatusOK, "No message fits")
	}
	part := b.get("/messages?text=code&number=&sender=", "Hx-Request", "true")
	part.wants(t, http.StatusOK, `<section id="found"`, code)
	without(t, part, "<html", offer)
	if at := part.Header.Get("Hx-Replace-Url"); at != "/messages?text=code" {
		t.Errorf("the address becomes %q", at)
	}
	b.get("/messages?text=code", "Hx-Request", "true", "Hx-History-Restore-Request", "true").wants(t, http.StatusOK, "<html")
}

func TestASearchThatCannotBeSaysWhy(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleViewer)
	for query, says := range map[string]string{
		"number=abc": "must be digits of a number", "status=DELIVERED": "is none that a message can have", "before=garbage": "is not one that a page gave",
		"after=019cb8b8-1e00-7001-8015-9431a5df7705": "is not one that a page gave", "from=yesterday": "must be a date and a time", "to=0001-01-01T00:00": "must be a date and a time",
		"text=%ff": "must be at most 200 characters", "id=" + strings.Repeat("x", 201): "must be at most 200 characters",
	} {
		b.get("/messages?"+query).wants(t, http.StatusUnprocessableEntity, says, "<html")
		b.get("/messages?"+query, "Hx-Request", "true").wants(t, http.StatusUnprocessableEntity, says)
	}
	b.get("/inbound?before=garbage").wants(t, http.StatusUnprocessableEntity, "is not one that a page gave")
	b.get("/messages/export?number=abc").wants(t, http.StatusUnprocessableEntity, "must be digits of a number")
}

func TestMessagesArePaged(t *testing.T) {
	w := open(t, nil)
	for i := range 120 {
		w.message("acme", func(m *sms.Message) { m.Text = fmt.Sprintf("number %03d.", i) })
	}
	b := w.as(sms.RoleViewer)
	pager := func(a answer, rel string) string {
		found := regexp.MustCompile(`href="([^"]*)" rel="` + rel + `"`).FindStringSubmatch(a.body)
		if found == nil {
			return ""
		}
		return strings.ReplaceAll(found[1], "&amp;", "&")
	}
	first := b.get("/messages?text=number")
	second := b.get(pager(first, "next"))
	third := b.get(pager(second, "next"))
	first.wants(t, http.StatusOK, "number 119.", "number 070.")
	second.wants(t, http.StatusOK, "number 069.", "number 020.")
	third.wants(t, http.StatusOK, "number 019.", "number 000.")
	if pager(first, "prev") != "" || pager(third, "next") != "" || !strings.Contains(pager(second, "next"), "text=number") {
		t.Errorf("%q, %q, %q", pager(first, "prev"), pager(third, "next"), pager(second, "next"))
	}
	back := b.get(pager(third, "prev"))
	back.wants(t, http.StatusOK, "number 069.", "number 020.")
	without(t, back, "number 070.", "number 019.")
	b.get(pager(back, "prev")).wants(t, http.StatusOK, "number 119.", "number 070.")
}

func TestExportOfWhatIsShown(t *testing.T) {
	w := open(t, nil)
	w.message("acme", func(m *sms.Message) { m.Text = "=HYPERLINK(\"https://evil.example\")" })
	w.message("acme", func(m *sms.Message) { m.Text, m.Sender, m.Campaign = "plain", "Shop", "@SUM(1)" })
	w.message("other", func(m *sms.Message) { m.Text = "of somebody else" })
	got := w.as(sms.RoleViewer).get("/messages/export?number=4567")
	got.wants(t, http.StatusOK)
	if kind, file := got.Header.Get("Content-Type"), got.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || !strings.HasPrefix(file, `attachment; filename="messages-2`) {
		t.Errorf("%q, %q", kind, file)
	}
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, error %v", rows, err)
	}
	last := len(rows[0]) - 1
	if rows[0][last] != "text" || rows[1][last] != "plain" || rows[1][last-1] != "'@SUM(1)" || rows[2][last] != "'=HYPERLINK(\"https://evil.example\")" || rows[1][4] != "+393401234567" {
		t.Errorf("%v", rows)
	}
	w.as(sms.RoleOperator).get("/operator/messages/export?text=somebody").wants(t, http.StatusOK, "account,message_id", "\r\nother,")
	want := []string{"viewer@example.com acme: number given", "operator@example.com all accounts: text given"}
	if lines := w.audited("message export"); strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("the audit log says %q", lines)
	}
}

func TestOneMessage(t *testing.T) {
	w := open(t, nil)
	id := w.message("acme", func(m *sms.Message) {
		m.Text, m.Encoding, m.CallerID, m.Campaign, m.Flash = "</pre><script>alert(1)</script> ’", sms.UCS2, "order 7&8", "spring & summer", true
	})
	page := w.as(sms.RoleViewer).get("/messages/" + id)
	page.wants(t, http.StatusOK, "Message to +393401234567", "Waiting", "&lt;/pre&gt;&lt;script&gt;alert(1)", "stf_live_k1", "from 203.0.113.9", "Unicode (UCS-2)", "33 characters",
		"1 part", "’ (U+2019)", "0.035", id, "order 7&amp;8", "/messages?campaign=spring+%26+summer", "Accepted", "flash")
	without(t, page, "<script>alert", "Cancel the message")
	other := w.message("other", nil)
	for _, path := range []string{"/messages/" + other, "/messages/none", "/operator/messages/" + id} {
		w.as(sms.RoleOwner).get(path).wants(t, http.StatusNotFound)
	}
	w.as(sms.RoleOperator).get("/operator/messages/"+other).wants(t, http.StatusOK, "other", "/operator/messages")
}

func TestOperatorsSeeTheMessagesOfAll(t *testing.T) {
	w := open(t, nil)
	w.message("acme", nil)
	id := w.message("other", func(m *sms.Message) { m.Text = "of another" })
	list := w.as(sms.RoleOperator).get("/operator/messages")
	list.wants(t, http.StatusOK, "acme", "other", "of another", `href="/operator/messages/`+id+`"`, `href="/operator/messages/export"`)
	without(t, list, `href="/messages/`)
	w.as(sms.RoleOwner).get("/operator/messages").wants(t, http.StatusNotFound)
	w.as(sms.RoleOwner).get("/operator/messages/export").wants(t, http.StatusNotFound)
}

func held(m *sms.Message) { m.Due = time.Now().Add(time.Hour).Truncate(time.Millisecond) }

func TestAMessageIsCancelled(t *testing.T) {
	w := open(t, nil)
	id, other := w.message("acme", held), w.message("other", held)
	w.as(sms.RoleViewer).post("/messages/"+id+"/cancel").wants(t, http.StatusForbidden)
	b := w.as(sms.RoleSender)
	b.get("/messages/"+id).wants(t, http.StatusOK, "Cancel the message", "Another date", "Held until")
	b.post("/messages/"+other+"/cancel").wants(t, http.StatusNotFound)
	if done := b.post("/messages/" + id + "/cancel"); done.StatusCode != http.StatusSeeOther || done.Header.Get("Location") != "/messages/"+id {
		t.Fatalf("%d to %q\n%s", done.StatusCode, done.Header.Get("Location"), done.body)
	}
	page := b.get("/messages/" + id)
	page.wants(t, http.StatusOK, "The message is cancelled.", "Withdrawn before it left.")
	without(t, page, "Cancel the message", "Another date")
	b.post("/messages/"+id+"/cancel").wants(t, http.StatusConflict, "can no longer be changed", "Message to")
	if lines := w.audited("message cancel"); len(lines) != 1 || lines[0] != "sender@example.com acme: "+id {
		t.Errorf("the audit log says %q", lines)
	}
}

func TestAMessageGetsAnotherDate(t *testing.T) {
	w := open(t, nil)
	id, gone := w.message("acme", held), w.message("acme", nil)
	b := w.as(sms.RoleSender)
	b.give(zoneCookie, "Europe/Rome")
	for date, says := range map[string]string{"": "is required", "soon": "must be a date and a time", "2199-01-01T00:00": "must be at most one year ahead"} {
		b.post("/messages/"+id+"/reschedule", "date", date).wants(t, http.StatusUnprocessableEntity, says, "Message to")
	}
	at := time.Now().Add(72 * time.Hour).UTC().Truncate(time.Minute)
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	if done := b.post("/messages/"+id+"/reschedule", "date", at.In(rome).Format(localForm)); done.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d\n%s", done.StatusCode, done.body)
	}
	b.get("/messages/"+id).wants(t, http.StatusOK, "The message goes at", `value="`+at.In(rome).Format(localForm)+`"`, "Held until")
	b.post("/messages/"+gone+"/reschedule", "date", at.In(rome).Format(localForm)).wants(t, http.StatusConflict, "can no longer be changed")
	if lines := w.audited("message reschedule"); len(lines) != 1 || lines[0] != "sender@example.com acme: "+id+" to "+at.Format(time.RFC3339) {
		t.Errorf("the audit log says %q", lines)
	}
}

func TestInboundMessages(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleViewer)
	b.get("/inbound").wants(t, http.StatusOK, "Nobody has written yet")
	for number, account := range map[string]string{"48883": "acme", "48884": "other"} {
		if err := w.store.AddNumber(t.Context(), store.Deed{Actor: "test"}, sms.ServiceNumber{Number: number, Account: w.account(account).ID}); err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{"<script>alert(1)</script>", "YES, please"} {
			done := make(chan error, 1)
			w.store.Inbound(sms.Inbound{Carrier: 1, Source: fmt.Sprintf("+3934012345%d%d", i, i), Destination: number, Octets: []byte(text), At: time.Now()}, func(err error) { done <- err })
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	}
	list := b.get("/inbound")
	list.wants(t, http.StatusOK, "+393401234500", "YES, please", "48883", "&lt;script&gt;")
	without(t, list, "<script>alert", "48884")
	found := b.get("/inbound?" + url.Values{"number": {"+39 340 12345 11"}, "text": {"yes"}}.Encode())
	found.wants(t, http.StatusOK, "YES, please")
	without(t, found, "+393401234500")
	part := b.get("/inbound?text=nothing", "Hx-Request", "true")
	part.wants(t, http.StatusOK, "No message fits")
	without(t, part, "<html")
}

// stuck finds nothing until who asks has gone.
type stuck struct {
	Messages
	asked chan struct{}
}

func (s stuck) Search(ctx context.Context, _ sms.AccountID, _ status.Search) (status.Found, error) {
	close(s.asked)
	<-ctx.Done()
	return status.Found{}, ctx.Err()
}

// TestWhoTypesOnIsNoProblem: each letter ends the search of the one before, which is nothing to complain about.
func TestWhoTypesOnIsNoProblem(t *testing.T) {
	messages := stuck{asked: make(chan struct{})}
	w := open(t, func(w *world) { w.parts.Messages = messages })
	b := w.as(sms.RoleViewer)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/messages?text=a", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-messages.asked; cancel() }()
	if answer, err := b.client.Do(r); err == nil {
		answer.Body.Close()
		t.Error("it was answered")
	}
	w.server.Close() // when nobody serves any more
	if log := w.log.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "page=/messages") {
		t.Errorf("the log says:\n%s", log)
	}
}
