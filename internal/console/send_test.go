package console

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

// sending is a world whose account can send, and somebody who may.
func sending(t *testing.T) (*world, *browser) {
	t.Helper()
	w := open(t, func(w *world) {
		w.parts.TestNumbers = func() []TestNumber { return []TestNumber{{"+393401234501", "undeliverable"}} }
	})
	operator := w.admin.Local("test")
	if _, err := admin.AddCarrier.Do(t.Context(), operator, admin.CarrierRequest{Name: "practice", Default: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.SetPrice.Do(t.Context(), operator, admin.Price{Prefix: "39", Price: 35_000}); err != nil {
		t.Fatal(err)
	}
	return w, w.as(sms.RoleSender)
}

// formKey is the name of the form on a page.
func formKey(t *testing.T, a answer) string {
	t.Helper()
	found := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no key in\n%s", a.body)
	}
	return found[1]
}

// shown is the words of a page, without its tags.
func (a answer) shown() string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(a.body, " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

func (a answer) says(t *testing.T, texts ...string) {
	t.Helper()
	shown := a.shown()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			t.Errorf("%s does not say %q:\n%s", a.Request.URL.Path, text, shown)
		}
	}
}

var followed = regexp.MustCompile(`href="/messages/([^"]+)"`)

// messages are those that a page leads to.
func (w *world) messages(a answer) (all []*sms.Message) {
	w.t.Helper()
	ids := sms.NewPublicIDs(secret)
	for _, found := range followed.FindAllStringSubmatch(a.body, -1) {
		id, ok := ids.Parse(found[1])
		if !ok {
			w.t.Fatalf("%q is no id", found[1])
		}
		record, err := w.store.Message(w.t.Context(), id)
		if err != nil || record == nil {
			w.t.Fatalf("message %s: %v", found[1], err)
		}
		all = append(all, record.Message)
	}
	return all
}

func TestSend(t *testing.T) {
	w, b := sending(t)
	page := b.get("/send?to=%2B393401234567")
	page.wants(t, 200, ">+393401234567</textarea>", "+393401234501", "hx-post=\"/send/preview\"")
	a := b.post("/send", "do", "send", "key", formKey(t, page), "sender", "MyCompany", "recipients", "+39 340 1234567, 393401234568;\r\n+39 (340) 123.45.67",
		"body", "Hello {name},\r\nbye", "value:name", "Ann", "campaign", "spring", "priority", "high", "flash", "1")
	a.wants(t, 200)
	a.says(t, "2 messages are accepted", "+393401234567 Accepted 1 Follow", "+393401234568 Accepted")
	sent := w.messages(a)
	if len(sent) != 2 {
		t.Fatalf("%d messages", len(sent))
	}
	m := sent[0]
	if m.Text != "Hello Ann,\nbye" || m.Campaign != "spring" || m.Priority != sms.High || !m.Flash || m.Account != w.account("acme").ID {
		t.Errorf("%+v", m)
	}
	if m.Origin.Door != "console" || m.Origin.Credential != "sender@example.com" || m.Origin.Address != "127.0.0.1" {
		t.Errorf("origin %+v", m.Origin)
	}
}

func TestSend_twice(t *testing.T) {
	w, b := sending(t)
	form := []string{"do", "send", "key", formKey(t, b.get("/send")), "sender", "MyCompany", "recipients", "+393401234567", "body", "Hello"}
	first := b.post("/send", form...)
	second := b.post("/send", form...)
	second.says(t, "Sent before", "it sent then was not sent again")
	if one, two := w.messages(first), w.messages(second); len(one) != 1 || len(two) != 1 || one[0].ID != two[0].ID {
		t.Errorf("%v, %v", one, two)
	}
	other := append(form[:len(form)-1:len(form)-1], "Hello again") // the back button, and another text
	if m := w.messages(b.post("/send", other...)); len(m) != 1 || m[0].Text != "Hello again" {
		t.Errorf("%+v", m)
	}
}

func TestSend_refusals(t *testing.T) {
	w, b := sending(t)
	if _, err := admin.AddOptOut.Do(t.Context(), w.admin.Local("test"), admin.OptOutRequest{Account: "acme", Number: "+393401234568"}); err != nil {
		t.Fatal(err)
	}
	form := []string{"do", "send", "sender", "MyCompany", "recipients", "+393401234567 \n +393401234568", "body", "Hello", "key", "k"}
	b.post("/send/preview", form...).says(t, "1 of 2 would be refused: the recipient wants no messages (opt-out): +393401234568", "Price 0.035 €")
	a := b.post("/send", form...)
	a.says(t, "1 of 2 messages are accepted", "Refused the recipient wants no messages (opt-out)")
	a = b.post("/send", "do", "send", "sender", "MyCompany", "recipients", "+393401234567", "body", strings.Repeat("a", 2000), "key", "k")
	a.says(t, "Nothing was sent", "the text has more parts than the account may send")
}

