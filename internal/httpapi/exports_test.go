package httpapi

import (
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/export"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

const (
	historyPath = "/api/partner-gateway/v1/messages/history"
	exportsPath = "/api/partner-gateway/v1/exports"
)

// exported is a platform that makes exports.
func openExported(t *testing.T) *platform {
	t.Helper()
	p := openPlatform(t)
	ids := sms.NewPublicIDs(secret)
	known := directory.New(p.store)
	if err := known.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	messages := status.New(p.store, ids)
	maker := export.NewMaker(p.store, messages, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	ctx := t.Context()
	go func() { done <- maker.Run(ctx) }()
	t.Cleanup(func() { <-done })
	parts := p.door.parts
	parts.Status, parts.Exports = messages, export.New(p.store, known, ids, secret, maker.Wake)
	parts.Log = slog.New(slog.NewTextHandler(p.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p.door = New(parts)
	p.server.Config.Handler = p.door
	return p
}

func (p *platform) object(a answer, into any) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		p.t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

func TestHistory(t *testing.T) {
	p := openExported(t)
	demo := p.accountID("demo")
	for _, id := range []string{"a", "b", "c", "d"} {
		p.keep(demo, id, 0)
	}
	p.keep(p.accountID("others"), "x", 0)
	span := "?channel=SMS&from=" + url.QueryEscape(time.Now().Add(-time.Hour).Format(time.RFC3339)) + "&to=" + url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339))
	names := func(a answer) (text string) {
		var page []struct{ CustomerMessageID string }
		p.object(a, &page)
		for _, one := range page {
			text += one.CustomerMessageID
		}
		return text
	}
	for query, want := range map[string]string{"": "dcba", "&limit=2": "dc", "&limit=2&page=1": "ba", "&limit=2&page=2": "", "&limit=3&page=1": "a",
		"&status=SENT": "dcba", "&status=SENT&limit=1&page=2": "b", "&status=DELIVERED": "", "&status=RECEIVED": ""} {
		a := p.ask(http.MethodGet, historyPath+span+query, "")
		if a.status != 200 || names(a) != want {
			t.Errorf("%s: %d %s, want %s", query, a.status, a.body, want)
		}
	}
	told := ""
	for next := historyPath + span + "&limit=1"; next != ""; {
		a := p.ask(http.MethodGet, next, "")
		told += names(a)
		link := a.header.Get("Link")
		next, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if told == "dc" {
			p.keep(demo, "e", 0) // does not move what follows
		}
	}
	if told != "dcba" {
		t.Errorf("by cursor: %s", told)
	}
	for _, query := range []string{"?channel=SMS", "?channel=SMS&from=2031-02-03&to=2031-02-03", "?channel=SMS&from=2031-02-03T00:00:00&to=2031-02-03T00:00:00Z",
		strings.Replace(span, "SMS", "FAX", 1), span + "&limit=0", span + "&limit=1001", span + "&page=-1", span + "&page=x", span + "&status=LOST",
		span + "&cursor=x", span + "&page=9223372036854775807", span + "&page=5001"} {
		if a := p.ask(http.MethodGet, historyPath+query, ""); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	for _, query := range []string{strings.Replace(span, "SMS", "RCS", 1), "?channel=SMS&from=2031-02-03T00:00:00Z&to=2030-02-03T00:00:00+01:00"} {
		if a := p.ask(http.MethodGet, historyPath+query, ""); a.status != 200 || a.body != "[]" {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

// exported waits until an export is complete, and answers its row of the list.
func (p *platform) exported(id string) string {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		a := p.ask(http.MethodGet, exportsPath, "")
		if strings.Contains(a.body, `"exportId":"`+id+`","type":"MESSAGE_HISTORY","status":"COMPLETED","isAvailableForDownload":true`) {
			return a.body
		}
	}
	p.t.Fatal("the export is not complete")
	return ""
}

func TestExports(t *testing.T) {
	p := openExported(t)
	demo := p.accountID("demo")
	for _, id := range []string{"a", "b", "c"} {
		p.keep(demo, id, 0)
	}
	a := p.ask(http.MethodPost, historyPath+"/export", `{"startDateTime":"2026-01-01T00:00:00+01:00","endDateTime":"2089-01-01T00:00:00Z","channel":"SMS"}`)
	var made struct{ ExportID string }
	if p.object(a, &made); a.status != 202 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if list := p.exported(made.ExportID); !strings.Contains(list, `"rows":3`) {
		t.Errorf("%s", list)
	}
	one := exportsPath + "/" + made.ExportID
	var link struct {
		URL       string
		ExpiresAt time.Time
	}
	a = p.ask(http.MethodGet, one, "")
	if p.object(a, &link); a.status != 200 || !strings.HasPrefix(link.URL, p.server.URL+one+"/download?") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	target := strings.TrimPrefix(link.URL, p.server.URL)
	without := []string{"X-Api-Key", ""}
	a = p.do(p.request(http.MethodGet, target, "", without...))
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != 4 || a.status != 200 || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d %q, error %v", a.status, a.body, err)
	}
	part := p.do(p.request(http.MethodGet, target, "", append(without, "Range", "bytes=100-", "If-Range", a.header.Get("Etag"))...))
	if part.status != 206 || part.body != a.body[100:] {
		t.Errorf("%d %q", part.status, part.body)
	}
	query, _ := url.ParseQuery(strings.SplitN(target, "?", 2)[1])
	if logged := p.logged.String(); strings.Contains(logged, query.Get("signature")) || !strings.Contains(logged, "/download") {
		t.Errorf("the log: %s", logged)
	}
	for name, c := range map[string]struct {
		method, target, body string
		want                 int
	}{
		"another signature": {http.MethodGet, strings.Replace(target, "signature=", "signature=A", 1), "", 403},
		"another export":    {http.MethodGet, strings.Replace(target, made.ExportID, "exp_x", 1), "", 403},
		"no query":          {http.MethodGet, one + "/download", "", 403},
		"unknown":           {http.MethodGet, exportsPath + "/exp_x", "", 404},
		"anew":              {http.MethodPost, one, "", 200},
		"unknown anew":      {http.MethodPost, exportsPath + "/exp_x", "", 404},
		"no time":           {http.MethodPost, historyPath + "/export", `{}`, 400},
		"a wrong time":      {http.MethodPost, historyPath + "/export", `{"startDateTime":"2026-01-01","endDateTime":"2026-01-01"}`, 400},
		"no number":         {http.MethodPost, historyPath + "/export", `{"startDateTime":"2026-01-01T00:00:00Z","endDateTime":"2026-01-01T00:00:00Z","recipient":"1"}`, 400},
		"a page":            {http.MethodGet, exportsPath + "?page=1", "", 200},
		"no page":           {http.MethodGet, exportsPath + "?page=x", "", 400},
	} {
		if a := p.ask(c.method, c.target, c.body); a.status != c.want {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, c.want)
		}
	}
}
