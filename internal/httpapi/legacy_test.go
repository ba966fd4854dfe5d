package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	legacyPath = "/api/services/sms/send"
	goodEntry  = `{"destinations":["+393401234567"],"sender":"MyCompany","body":"Hello world"}`
	goodCall   = `{"messages":[` + goodEntry + `]}`
)

// legacy sends a call.
func (w *world) legacy(body string, headers ...string) answer {
	w.t.Helper()
	return w.do(w.request(http.MethodPost, legacyPath, body, headers...))
}

// with adds members to the call, entry to its only entry.
func callWith(members string) string { return strings.TrimSuffix(goodCall, "}") + "," + members + "}" }
func entryWith(members string) string {
	return `{"messages":[` + strings.TrimSuffix(goodEntry, "}") + "," + members + "}]}"
}

// TestLegacyMembers holds what intake gets against what was sent.
func TestLegacyMembers(t *testing.T) {
	entry := func(change func(*intake.BulkEntry)) intake.Bulk {
		e := intake.BulkEntry{Destinations: []string{"+393401234567"}, Sender: "MyCompany", Body: "Hello world"}
		change(&e)
		return intake.Bulk{Entries: []intake.BulkEntry{e}}
	}
	call := func(change func(*intake.Bulk)) intake.Bulk {
		b := entry(func(*intake.BulkEntry) {})
		change(&b)
		return b
	}
	for name, c := range map[string]struct {
		body string
		want intake.Bulk
	}{
		"required": {goodCall, call(func(*intake.Bulk) {})},
		"all of a call": {callWith(`"globalId":"g","maxIdLen":32,"enableConcatenated":false,"enableUnicode":false,"enableDelivery":false,"simulation":true,"skipRcsOverride":true`),
			call(func(b *intake.Bulk) {
				b.GlobalID, b.MaxIDLen, b.OnePart, b.GSMOnly, b.Silent, b.Simulation = "g", pointer(int64(32)), true, true, true, true
			})},
		"defaults, spoken": {callWith(`"enableConcatenated":true,"enableUnicode":true,"enableDelivery":true,"simulation":false,"skipRcsOverride":false`), call(func(*intake.Bulk) {})},
		"null is absent": {callWith(`"globalId":null,"maxIdLen":null,"enableConcatenated":null,"enableUnicode":null,"enableDelivery":null,"simulation":null,"skipRcsOverride":null`),
			call(func(*intake.Bulk) {})},
		"all of an entry": {entryWith(`"ids":["m-1"],"hexBody":true,"udhData":"050003","scheduling":"tomorrow","placeholders":{"a":"x","b":1.50,"c":true,"a":"\u00e9"}`),
			entry(func(e *intake.BulkEntry) {
				e.IDs, e.HexBody, e.UDHData, e.Scheduling = []string{"m-1"}, true, "050003", "tomorrow"
				e.Placeholders = []intake.Placeholder{{Key: "a", Value: "x"}, {Key: "b", Value: "1.50"}, {Key: "c", Value: "true"}, {Key: "a", Value: "é"}}
			})},
		"null in an entry": {entryWith(`"ids":null,"hexBody":null,"udhData":null,"scheduling":null,"placeholders":null`), entry(func(*intake.BulkEntry) {})},
		"no ids of some":   {entryWith(`"ids":[null,""]`), entry(func(e *intake.BulkEntry) { e.IDs = []string{"", ""} })},
		"ids, but none":    {entryWith(`"ids":[]`), entry(func(e *intake.BulkEntry) { e.IDs = []string{} })},
		"unknown members": {strings.TrimSuffix(entryWith(`"later":{"x":[1,{"y":null}]},"Sender":7`), "}") + `,"later":[[]],"later":2}`,
			entry(func(*intake.BulkEntry) {})},
		"members in another order": {`{"globalId":"g","messages":[{"body":"b","sender":"s","destinations":["1","2"]},` + goodEntry + `],"simulation":true}`,
			intake.Bulk{GlobalID: "g", Simulation: true, Entries: []intake.BulkEntry{{Destinations: []string{"1", "2"}, Sender: "s", Body: "b"},
				{Destinations: []string{"+393401234567"}, Sender: "MyCompany", Body: "Hello world"}}}},
		"nothing": {`{}`, intake.Bulk{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, nil)
			if a := w.legacy(c.body); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if diff := cmp.Diff(c.want, w.intake.bulks[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One buffer serves many requests: nothing of an earlier one may be seen in a later one.
func TestLegacyTextsAreCopies(t *testing.T) {
	w := open(t, nil)
	first := `{"globalId":"first","messages":[{"destinations":["+393401234567"],"ids":["aaaa"],"sender":"First","body":"aaaaaaaa","placeholders":{"k":"vvvv"}}]}`
	w.legacy(first)
	kept := fmt.Sprintf("%+v", w.intake.bulks[0])
	w.legacy(strings.NewReplacer("first", "other", "+393401234567", "+440000000000", "a", "b", "v", "w").Replace(first))
	if now := fmt.Sprintf("%+v", w.intake.bulks[0]); now != kept || len(w.intake.bulks) != 2 {
		t.Errorf("%s\nbecame %s", kept, now)
	}
}

func TestLegacyAnswer(t *testing.T) {
	w := open(t, nil)
	results := []intake.BulkResult{
		{Destination: "+393401234567", ID: "m-1"},
		{Destination: "a\"\xff" + strings.Repeat("x", 1000), Reason: intake.BadDestination, Detail: "the destination is none"},
		{Destination: "+393401234568", ID: "m-3", Reason: intake.SenderNotAllowed}, {Destination: "+393401234568", Reason: intake.BadText},
		{Destination: "+393401234568", Reason: intake.NoCredit}, {Destination: "+393401234568", Reason: intake.Blocked},
		{Destination: "+393401234568", Reason: intake.NotAllowed}, {Destination: "+393401234568", Reason: intake.TooManyParts},
		{Destination: "+393401234568", Reason: intake.NoRoute}, {Destination: "+393401234568", Reason: intake.IDTaken},
		{Destination: "+393401234568", Reason: intake.NoID},
	}
	w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) {
		return intake.BulkAnswer{GlobalID: "g-1", Messages: 1, Parts: 3, Credit: 41_275_000, Results: results}, nil
	}
	a := w.legacy(goodCall)
	want := `{"globalId":"g-1","processedMessages":1,"processedSmsParts":3,"credit":41.275,"accepted":true,"results":[` +
		`{"destination":"+393401234567","id":"m-1","accepted":true,"statusCode":200},`
	if a.status != 200 || !strings.HasPrefix(a.body, want) || len(a.body) > 2000 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for i, code := range []int{200, 400, 401, 400, 402, 403, 403, 400, 500, 400, 500} {
		if got := fmt.Sprintf(`"accepted":%v,"statusCode":%d`, i == 0, code); !strings.Contains(strings.Split(a.body, `{"destination"`)[i+1], got) {
			t.Errorf("result %d is not %s: %s", i, got, a.body)
		}
	}
	results[0].Reason = intake.BadText
	w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) {
		return intake.BulkAnswer{GlobalID: "g-1", Results: results[:1]}, nil
	}
	if a := w.legacy(goodCall); a.status != 200 || !strings.Contains(a.body, `"processedMessages":0,"processedSmsParts":0,"credit":0,"accepted":false`) {
		t.Errorf("none accepted: %d %s", a.status, a.body)
	}
}

// Both paths, the old one too, and with Basic.
func TestLegacyPaths(t *testing.T) {
	w := open(t, nil)
	for _, prefix := range []string{"/api", ""} {
		if a := w.do(w.request(http.MethodPost, prefix+"/services/sms/send", goodCall)); a.status != 200 {
			t.Errorf("%s: %d %s", prefix, a.status, a.body)
		}
		a := w.do(w.request(http.MethodGet, prefix+"/services/sms/credit", ""))
		if a.status != 200 || a.body != `{"credit":98.750001}` {
			t.Errorf("%s: %d %s", prefix, a.status, a.body)
		}
	}
	for _, path := range []string{"/api/v1/partner-gateway", "/api/partner-gateway/v1"} {
		a := w.do(w.request(http.MethodGet, path+"/subscription/credit", ""))
		if a.status != 200 || a.body != `{"credit":100.000001,"frozenCredit":1.25,"availableCredit":98.750001}` {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// legacyFaults are calls that the door refuses, with the code of the contract and the member that is named.
var legacyFaults = []struct {
	name, body string
	code       int
	words      string
}{
	{"empty", "", 14, "empty"},
	{"no JSON", "hello", 14, "line 1, column 1"},
	{"array", "[" + goodCall + "]", 14, "must be a JSON object"},
	{"cut", goodCall[:40], 14, "ends too early"},
	{"two calls", goodCall + goodCall, 14, "after the object"},
	{"not UTF-8 in the text", strings.Replace(goodCall, "world", "w\xe9", 1), 7, "not UTF-8"},
	{"surrogate in the text", strings.Replace(goodCall, "world", `\ud800`, 1), 7, "surrogate"},
	{"U+0000 in the text", strings.Replace(goodCall, "world", `\u0000`, 1), 7, "messages[0].body: must not contain U+0000"},
	{"not UTF-8 elsewhere", callWith("\"globalId\":\"\xe9\""), 14, "not UTF-8"},
	{"messages an object", `{"messages":{}}`, 14, "messages: must be an array, not an object"},
	{"messages of a string", `{"messages":["x"]}`, 14, "messages: must be an object each, not a string"},
	{"messages of null", `{"messages":[null]}`, 14, "messages: must be an object each, not null"},
	{"messages twice", callWith(`"messages":[]`), 14, "stands twice"},
	{"globalId a number", callWith(`"globalId":7`), 20, "globalId: must be a string, not a number"},
	{"globalId with U+0000", callWith(`"globalId":"\u0000"`), 20, "U+0000"},
	{"globalId twice", callWith(`"globalId":"a","globalId":"b"`), 20, "stands twice"},
	{"maxIdLen a string", callWith(`"maxIdLen":"64"`), 21, "maxIdLen: must be a whole number"},
	{"maxIdLen a fraction", callWith(`"maxIdLen":1.5`), 21, "whole number"},
	{"enableConcatenated", callWith(`"enableConcatenated":1`), 14, "enableConcatenated: must be true or false"},
	{"enableUnicode", callWith(`"enableUnicode":"false"`), 14, "enableUnicode: must be true or false"},
	{"enableDelivery", callWith(`"enableDelivery":{}`), 14, "enableDelivery: must be true or false"},
	{"simulation", callWith(`"simulation":"yes"`), 14, "simulation: must be true or false"},
	{"skipRcsOverride", callWith(`"skipRcsOverride":[]`), 14, "skipRcsOverride: must be true or false"},
	{"U+0000 in an unknown member", callWith(`"x":"\u0000"`), 14, "x: must not contain U+0000"},
	{"destinations a string", `{"messages":[{"destinations":"+393401234567"}]}`, 4, "messages[0].destinations: must be an array"},
	{"destinations numbers", `{"messages":[` + goodEntry + `,{"destinations":[393401234567]}]}`, 4, "messages[1].destinations: must be a string, not a number"},
	{"destinations null", `{"messages":[{"destinations":[null]}]}`, 4, "must be strings, not null"},
	{"destination with U+0000", `{"messages":[{"destinations":["\u0000"]}]}`, 4, "U+0000"},
	{"destinations twice", entryWith(`"destinations":[]`), 4, "stands twice"},
	{"ids a string", entryWith(`"ids":"m-1"`), 15, "messages[0].ids: must be an array"},
	{"ids numbers", entryWith(`"ids":[1]`), 15, "messages[0].ids: must be a string"},
	{"sender a number", `{"messages":[{"sender":48883}]}`, 18, "messages[0].sender: must be a string"},
	{"body a number", `{"messages":[{"body":1}]}`, 24, "messages[0].body: must be a string"},
	{"hexBody a string", entryWith(`"hexBody":"true"`), 24, "messages[0].hexBody"},
	{"udhData an array", entryWith(`"udhData":[5]`), 22, "messages[0].udhData"},
	{"scheduling a number", entryWith(`"scheduling":1}`), 23, "messages[0].scheduling"},
	{"placeholders an array", entryWith(`"placeholders":[]`), 24, "messages[0].placeholders: must be an object"},
	{"placeholder null", entryWith(`"placeholders":{"k":null}`), 24, "messages[0].placeholders.k"},
	{"placeholder with U+0000", entryWith(`"placeholders":{"k":"\u0000"}`), 24, "messages[0].placeholders"},
	{"too many placeholders", entryWith(`"placeholders":{` + strings.Repeat(`"a":1,`, 5_000) + `"a":1}`), 24, "messages[0].placeholders: must be at most 5000 values"},
	{"key with U+0000", entryWith(`"placeholders":{"k\u0000":"x"}`), 24, "messages[0].placeholders"},
}

func TestLegacyFaults(t *testing.T) {
	w := open(t, nil)
	for _, c := range legacyFaults {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := w.legacy(c.body)
			if e := a.jsend(t); a.status != 400 || e.Code != c.code || !strings.Contains(e.Message, c.words) {
				t.Errorf("%d %s, want code %d and %q", a.status, a.body, c.code, c.words)
			}
		})
	}
	w.t = t
	if len(w.intake.bulks) != 0 {
		t.Error("a faulty call reached intake")
	}
}

// What intake finds wrong with a call has its code by the member.
func TestLegacyCodesOfIntake(t *testing.T) {
	for field, code := range map[string]int{"globalId": 20, "maxIdLen": 21, "messages[7].maxIdLen": 21, "messages": 14, "messages[0].destinations": 13,
		"messages[12].ids": 15, "messages[0].sender": 10, "messages[0].body": 6, "messages[0].hexBody": 24, "messages[0].udhData": 22, "messages[0].scheduling": 23} {
		w := open(t, nil)
		w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) {
			return intake.BulkAnswer{}, sms.InvalidField(field, "is wrong")
		}
		if a := w.legacy(goodCall); a.status != 400 || a.jsend(t).Code != code || a.jsend(t).Message != field+": is wrong" {
			t.Errorf("%s: %d %s, want %d", field, a.status, a.body, code)
		}
	}
}

// Every other answer of the contract has its status, its code and its headers, on both paths and for the credit too.
func TestLegacyErrors(t *testing.T) {
	failing := func(err error) func(*world) {
		return func(w *world) {
			w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) {
				return intake.BulkAnswer{Messages: 1}, err
			}
			w.intake.balance = func() (sms.Balance, error) { return sms.Balance{}, err }
		}
	}
	forbidden := func(w *world) {
		w.account().AllowList = sms.AllowList{Enabled: true, Entries: []sms.AllowEntry{{Prefix: netip.MustParsePrefix("203.0.113.0/24")}}}
	}
	for name, c := range map[string]struct {
		prepare     func(*world)
		headers     []string
		method      string
		status      int
		code        int
		header      string
		creditKnows bool // the credit answers the same
	}{
		"no credentials":  {nil, []string{"X-Api-Key", ""}, "", 401, 1, "Www-Authenticate", true},
		"a wrong key":     {forbidden, []string{"X-Api-Key", "stf_live_0000"}, "", 401, 1, "Www-Authenticate", true},
		"a wrong address": {forbidden, nil, "", 403, 100, "", true},
		"no SMS":          {func(w *world) { w.key(w.value).Operations = []sms.Operation{sms.OpPlatform} }, nil, "", 403, 100, "", true},
		"suspended":       {func(w *world) { w.account().Suspended = true }, nil, "", 403, 100, "", true},
		"method":          {nil, nil, "DELETE", 405, 8, "Allow", true},
		"type":            {nil, []string{"Content-Type", "text/plain"}, "", 415, 8, "", false},
		"compressed":      {nil, []string{"Content-Encoding", "gzip"}, "", 415, 8, "", false},
		"internal":        {failing(errors.New("disk I/O error")), nil, "", 500, 8, "", true},
		"unavailable":     {failing(&sms.Error{Code: sms.Unavailable, Message: "busy"}), nil, "", 503, 8, "Retry-After", true},
		"too many":        {failing(sms.Errorf(sms.TooLarge, "too many")), nil, "", 413, 8, "", false},
		"panic": {func(w *world) {
			w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) { panic("in a test") }
			w.intake.balance = func() (sms.Balance, error) { panic("in a test") }
		}, nil, "", 500, 8, "", true},
		"unpaid": {func(w *world) {
			w.intake.acceptBulk = func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) {
				return intake.BulkAnswer{Unpaid: true, Results: []intake.BulkResult{{Reason: intake.NoCredit}}}, nil
			}
		}, nil, "", 402, 2, "", false},
	} {
		for _, prefix := range []string{"/api", ""} {
			for path, method := range map[string]string{"/services/sms/send": "POST", "/services/sms/credit": "GET"} {
				if method == "GET" && !c.creditKnows {
					continue
				}
				w := open(t, c.prepare)
				if c.method != "" {
					method = c.method
				}
				a := w.do(w.request(method, prefix+path, goodCall, c.headers...))
				if e := a.jsend(t); a.status != c.status || e.Code != c.code || c.header != "" && a.header.Get(c.header) == "" || strings.Contains(a.body, "disk") {
					t.Errorf("%s %s: %d %s, want %d with code %d", name, prefix+path, a.status, a.body, c.status, c.code)
				}
			}
		}
	}
}

