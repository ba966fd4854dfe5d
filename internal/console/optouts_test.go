package console

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestOptOutsAreAddedFoundAndRemoved(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/opt-outs").wants(t, http.StatusOK, "Nobody has opted out")
	b.redirects(b.post("/settings/opt-outs", "number", "+393401234567"), "/settings/opt-outs", "+393401234567 gets no more messages.")
	s.audit("opt-out add", "+393401234567, all senders")
	b.redirects(b.post("/settings/opt-outs", "number", "+393401234567"), "/settings/opt-outs", "had opted out already")
	b.redirects(b.post("/settings/opt-outs", "number", "+393409999999", "sender", "MyShop"), "/settings/opt-outs", "myshop")
	b.post("/settings/opt-outs", "number", "many").wants(t, http.StatusUnprocessableEntity, `value="many"`)
	found := b.get("/settings/opt-outs?sender=MyShop")
	found.wants(t, http.StatusOK, "+393409999999", "console")
	without(t, found, "+393401234567</th>")
	b.get("/settings/opt-outs?number=%2B393400000000").wants(t, http.StatusOK, "Nobody here")
	b.get("/settings/opt-outs?number=many").wants(t, http.StatusUnprocessableEntity, "+393401234567")
	b.redirects(b.post("/settings/opt-outs/remove", "number", "+393401234567", "sender", ""), "/settings/opt-outs", "can get messages again")
	s.audit("opt-out remove", "+393401234567, all senders")
	b.post("/settings/opt-outs/remove", "number", "+393401234567", "sender", "").wants(t, http.StatusNotFound)
}

func TestOptOutsOfOthers(t *testing.T) {
	s := openSettings(t)
	if _, _, err := optout.New(s.store).Add(t.Context(), optout.By{Actor: "test"}, s.world.account("other"), "+393401234567", ""); err != nil {
		t.Fatal(err)
	}
	b := s.as(sms.RoleOwner)
	without(t, b.get("/settings/opt-outs"), "+393401234567</th>")
	b.post("/settings/opt-outs/remove", "number", "+393401234567", "sender", "").wants(t, http.StatusNotFound)
	without(t, b.get("/settings/opt-outs/export"), "+393401234567")
}

// upload sends a file from a page of the console.
func (b *browser) upload(path, name, content string) answer {
	t := b.w.t
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.w.server.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", b.w.server.URL)
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return answer{response, text.String()}
}

func TestOptOutsAreImportedAndExported(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleSender)
	b.redirects(b.upload("/settings/opt-outs/import", "list.csv", "number,sender\n+393401234567,\n+393401234568,MyShop\n"), "/settings/opt-outs", "Imported: 2 new, 0 known already.")
	if lines := s.audited("opt-out import"); len(lines) != 1 || lines[0] != "sender@example.com acme: 2 lines" {
		t.Errorf("audit %q", lines)
	}
	b.upload("/settings/opt-outs/import", "list.csv", "+393401234567\nnobody\n").wants(t, http.StatusOK, "Some lines could not be read", "All others are imported")
	b.upload("/settings/opt-outs/import", "", "").wants(t, http.StatusUnprocessableEntity, "Choose a CSV file.")
	b.post("/settings/opt-outs/import").wants(t, http.StatusUnprocessableEntity, "Choose a CSV file.")
	file := s.as(sms.RoleViewer).get("/settings/opt-outs/export")
	file.wants(t, http.StatusOK, "number,sender,source,created_at\r\n+393401234567,,import,", "+393401234568,myshop,")
	if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="opt-outs-2`) {
		t.Errorf("the file is called %q", got)
	}
}

func TestWordsAndAnswers(t *testing.T) {
	s := openSettings(t)
	b := s.as(sms.RoleOwner)
	b.get("/settings/opt-outs/words").wants(t, http.StatusOK, "UNSUBSCRIBE", "Nothing is answered")
	b.redirects(b.post("/settings/opt-outs/words", "word", "Basta!", "action", "stop", "language", "it"), "/settings/opt-outs/words", "BASTA")
	s.audit("opt-out word", `BASTA at "": stop it`)
	b.post("/settings/opt-outs/words", "word", "!!", "action", "stop").wants(t, http.StatusUnprocessableEntity, "must have letters or digits")
	b.redirects(b.post("/settings/opt-outs/replies", "reply-action", "stop", "reply-language", "it", "text", "Non riceverai altri messaggi."), "/settings/opt-outs/words", "Non riceverai altri messaggi.")
	s.audit("opt-out reply", "stop it: Non riceverai")
	b.post("/settings/opt-outs/replies", "reply-action", "odd", "text", "x").wants(t, http.StatusUnprocessableEntity, "must be stop, start or help")
	b.redirects(b.post("/settings/opt-outs/replies", "reply-action", "stop", "reply-language", "it", "text", ""), "/settings/opt-outs/words", "The answer is removed.")
	b.redirects(b.post("/settings/opt-outs/words", "word", "BASTA", "action", ""), "/settings/opt-outs/words", "The word")
	viewer := s.as(sms.RoleViewer).get("/settings/opt-outs/words")
	without(t, viewer, "Set a word")
}

func TestSendersInWords(t *testing.T) {
	s := openSettings(t)
	do := s.admin.Local("test")
	b := s.as(sms.RoleViewer)
	b.get("/settings/senders").wants(t, http.StatusOK, "Any sender may be used", "There are no rules")
	if _, err := admin.AddSender.Do(t.Context(), do, admin.ListedSender{Account: "acme", Sender: "MyShop", Countries: []string{"IT"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.AddSender.Do(t.Context(), do, admin.ListedSender{Account: "other", Sender: "Theirs"}); err != nil {
		t.Fatal(err)
	}
	for country, rule := range map[string]sms.SenderRuleKind{"IT": sms.Registered, "DE": sms.Registered, "US": sms.NumericOnly} {
		if _, err := admin.SetSenderRule.Do(t.Context(), do, admin.SenderRule{Country: country, Rule: rule, Note: "handbook"}); err != nil {
			t.Fatal(err)
		}
	}
	page := b.get("/settings/senders")
	page.wants(t, http.StatusOK, "myshop", "of this account these are: myshop", "none of this account&#39;s is", "Numbers only", "handbook")
	without(t, page, "theirs")
	if _, err := admin.SetAccount.Do(t.Context(), do, admin.SetRequest{Account: "acme", Pairs: []string{"senders=listed"}}); err != nil {
		t.Fatal(err)
	}
	b.get("/settings/senders").wants(t, http.StatusOK, "Only senders on this list may be used")
}
