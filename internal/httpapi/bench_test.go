package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/ratelimit"
	"github.com/staffetta/staffetta/internal/sms"
)

// instantIntake costs nothing, so that the door alone is measured.
type instantIntake struct{ fakeIntake }

func (*instantIntake) Accept(context.Context, auth.Caller, string, *intake.Request) (intake.Answer, error) {
	return intake.Answer{MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", Accepted: true, Parts: 1}, nil
}

// discard is a ResponseWriter that keeps its header map, as net/http does not.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header            { return d.header }
func (d *discard) Write(data []byte) (int, error) { return len(data), nil }
func (d *discard) WriteHeader(int)                {}

// BenchmarkSend is one send through the whole door: key, limit, JSON, answer. No network, no store.
func BenchmarkSend(b *testing.B) {
	for name, plan := range map[string]sms.Plan{"unlimited": {}, "limited": {PerMinute: 1 << 40}} {
		b.Run(name, func(b *testing.B) { benchmarkSend(b, plan) })
	}
}

func benchmarkSend(b *testing.B, plan sms.Plan) {
	w := open(b, func(w *world) { w.account().Plan = plan })
	door := New(Parts{Authenticator: auth.New(&w.people, secret, auth.Options{}), Limiter: ratelimit.New(nil),
		Intake: &instantIntake{}, Status: w.status, Readiness: w.ready, Log: slog.New(slog.DiscardHandler)})
	r := httptest.NewRequest(http.MethodPost, sendPath, nil)
	r.Header.Set("X-Api-Key", w.value)
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(goodBody))
	body := strings.NewReader(goodBody)
	r.Body = io.NopCloser(body)
	recorder := &discard{make(http.Header)}
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(goodBody)
		clear(recorder.header)
		door.ServeHTTP(recorder, r)
	}
}

// BenchmarkDecode is the JSON of a send alone.
func BenchmarkDecode(b *testing.B) {
	for name, text := range map[string]string{"short": goodBody, "long": member(`"messageId":"reminder-2031-02-14-anna","campaignId":"reminders",` +
		`"placeholders":{"name":"Anna","day":14},"scheduledDate":"2031-02-13 09:00:00.000+0100","validityPeriod":3600,"priority":"high","later":{"x":[1,2,3]}`)} {
		b.Run(name, func(b *testing.B) {
			body := strings.NewReader(text)
			r := httptest.NewRequest(http.MethodPost, sendPath, nil)
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength, r.Body = int64(len(text)), io.NopCloser(body)
			c := &call{r: r}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				body.Reset(text)
				if _, err := decodeSend(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
