package console

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// counted counts what a server reads of a body.
type counted struct {
	from io.Reader
	read int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += n
	return n, err
}

// Who has not signed in makes the server keep little of what they send.
func TestStrangersSendLittle(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("root@example.com", "", sms.RoleOperator)
	for _, r := range routes {
		if r.needs != anyone || r.method != http.MethodPost {
			continue
		}
		for kind, head := range map[string]string{"application/x-www-form-urlencoded": "email=",
			"multipart/form-data; boundary=x": "--x\r\nContent-Disposition: form-data; name=email\r\n\r\n"} {
			body := &counted{from: io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat("a", 8<<20)))}
			q, err := http.NewRequestWithContext(t.Context(), r.method, "https://console.example"+r.path, body)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Content-Type", kind)
			f.console.ServeHTTP(discarded{http.Header{}}, q)
			if body.read > 256<<10 {
				t.Errorf("%s %s: %d octets of a stranger were read (%s)", r.method, r.path, body.read, kind)
			}
		}
	}
}

// discarded is an answer that nobody reads.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d discarded) WriteHeader(int)             {}

// A long list of recipients is refused for its length, soon: it keeps no processor busy.
func TestManyRecipientsAreRefusedSoon(t *testing.T) {
	_, b := sending(t)
	var list strings.Builder
	for i := range 60_000 { // fewer octets than a form may have
		fmt.Fprintf(&list, "a%d,", i)
	}
	began := time.Now()
	b.post("/send/preview", "sender", "ACME", "body", "Hello", "recipients", list.String()).wants(t, http.StatusOK, "has 60000 numbers")
	took := time.Since(began)
	if took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// What a form or a path names of another account, or of another person, is not found.
func TestWhatBelongsToOthersIsNotFound(t *testing.T) {
	f := openFolk(t, people.Parts{})
	f.person("olga@example.com", "acme", sms.RoleOwner)
	f.person("eve@example.com", "acme", sms.RoleOwner)
	olga, first, eve := f.in("olga@example.com"), f.in("eve@example.com"), f.in("eve@example.com")
	theirs := f.message("other", held)
	olga.post("/messages/"+theirs+"/reschedule", "date", "2031-02-03T07:45").wants(t, http.StatusNotFound)
	found := sessionOnPage.FindStringSubmatch(eve.get("/me").body)
	if found == nil {
		t.Fatal("no session on the page")
	}
	olga.post("/me/sessions/revoke", "id", found[1]).wants(t, http.StatusNotFound)
	first.get("/me").wants(t, http.StatusOK)
}

var sessionOnPage = regexp.MustCompile(`name="id" value="([0-9a-f]{64})"`)

// A page that lists people shows its reader no step around their own password.
func TestOwnPageOffersNoWayRoundThePassword(t *testing.T) {
	f := openFolk(t, people.Parts{})
	olga := f.person("olga@example.com", "acme", sms.RoleOwner)
	b := f.in("olga@example.com")
	b.get(pathOf(accountPeople, olga, "")).lacks(t, pathOf(accountPeople, olga, "link"), pathOf(accountPeople, olga, "two-factor-off"))
	b.post(pathOf(accountPeople, olga, "link")).wants(t, http.StatusConflict)
	b.post(pathOf(accountPeople, olga, "two-factor-off")).wants(t, http.StatusConflict)
}