// The rate limit comes before the request is looked at, and says when to come back.
func TestLegacyRateLimit(t *testing.T) {
	w := open(t, func(w *world) { w.account().Plan = sms.Plan{PerMinute: 1, PerSecond: 1} })
	if a := w.legacy(goodCall); a.status != 200 || a.header.Get("X-RateLimit-Limit") != "1" {
		t.Errorf("%d %v", a.status, a.header)
	}
	a := w.legacy("no JSON")
	if e := a.jsend(t); a.status != 429 || e.Code != 8 || e.RetryAfter == nil || fmt.Sprint(*e.RetryAfter) != a.header.Get("Retry-After") {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
}

// A call of more than 10,000 destinations, or entries, is too large, whether or not the rest of it is well formed.
func TestLegacyManyDestinations(t *testing.T) {
	w := open(t, nil)
	list := func(n int) string { return strings.Repeat(`"+393401234567",`, n-1) + `"+393401234567"` }
	entry := func(n int) string { return `{"destinations":[` + list(n) + `],"sender":"s","body":"b"}` }
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"just enough":      {`{"messages":[` + entry(9_999) + "," + entry(1) + `]}`, 200},
		"in one entry":     {`{"messages":[` + entry(10_001) + `]}`, 413},
		"in several":       {`{"messages":[` + entry(9_999) + "," + entry(2) + `]}`, 413},
		"cut after":        {`{"messages":[{"destinations":[` + list(10_001), 413},
		"too many entries": {`{"messages":[` + strings.Repeat(`{},`, 10_000) + `{}]}`, 413},
		"too many ids":     {`{"messages":[{"ids":[` + list(10_001) + `]}]}`, 413},
	} {
		a := w.legacy(c.body)
		if a.status != c.want || a.status == 413 && a.jsend(t).Code != 8 {
			t.Errorf("%s: %d %.300s", name, a.status, a.body)
		}
	}
}

