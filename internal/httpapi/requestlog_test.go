package httpapi

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

func replaceOnce(text, old, with string) string { return strings.Replace(text, old, with, 1) }

func TestRequestLog(t *testing.T) {
	w := open(t, nil)
	a := w.send(goodBody)
	line := w.logged.String()
	for _, want := range []string{"level=DEBUG", "msg=request", "method=POST", "path=" + sendPath, "status=200", "duration=",
		"account=demo", "request_id=" + a.header.Get("X-Request-Id")} {
		if strings.Count(line, want) != 1 {
			t.Errorf("%q stands %d times in %s", want, strings.Count(line, want), line)
		}
	}
}

// Whatever a client sends and wherever it puts its secrets, the log does not repeat them.
func TestLogHoldsNoSecrets(t *testing.T) {
	w := open(t, nil)
	part := w.value[len("stf_live_")+12:]
	w.intake.accept = func(r *intake.Request) (intake.Answer, error) {
		return intake.Answer{}, &sms.Error{Code: sms.Internal, Cause: io.ErrUnexpectedEOF, Message: "could not store for " + w.value}
	}
	for _, r := range []*http.Request{
		w.request("POST", sendPath, goodBody),
		w.request("POST", sendPath+"?apiKey="+w.value+"&password="+password, goodBody),
		w.request("GET", "/api/partner-gateway/v1/authentication/"+w.value, ""),
		w.request("GET", "/"+strings.ToUpper(w.value)+"/"+w.value+"x", ""),
		w.request("GET", "/stf%5Flive_"+w.value[9:]+"?channel=SMS", ""),
		w.request("GET", statusPath+"/"+w.value+"?channel=SMS", "", "X-Api-Key", ""),
		w.request("POST", sendPath, `{"body":"`+part+`"`, "X-Api-Key", "", "Authorization", basic(username, password)),
		w.request("POST", sendPath, `{"`+part+`":1,"`+part+`":2}`),
		w.request("POST", sendPath, goodBody, "Cookie", part, "Idempotency-Key", part, "User-Agent", part, "Referer", part),
	} {
		w.do(r)
	}
	logged := w.logged.String()
	if n := strings.Count(logged, "msg=request"); n != 9 {
		t.Errorf("%d lines", n)
	}
	for _, word := range []string{part, strings.ToUpper(part), password, basic(username, password)[6:], "Hello", "apiKey"} {
		if strings.Contains(logged, word) {
			t.Errorf("%q is in the log:\n%s", word, logged)
		}
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"stf_live":                "stf_live",
		"/a/b":                    "/a/b",
		"/x/stf_live_abc_DEF09/y": "/x/stf_live_[redacted]/y",
		"stf_live_a stf_live_b":   "stf_live_[redacted] stf_live_[redacted]",
		"STF_Live_secret":         "stf_live_[redacted]",
		"İİİ stf_live_é":          "İİİ stf_live_[redacted]é",
		"\xff\xfestf_live_0\xff":  "\xff\xfestf_live_[redacted]\xff",
		strings.Repeat("é", 101):  strings.Repeat("é", 100) + "…",
	} {
		if got := redact(text); !strings.EqualFold(got, want) {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Above debug level a request writes nothing.
func TestRequestLogIsQuiet(t *testing.T) {
	w := open(t, nil)
	w.door.parts.Log = slog.New(slog.NewTextHandler(w.logged, nil))
	w.send(goodBody)
	w.send("{")
	w.send(goodBody, "X-Api-Key", "")
	if w.logged.String() != "" {
		t.Errorf("log: %s", w.logged)
	}
}
