package httpapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

const optOutPath = optOutRoute

type shownOptOut struct {
	Number, Source string
	Sender         *string
	Allowed        bool
	CreatedAt      *string
}

func TestLifeOfAnOptOut(t *testing.T) {
	p := openPlatform(t)
	made := decodeTo[shownOptOut](t, p.ask("POST", optOutPath, `{"number":"0039 340 1234567","sender":"MyCompany","more":1}`), 201)
	if made.Number != "+393401234567" || *made.Sender != "mycompany" || made.Source != "api" || made.CreatedAt == nil {
		t.Errorf("%+v", made)
	}
	again := decodeTo[shownOptOut](t, p.ask("POST", optOutPath, `{"number":"+393401234567","sender":"MYCOMPANY"}`), 200)
	if *again.CreatedAt != *made.CreatedAt {
		t.Errorf("the same again is %+v", again)
	}
	if all := decodeTo[shownOptOut](t, p.ask("POST", optOutPath, `{"number":"+393401234567"}`), 201); all.Sender != nil {
		t.Errorf("of all senders: %+v", all)
	}
	if list := decodeTo[[]shownOptOut](t, p.ask("GET", optOutPath+"?number=+393401234567&sender=mycompany", ""), 200); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	if a := p.ask("DELETE", optOutPath+"?number=%2B393401234567&sender=mycompany", ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	list := decodeTo[[]shownOptOut](t, p.ask("GET", optOutPath, ""), 200)
	if len(list) != 2 || list[0].Sender != nil || list[0].Allowed || !list[1].Allowed {
		t.Errorf("with an exception: %+v", list)
	}
	if a := p.ask("DELETE", optOutPath+"?number=393401234567", ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := p.ask("DELETE", optOutPath+"?number=393401234567", ""); a.status != 404 {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	if a := p.ask("GET", optOutPath, ""); a.body != "[]" {
		t.Errorf("%s", a.body)
	}
}

func TestOptOutsOfWrongForm(t *testing.T) {
	p := openPlatform(t)
	for _, test := range []struct{ method, target, body, field string }{
		{"POST", optOutPath, `{}`, "number"},
		{"POST", optOutPath, `{"number":"12"}`, "number"},
		{"POST", optOutPath, `{"number":7}`, "number"},
		{"POST", optOutPath, `{"number":"+393401234567","sender":"!"}`, "sender"},
		{"DELETE", optOutPath, "", "number"},
		{"GET", optOutPath + "?limit=0", "", "limit"},
		{"GET", optOutPath + "?limit=1001", "", "limit"},
		{"GET", optOutPath + "?cursor=%21", "", "cursor"},
		{"GET", optOutPath + "?number=x", "", "number"},
	} {
		a := p.ask(test.method, test.target, test.body)
		if a.status != 400 || !strings.Contains(a.body, `"field":"`+test.field+`"`) {
			t.Errorf("%s %s %s: %d %s", test.method, test.target, test.body, a.status, a.body)
		}
	}
	if a := p.do(p.request("POST", optOutPath, "+393401234567", "Content-Type", "text/plain")); a.status != 415 {
		t.Errorf("another type: %d %s", a.status, a.body)
	}
}

// CSV comes in as it goes out; a line that cannot be stops no other.
func TestOptOutsAsCSV(t *testing.T) {
	p := openPlatform(t)
	var file strings.Builder
	file.WriteString("\ufeffNumber,Sender\r\n")
	for i := range 2500 {
		fmt.Fprintf(&file, "+%d,\"ACME\"\r\n", 393400000000+i)
	}
	file.WriteString("not a number\r\n\r\n+393400000000\r\n+393400000001,!!\r\n+393400000000,acme,STOP,yesterday\r\n")
	for _, want := range []string{`{"added":2501,"known":0,"failed":3,`, `{"added":0,"known":2501,"failed":3,`} {
		a := p.do(p.request("POST", optOutPath, file.String(), "Content-Type", "text/csv; charset=utf-8"))
		if a.status != 200 || !strings.HasPrefix(a.body, want) || !strings.Contains(a.body, `{"line":2502,"message":"number must be`) ||
			!strings.Contains(a.body, `{"line":2505,"message":"sender must be`) || !strings.Contains(a.body, `{"line":2506,"message":"created_at must be`) {
			t.Errorf("%d %s, want %s", a.status, a.body, want)
		}
	}
	out := p.do(p.request("GET", optOutPath, "", "Accept", "text/csv"))
	lines := strings.Split(strings.TrimSuffix(out.body, "\r\n"), "\r\n")
	if out.status != 200 || len(lines) != 2502 || lines[0] != "number,sender,source,created_at" || !strings.HasPrefix(lines[1], "+393400000000,,import,20") ||
		!strings.HasPrefix(lines[2], "+393400000000,acme,import,") {
		t.Errorf("%d, %d lines: %.200s", out.status, len(lines), out.body)
	}
	if a := p.do(p.request("POST", optOutPath, out.body, "Content-Type", "text/csv")); !strings.HasPrefix(a.body, `{"added":0,"known":2501,"failed":0,`) {
		t.Errorf("what went out comes in as %s", a.body)
	}
	// Pages, each once.
	seen, target := 0, optOutPath+"?limit=1000"
	for target != "" {
		a := p.ask("GET", target, "")
		seen += len(decodeTo[[]shownOptOut](t, a, 200))
		next, _, _ := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
		if _, err := url.Parse(next); err != nil {
			t.Fatal(err)
		}
		target = next
	}
	if seen != 2501 {
		t.Errorf("%d were seen on all pages", seen)
	}
	if a := p.do(p.request("POST", optOutPath, strings.Repeat("1", 5000), "Content-Type", "text/csv")); a.status != 400 {
		t.Errorf("a line without end: %d %s", a.status, a.body)
	}
}

// An account sees only its own.
func TestOptOutsOfAnotherAccount(t *testing.T) {
	p := openPlatform(t)
	if a := p.ask("POST", optOutPath, `{"number":"+393401234567"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	said, err := p.store.Unwanted(t.Context(), []*sms.Message{{Account: 1, Destination: 393401234567}, {Account: p.account(t), Destination: 393401234567}})
	if err != nil || said[0] || !said[1] {
		t.Errorf("unwanted %v, error %v", said, err)
	}
}
