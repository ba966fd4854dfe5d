package lookup

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

const number = sms.Number(393331231234)

// imported are data by hand.
type imported map[sms.Number]*sms.Portability

func (i imported) Portability(_ context.Context, n sms.Number) (*sms.Portability, bool, error) {
	return i[n], len(i) > 0, nil
}

// asked is a provider by hand.
type asked struct {
	times int
	err   error
}

func (a *asked) Lookup(_ context.Context, n sms.Number) (*sms.Portability, error) {
	a.times++
	return &sms.Portability{Number: n, MCC: "222"}, a.err
}

func TestWhoIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := New(imported{}, nil, 0).Lookup(t.Context(), number); !errors.Is(err, ErrNone) {
			t.Errorf("nobody: %v", err)
		}
		data := imported{1: {Number: 1, MCC: "262"}}
		if _, err := New(data, nil, 0).Lookup(t.Context(), number); !errors.Is(err, ErrUnknown) {
			t.Errorf("not among the data: %v", err)
		}
		provider := &asked{}
		s := New(data, provider, time.Hour)
		if p, err := s.Lookup(t.Context(), 1); err != nil || p.MCC != "262" || provider.times != 0 {
			t.Errorf("among the data: %+v, %v", p, err)
		}
		for _, wait := range []time.Duration{0, time.Minute, time.Hour} {
			time.Sleep(wait)
			if p, err := s.Lookup(t.Context(), number); err != nil || p.MCC != "222" {
				t.Errorf("%+v, %v", p, err)
			}
		}
		if provider.times != 2 {
			t.Errorf("asked %d times", provider.times)
		}
		provider.err = errors.New("away")
		if _, err := s.Lookup(t.Context(), number+1); sms.CodeOf(err) != sms.Unavailable {
			t.Errorf("away: %v", err)
		}
		provider.err = ErrUnknown
		if _, err := s.Lookup(t.Context(), number+1); !errors.Is(err, ErrUnknown) {
			t.Errorf("unknown: %v", err)
		}
	})
}

func TestAnswersThatAreKeptAreBounded(t *testing.T) {
	s := New(imported{}, &asked{}, time.Hour)
	for i := range mostKept + 100 {
		if _, err := s.Lookup(t.Context(), sms.Number(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.kept) > mostKept {
		t.Errorf("%d are kept", len(s.kept))
	}
}

func TestHTTP(t *testing.T) {
	var answer atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/393331231234" || r.Header.Get("X-Key") != "the key" {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		answer.Load().(func(http.ResponseWriter))(w)
	}))
	defer server.Close()
	fields, err := ParseFields([]string{"mcc=network.mcc", "ported=is_ported"})
	if err != nil {
		t.Fatal(err)
	}
	h := NewHTTP(HTTP{URL: server.URL + "/v1/{msisdn}", Header: "X-Key", Key: "the key", Fields: fields, Timeout: 200 * time.Millisecond})
	text := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	}
	silent := make(chan struct{})
	defer close(silent) // before the server is closed
	ported := true
	answer.Store(text(200, `{"network":{"mcc":222},"mnc":"10","is_ported":"yes","operator":"North","more":[1]}`))
	got, err := h.Lookup(t.Context(), number)
	want := &sms.Portability{Number: number, MCC: "222", MNC: "10", Ported: &ported, Operator: "North"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"not known":       {text(404, ""), ErrUnknown.Error()},
		"refused":         {text(500, "x"), "answers 500"},
		"moved":           {func(w http.ResponseWriter) { w.Header().Set("Location", "http://127.0.0.1:1/"); w.WriteHeader(302) }, "answers 302"},
		"no JSON":         {text(200, "hello"), "no JSON object"},
		"nothing in it":   {text(200, `{"mcc":"222"}`), "names no network"},
		"far too large":   {text(200, `{"operator":"`+strings.Repeat("x", mostOctets)+`"}`), "no JSON object"},
		"it says nothing": {func(http.ResponseWriter) { <-silent }, "deadline"},
	} {
		t.Run(name, func(t *testing.T) {
			answer.Store(test.answer)
			_, err := h.Lookup(t.Context(), number)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "the key") {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	if _, err := ParseFields([]string{"mccc=x"}); err == nil {
		t.Error("an unknown field is taken")
	}
}
