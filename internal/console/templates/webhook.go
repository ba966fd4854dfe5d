package templates

import (
	"strings"
	"time"
)

// HookView is the webhook of an account; never its secret.
type HookView struct {
	URL          string
	Interim      bool
	Created      time.Time
	FailingSince time.Time // zero: the last event came through
	DisabledAt   time.Time // zero: events are sent
	OldUntil     time.Time // the secret before signs too until then; zero: it does not
}

// WebhookView is the page about it.
type WebhookView struct {
	Hook    *HookView // nil: there is none
	URL     string    // of the form
	Interim bool
	Trial   *HookTrialView // a test was just made
	Errors  Errors
}

// HookTrialView is a test event and what came back.
type HookTrialView struct {
	URL      string
	Header   []string
	Body     string
	Status   int
	Response string
	Error    string
	Duration time.Duration
}

// request is what was sent, as it goes over the wire, but for the lines of the body.
func (t HookTrialView) request() string { return strings.Join(t.Header, "\n") + "\n\n" + t.Body }

// SecretView is a secret, which is shown this once.
type SecretView struct {
	Secret, URL string
	Again       bool      // it is a new one
	OldUntil    time.Time // zero: the one before signs no more
}

// EventRow is something that an account was told, or is to be.
type EventRow struct {
	ID        string
	At        time.Time
	What      string // the status of a message, or INBOUND
	MessageID string // of a message that was sent
	Stage     string // WAITING, DELIVERED or FAILED
	Way       string // WEBHOOK, SMPP or CALLBACK
	Attempts  int
	Due       time.Time // when it is tried next; zero: not any more
	Ended     time.Time
}

func (e EventRow) path() string { return "/settings/webhook/events/" + e.ID }

// EventsView is a page of them.
type EventsView struct {
	Status       string // of which stage; empty: any
	Events       []EventRow
	First, Older string

	From, To  string // of the form that has events told again
	Delivered bool
	Errors    Errors
}

// AttemptRow is one attempt to tell an event.
type AttemptRow struct {
	Number   int
	At       time.Time
	Duration time.Duration
	Status   int // of HTTP; 0: no answer came
	Error    string
	Receiver string // of SMPP
	Response string
}

// EventView is one event.
type EventView struct {
	Event    EventRow
	Body     string // empty: what it is about is not kept any more, or it goes another way
	Attempts []AttemptRow
}

func stageOptions(f *Frame) []Option {
	return []Option{{"", f.T("Any")}, {"FAILED", f.T("Failed")}, {"WAITING", f.T("Waiting")}, {"DELIVERED", f.T("Delivered")}}
}

// VerifySnippets hold a request against its signature; docs/webhooks.md has the same.
var VerifySnippets = []Program{
	{"Node.js", `const { createHmac, timingSafeEqual } = require("node:crypto");

function verify(secret, headers, body) {
  const id = headers["webhook-id"], timestamp = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const want = createHmac("sha256", key).update(` + "`${id}.${timestamp}.${body}`" + `).digest();
  return headers["webhook-signature"].split(" ").some((signature) => {
    const got = Buffer.from(signature.replace("v1,", ""), "base64");
    return got.length === want.length && timingSafeEqual(got, want);
  });
}`},
	{"Python", `import base64, hashlib, hmac, time

def verify(secret, headers, body: bytes):
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    want = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    want = "v1," + base64.b64encode(want).decode()
    return any(hmac.compare_digest(want, got) for got in headers["webhook-signature"].split(" "))`},
	{"PHP", `function verify(string $secret, array $headers, string $body): bool {
    $id = $headers['webhook-id'];
    $timestamp = $headers['webhook-timestamp'];
    if (abs(time() - (int) $timestamp) > 300) return false;
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $want = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $got) {
        if (hash_equals($want, $got)) return true;
    }
    return false;
}`},
	{"Go", `func verify(secret string, header http.Header, body []byte) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for got := range strings.SplitSeq(header.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(got), []byte(want)) {
			return true
		}
	}
	return false
}`},
}
