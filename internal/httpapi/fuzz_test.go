package httpapi

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/ratelimit"
)

// FuzzSendDoor sends any body. The door never panics and never answers a 5xx; what it lets through is what another
// JSON decoder reads too, and it lets through nothing that the contract forbids.
func FuzzSendDoor(f *testing.F) {
	for _, c := range inputCases {
		if len(c.body) < 4096 {
			f.Add(c.body)
		}
	}
	f.Add(goodBody)
	f.Add(member(`"placeholders":{"a":1.50,"b":true,"c":"\ud83d\ude00"},"validityPeriod":3.6e3,"flash":null,"x":[{"y":"\\u0000"}]`))
	f.Add(member(`"unknown":1e999`))
	w := open(f, nil)
	in := &fakeIntake{}
	door := New(Parts{Authenticator: auth.New(&w.people, secret, auth.Options{}), Limiter: ratelimit.New(nil), Intake: in,
		Status: w.status, Readiness: w.ready, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, text string) {
		in.requests, in.callers = nil, nil
		r := httptest.NewRequest(http.MethodPost, sendPath, strings.NewReader(text))
		r.Header.Set("X-Api-Key", w.value)
		r.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		door.ServeHTTP(recorder, r)
		switch recorder.Code {
		case 200:
			checkAccepted(t, text, in.requests[0])
		case 400, 413:
			checkRefused(t, recorder.Body.Bytes())
		default:
			t.Errorf("%d for %q", recorder.Code, text)
		}
	})
}

func checkRefused(t *testing.T, body []byte) {
	var p problem
	if err := json.Unmarshal(body, &p); err != nil || p.Message == "" || p.Status == 400 && len(p.Errors) == 0 {
		t.Errorf("%v in %s", err, body)
	}
}

func checkAccepted(t *testing.T, text string, got intake.Request) {
	var other map[string]any
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	decoder.UseNumber() // a number that nobody reads may be of any size
	if err := decoder.Decode(&other); err != nil || !utf8.ValidString(text) {
		t.Fatalf("%v in %q, which came in", err, text)
	}
	texts := map[string]string{"destination": got.Destination, "sender": got.Sender, "body": got.Body,
		"campaignId": got.CampaignID, "messageId": got.MessageID, "udhData": got.UDHData, "priority": got.Priority,
		"scheduledDate": got.ScheduledDate}
	for name, value := range texts {
		if want, _ := other[name].(string); want != value || strings.Contains(value, "\x00") {
			t.Errorf("%s is %q, another decoder reads %q", name, value, want)
		}
	}
	flags := map[string]bool{"simulation": got.Simulation, "flash": got.Flash}
	for name, value := range flags {
		if want, _ := other[name].(bool); want != value {
			t.Errorf("%s is %v, another decoder reads %v", name, value, want)
		}
	}
	placeholders, _ := other["placeholders"].(map[string]any)
	if len(placeholders) != len(got.Placeholders) {
		t.Errorf("placeholders %v, another decoder reads %v", got.Placeholders, placeholders)
	}
}

// FuzzLegacyDoor sends any body to the Legacy path. The door never panics and never answers a 5xx; what it lets through
// is what another JSON decoder reads too.
func FuzzLegacyDoor(f *testing.F) {
	for _, c := range legacyFaults {
		f.Add(c.body)
	}
	f.Add(goodCall)
	f.Add(callWith(`"globalId":"g","maxIdLen":3.2e1,"enableUnicode":false,"simulation":true,"x":{"y":[null,1e999]}`))
	f.Add(entryWith(`"ids":["\ud83d\ude00"],"hexBody":true,"udhData":"00","scheduling":"x","placeholders":{"a":1.50,"a":true,"":"\\"}`))
	w := open(f, nil)
	in := &fakeIntake{}
	door := New(Parts{Authenticator: auth.New(&w.people, secret, auth.Options{}), Limiter: ratelimit.New(nil), Intake: in,
		Status: w.status, Readiness: w.ready, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, text string) {
		in.bulks, in.callers = nil, nil
		r := httptest.NewRequest(http.MethodPost, legacyPath, strings.NewReader(text))
		r.Header.Set("X-Api-Key", w.value)
		r.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		door.ServeHTTP(recorder, r)
		var e jsend
		switch recorder.Code {
		case 200:
			checkCall(t, text, in.bulks[0])
		case 400, 413:
			if err := json.Unmarshal(recorder.Body.Bytes(), &e); err != nil || e.Message == "" || e.Code == 0 {
				t.Errorf("%v in %s", err, recorder.Body)
			}
		default:
			t.Errorf("%d for %q", recorder.Code, text)
		}
		if taken := door.crowd.taken.Load(); taken != 0 {
			t.Errorf("%d octets are still taken", taken)
		}
	})
}

func checkCall(t *testing.T, text string, got intake.Bulk) {
	var members map[string]any
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil || !utf8.ValidString(text) {
		t.Fatalf("%v in %q, which came in", err, text)
	}
	if want, _ := members["globalId"].(string); want != got.GlobalID {
		t.Errorf("globalId is %q, another decoder reads %q", got.GlobalID, want)
	}
	entries, _ := members["messages"].([]any)
	if len(entries) != len(got.Entries) {
		t.Fatalf("%d entries, another decoder reads %d", len(got.Entries), len(entries))
	}
	for i, e := range got.Entries {
		want, _ := entries[i].(map[string]any)
		destinations, _ := want["destinations"].([]any)
		if body, _ := want["body"].(string); body != e.Body || len(destinations) != len(e.Destinations) {
			t.Errorf("entry %+v, another decoder reads %v", e, want)
		}
		for n, to := range e.Destinations {
			if to != destinations[n] || strings.Contains(to, "\x00") {
				t.Errorf("destination %q, another decoder reads %q", to, destinations[n])
			}
		}
	}
}