// The limit is 16 MiB and holds for a body that does not say its length too.
func TestLegacyBodySizes(t *testing.T) {
	w := open(t, nil)
	fits := goodCall + strings.Repeat(" ", 16<<20-len(goodCall))
	for _, c := range []struct {
		body    string
		chunked bool
		want    int
	}{{fits, false, 200}, {fits, true, 200}, {fits + " ", false, 413}, {fits + " ", true, 413}} {
		r := w.request(http.MethodPost, legacyPath, c.body)
		if c.chunked {
			r.ContentLength, r.Body = -1, io.NopCloser(io.MultiReader(strings.NewReader(c.body)))
		}
		if a := w.do(r); a.status != c.want || a.status == 413 && (a.jsend(t).Code != 8 || !strings.Contains(a.body, "16 MiB")) {
			t.Errorf("%d octets, chunked %v: %d %s", len(c.body), c.chunked, a.status, a.body)
		}
	}
	if taken := w.door.crowd.taken.Load(); taken != 0 {
		t.Errorf("%d octets are still taken", taken)
	}
}

// The bodies of all calls that are not answered yet have 64 MiB together. What comes on top is told to come again; when
// the others are answered, it is taken.
func TestLegacyBodiesInFlight(t *testing.T) {
	w := open(t, nil)
	entered, leave := make(chan bool), make(chan bool)
	w.intake.acceptBulk = func(_ context.Context, b *intake.Bulk) (intake.BulkAnswer, error) {
		if b.GlobalID == "held" {
			entered <- true
			<-leave
		}
		return intake.BulkAnswer{Results: []intake.BulkResult{}}, nil
	}
	large := `{"globalId":"held","messages":[` + goodEntry + `]}`
	large += strings.Repeat(" ", 16<<20-len(large))
	answers := make(chan answer)
	for range 4 {
		go func() { answers <- w.legacy(large) }()
		<-entered
	}
	for path, body := range map[string]string{legacyPath: goodCall + strings.Repeat(" ", 1000), sendPath: goodBody + strings.Repeat(" ", 1000)} {
		a := w.do(w.request(http.MethodPost, path, body))
		if a.status != 503 || a.header.Get("Retry-After") == "" || path == legacyPath && a.jsend(t).Code != 8 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	close(leave)
	for range 4 {
		if a := <-answers; a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := w.legacy(goodCall); a.status != 200 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	if taken := w.door.crowd.taken.Load(); taken != 0 {
		t.Errorf("%d octets are still taken", taken)
	}
}

// Who waits too long is told so before the connection is cut, and that nobody knows.
func TestLegacyTimeout(t *testing.T) {
	w := open(t, nil)
	synctest.Test(t, func(t *testing.T) {
		w.intake.acceptBulk = func(ctx context.Context, _ *intake.Bulk) (intake.BulkAnswer, error) {
			<-ctx.Done()
			return intake.BulkAnswer{}, &sms.Error{Code: sms.Unavailable, Message: "busy", Cause: ctx.Err()}
		}
		r := httptest.NewRequest(http.MethodPost, legacyPath, strings.NewReader(goodCall))
		r.Header["X-Api-Key"], r.Header["Content-Type"], r.RemoteAddr = []string{w.value}, []string{"application/json"}, peerHere
		recorder := httptest.NewRecorder()
		began := time.Now()
		w.door.ServeHTTP(recorder, r)
		a := answer{recorder.Code, recorder.Header(), recorder.Body.String()}
		if a.status != 504 || a.jsend(t).Code != 9 || time.Since(began) >= answerTimeout {
			t.Errorf("%d %s after %v", a.status, a.body, time.Since(began))
		}
		holdAgainstContract(t, r, a)
	})
}

// The examples of the contract are calls that the contract and the door take.
func TestLegacyContractExamples(t *testing.T) {
	w := open(t, nil)
	c := contractOf()
	for _, path := range []string{legacyPath, "/services/sms/send"} {
		media, _ := c.operation(http.MethodPost, path).RequestBody.Content.Get("application/json")
		for name, example := range media.Examples.FromOldest() {
			text := yamlToJSON(t, example.Value)
			r := w.request(http.MethodPost, path, text)
			if ok, errs := c.validator.ValidateHttpRequestSync(r); !ok {
				t.Errorf("example %s: %v", name, errs)
			}
			if a := w.do(w.request(http.MethodPost, path, text)); a.status != 200 {
				t.Errorf("example %s: %d %s", name, a.status, a.body)
			}
		}
	}
	want := intake.Bulk{GlobalID: "spring-2031", GSMOnly: true}
	if diff := cmp.Diff(want, w.intake.bulks[1], cmpopts.IgnoreFields(intake.Bulk{}, "Entries", "MaxIDLen")); diff != "" {
		t.Error(diff)
	}
}

// Whatever stands in a body, what is made of it takes a few times its size and not more.
func TestLegacyMemory(t *testing.T) {
	const size = 8 << 20
	fill := func(head, piece, tail string) string {
		return head + strings.Repeat(piece, (size-len(head)-len(tail))/len(piece)) + tail
	}
	names := make([]byte, 0, size)
	for n := 0; len(names) < size-100; n++ {
		names = fmt.Appendf(names, `"%x":1,`, n)
	}
	entry := `{"destinations":["39"],"sender":"s","body":"b","placeholders":{` + strings.Repeat(`"ab":"c",`, 4_999) + `"a":1}},`
	for name, text := range map[string]string{
		"one text":          fill(`{"messages":[{"destinations":["39"],"sender":"s","body":"`, "a", `"}]}`),
		"an escaped text":   fill(`{"messages":[{"destinations":["39"],"sender":"s","body":"`, `\n`, `"}]}`),
		"many placeholders": fill(`{"messages":[`, entry, strings.TrimSuffix(entry, ",")+`]}`),
		"unknown members":   `{"messages":[` + goodEntry + `],"x":{` + string(names) + `"z":1}}`,
		"unknown, on top":   `{` + string(names) + `"messages":[` + goodEntry + `]}`,
		"an unknown array":  fill(`{"messages":[`+goodEntry+`],"x":[`, "[],", `[]]}`),
	} {
		reader := strings.NewReader(text)
		r := httptest.NewRequest(http.MethodPost, legacyPath, nil)
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength, r.Body = int64(len(text)), io.NopCloser(reader)
		var before, after, kept runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		bulk, err := decodeLegacy(&call{r: r})
		runtime.ReadMemStats(&after)
		runtime.GC()
		runtime.ReadMemStats(&kept)
		taken, left := int64(after.TotalAlloc-before.TotalAlloc), int64(kept.HeapAlloc)-int64(before.HeapAlloc)
		if err != nil || taken > 20*size || left > 6*size { // all that was ever taken, the growing buffer several times
			t.Errorf("%s: %v, %d times the body, of which %d stay", name, err, taken/size, left/size)
		}
		runtime.KeepAlive(bulk)
	}
}