func TestSend_mistakes(t *testing.T) {
	w, b := sending(t)
	var many strings.Builder
	for i := range 101 {
		fmt.Fprintf(&many, "+3934012%05d\n", i)
	}
	good := map[string]string{"do": "send", "key": "k", "sender": "MyCompany", "recipients": "+393401234567", "body": "Hello"}
	for _, test := range []struct{ field, value, field2, says string }{
		{"sender", "", "sender", "is required: 1 to 11 letters"},
		{"sender", "much too long a sender", "sender", ""},
		{"body", "", "body", "is required and must not be empty"},
		{"recipients", " ,", "recipients", "is required: an E.164 number"},
		{"recipients", "nobody", "recipients", "“nobody” is no number"},
		{"recipients", many.String(), "recipients", "has 101 numbers; this page takes 100"},
		{"when", "tomorrow", "when", "must be a date and a time"},
		{"when", "2001-01-01T12:00", "when", "less than 24 hours in the past"},
		{"campaign", strings.Repeat("c", 256), "campaign", "must be at most 255 characters"},
	} {
		form := []string{test.field, test.value}
		for name, value := range good {
			if name != test.field {
				form = append(form, name, value)
			}
		}
		a := b.post("/send", form...)
		a.wants(t, 422, `id="`+test.field2+`-error"`)
		a.says(t, test.says)
		if test.field != "body" && !strings.Contains(a.body, ">Hello</textarea>") {
			t.Errorf("%s: what was written is gone", test.field)
		}
	}
	if balance, err := w.store.Balance(t.Context(), w.account("acme").ID); err != nil || balance.Reserved != 0 {
		t.Errorf("%+v, %v", balance, err)
	}
}

func TestSend_later(t *testing.T) {
	w, b := sending(t)
	b.give(zoneCookie, "Asia/Tokyo")
	b.get("/send").says(t, "Time zone: Asia/Tokyo")
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(48 * time.Hour).In(tokyo).Truncate(time.Minute)
	a := b.post("/send", "do", "send", "key", "k", "sender", "MyCompany", "recipients", "+393401234567", "body", "Hello", "when", at.Format("2006-01-02T15:04"))
	a.says(t, "Scheduled", "They leave at "+at.Format("2 Jan 2006")+" "+at.Format("15:04:05"))
	if m := w.messages(a); len(m) != 1 || !m[0].Due.Equal(at) {
		t.Errorf("%v, want %v", m, at)
	}
}

func TestSendPreview(t *testing.T) {
	_, b := sending(t)
	preview := func(values ...string) answer {
		a := b.post("/send/preview", values...)
		a.wants(t, 200, `id="preview"`)
		if strings.Contains(a.body, "<html") {
			t.Error("a whole page is answered")
		}
		return a
	}
	a := preview("sender", "MyCompany", "recipients", "+393401234567\n+393401234568", "body", strings.Repeat("a", 159)+"€")
	a.says(t, "Characters 161 of 306 160 as written: some count twice", "Encoding GSM-7", "Parts 2", "Recipients 2", "Price 0.14 € 100.00 € available", "Route practice", "Part 2 of 2")
	a = preview("body", "Gentile {name}, l’ordine\u00A0è 😀", "value:name", "“Ann”")
	a.says(t, "Encoding Unicode", "’ U+2019, character 18 → '", "U+00A0, character 25 → a space", "“ U+201C, character 1 of {name} → \"", "😀 U+1F600, character 28 nothing is near", "Replace all")
	a.wants(t, 200, "<p>Gentile <mark>“</mark>Ann<mark>”</mark>, l<mark>’</mark>ordine")
	a = preview("body", "Hello {name} and {other}", "value:name", "Ann")
	a.wants(t, 200, `hx-swap-oob="true"`, `name="value:other"`)
	a.says(t, "{other} has no value yet.")
	if a = preview("body", "Hello {name}!", "value:name", ""); strings.Contains(a.body, "hx-swap-oob") {
		t.Error("fields that are there already are replaced while somebody types")
	}
	preview().says(t, "The text appears here.", "Characters 0 of 160")
	preview("body", "x", "recipients", "nobody").says(t, "Recipients: “nobody” is no number")
}

func TestSend_withoutScript(t *testing.T) {
	_, b := sending(t)
	form := []string{"key", "the-key", "sender", "MyCompany", "recipients", "+393401234567", "body", "l’ordine {na’me}", "value:na’me", "“Ann”"}
	a := b.post("/send", append(form, "do", "replace")...)
	a.wants(t, 200, ">l&#39;ordine {na’me}</textarea>", `value="the-key"`, "autofocus")
	a.says(t, "Encoding GSM-7", "l'ordine \"Ann\"")
	a = b.post("/send", append(form, "do", "add +393401234501")...)
	a.wants(t, 200, ">+393401234567\n+393401234501</textarea>")
	a = b.post("/send", append(form, "do", "preview")...)
	a.wants(t, 200, ">l’ordine {na’me}</textarea>")
	a.says(t, "What forces Unicode")
	if b.get("/send").StatusCode != 200 || strings.Contains(a.body, "is required") {
		t.Error("a preview asks for what is not written yet")
	}
}

func TestSend_suspended(t *testing.T) {
	w, b := sending(t)
	if _, err := admin.SuspendAccount.Do(t.Context(), w.admin.Local("test"), admin.Named{Account: "acme"}); err != nil {
		t.Fatal(err)
	}
	b.post("/send", "do", "send", "key", "k", "sender", "MyCompany", "recipients", "+393401234567", "body", "Hello").wants(t, 403, "the account is suspended")
}

func TestSend_viewerMayNot(t *testing.T) {
	w, _ := sending(t)
	viewer := w.as(sms.RoleViewer)
	viewer.get("/send").wants(t, 403)
	viewer.post("/send", "do", "send", "key", "k", "sender", "MyCompany", "recipients", "+393401234567", "body", "Hello").wants(t, 403)
	viewer.post("/send/preview", "body", "x").wants(t, 403)
}

func TestSend_italian(t *testing.T) {
	_, b := sending(t)
	b.give(languageCookie, "it")
	b.get("/send").says(t, "Un testo a uno o più destinatari", "non consegnabile")
	b.post("/send", "do", "send", "key", "k", "sender", "", "recipients", "+393401234567", "body", "").says(t, "è obbligatorio: da 1 a 11 lettere e cifre")
}
