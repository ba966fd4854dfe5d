package httpapi

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// inputCase is a body that the door itself refuses.
type inputCase struct {
	name  string
	body  string
	want  int
	field string // of the one entry of errors; "" when there must be none
	words string // in the message of that entry, or of the whole answer
}

func member(text string) string { return strings.TrimSuffix(goodBody, "}") + "," + text + "}" }

func without(name, value string) string { return `{"` + name + `":` + value + `}` }

var inputCases = []inputCase{
	// No JSON, or not the JSON that is wanted.
	{"empty", "", 400, "$", "empty"},
	{"blanks only", " \r\n\t ", 400, "$", "empty"},
	{"byte order mark only", "\xef\xbb\xbf", 400, "$", "empty"},
	{"half a body", `{"destination":"+393401234567","sen`, 400, "$", "ends too early, at line 1, column 36"},
	{"open object", `{"destination":"+39"`, 400, "$", "ends too early"},
	{"no value", `{"destination":`, 400, "destination", "ends too early"},
	{"text", `hello`, 400, "$", "line 1, column 1"},
	{"form", `destination=%2B39&sender=x`, 400, "$", "line 1, column 1"},
	{"XML", `<sms/>`, 400, "$", `unexpected '<' at line 1, column 1`},
	{"trailing comma", "{\n  \"sender\": \"é\",\n}", 400, "$", "unexpected ',' at line 2, column 16"},
	{"no colon", `{"sender" "x"}`, 400, "sender", `unexpected '"' at line 1, column 11`},
	{"single quotes", `{'sender':'x'}`, 400, "$", "column 2"},
	{"unquoted name", `{sender:"x"}`, 400, "$", "unexpected 's' at line 1, column 2"},
	{"comment", goodBody + " // done", 400, "$", "after the object, at line 1, column 75"},
	{"two objects", goodBody + goodBody, 400, "$", "after the object, at line 1, column 74"},
	{"garbage after the object", goodBody + "\n\x00", 400, "$", "line 2, column 1"},
	{"array", "[" + goodBody + "]", 400, "$", "must be a JSON object"},
	{"string", `"x"`, 400, "$", "must be a JSON object"},
	{"number", `7`, 400, "$", "must be a JSON object"},
	{"null", `null`, 400, "$", "must be a JSON object"},
	{"cut array", `[{"a":1}`, 400, "$", "ends too early"},
	{"leading zero", member(`"validityPeriod":0123`), 400, "$", "unexpected '1'"},
	{"NaN", member(`"validityPeriod":NaN`), 400, "validityPeriod", "unexpected 'N'"},
	{"upper case literal", member(`"flash":True`), 400, "flash", "unexpected 'T'"},
	{"raw line feed", member("\"campaignId\":\"a\nb\""), 400, "campaignId", `unexpected '\n'`},
	{"raw NUL", member("\"campaignId\":\"a\x00b\""), 400, "campaignId", `unexpected '\x00'`},
	{"unknown escape", member(`"campaignId":"\x41"`), 400, "campaignId", "unknown escape"},
	{"very deep", strings.Repeat(`{"a":`, 20000), 400, "a.a", "line 1, column"},
	{"very deep unknown member", member(`"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), 400, "x.0", "line 1, column"},

	// Names twice.
	{"member twice", member(`"sender":"Other"`), 400, "sender", `"sender" stands twice`},
	{"member twice, once escaped", member(`"sen\u0064er":"Other"`), 400, "sender", "stands twice"},
	{"unknown member twice", member(`"x":1,"x":1`), 400, "x", "stands twice"},
	{"placeholder twice", member(`"placeholders":{"k":"1","k":"2"}`), 400, "placeholders.k", "stands twice"},
	{"deep twice", member(`"x":{"y":{"z":1,"z":2}}`), 400, "x.y", `"z" stands twice`},

	// Characters.
	{"not UTF-8", member("\"campaignId\":\"\xe9\""), 400, "campaignId", "not UTF-8"},
	{"overlong UTF-8", member("\"campaignId\":\"\xc0\xaf\""), 400, "campaignId", "not UTF-8"},
	{"surrogate in UTF-8", member("\"campaignId\":\"\xed\xa0\x80\""), 400, "campaignId", "not UTF-8"},
	{"not UTF-8 in a name", member("\"\xff\":1"), 400, "$", "not UTF-8"},
	{"UTF-16", "\xff\xfe{\x00}\x00", 400, "$", "not UTF-8"},
	{"high surrogate", member(`"campaignId":"\ud800"`), 400, "campaignId", "unpaired surrogate"},
	{"low surrogate", member(`"campaignId":"\uDFFF"`), 400, "campaignId", "unpaired surrogate"},
	{"high surrogate and a letter", member(`"campaignId":"\ud800\u0041"`), 400, "campaignId", "unpaired surrogate"},
	{"surrogate in a name", member(`"\udc00":1`), 400, "$", "unpaired surrogate"},
	{"surrogate in an unknown member", member(`"x":["\ud800"]`), 400, "x.0", "unpaired surrogate"},
	{"surrogate in a placeholder", member(`"placeholders":{"k":"\ud800"}`), 400, "placeholders.k", "unpaired surrogate"},
	{"U+0000", member(`"campaignId":"a\u0000"`), 400, "campaignId", "U+0000"},
	{"U+0000 in the text", without("body", `"\u0000"`), 400, "body", "U+0000"},
	{"U+0000 in a placeholder", member(`"placeholders":{"k":"\u0000"}`), 400, "placeholders.k", "U+0000"},
	{"U+0000 in the name of a placeholder", member(`"placeholders":{"k\u0000":"x"}`), 400, "placeholders.k\x00", "U+0000"},
	{"U+0000 in an unknown member", member(`"x":{"y":["\\\u0000"]}`), 400, "x", "U+0000"},
	{"U+0000 in an unknown name", member(`"x\u0000":1`), 400, "x\x00", "U+0000"},
	{"U+0000 in a name further down", member(`"x":{"\u0000":1}`), 400, "x", "U+0000"},

	// Types.
	{"destination a number", without("destination", `393401234567`), 400, "destination", "must be a string, not a number"},
	{"destination an array", without("destination", `["+393401234567"]`), 400, "destination", "must be a string, not an array"},
	{"sender a boolean", without("sender", `true`), 400, "sender", "must be a string, not a boolean"},
	{"body an object", without("body", `{}`), 400, "body", "must be a string, not an object"},
	{"campaignId a number", member(`"campaignId":7`), 400, "campaignId", "must be a string"},
	{"messageId a number", member(`"messageId":7`), 400, "messageId", "must be a string"},
	{"udhData an array", member(`"udhData":[5,0,3]`), 400, "udhData", "must be a string"},
	{"simulation a string", member(`"simulation":"true"`), 400, "simulation", "must be true or false, not a string"},
	{"enableNotification a number", member(`"enableNotification":1`), 400, "enableNotification", "must be true or false, not a number"},
	{"placeholders an array", member(`"placeholders":["x"]`), 400, "placeholders", "must be an object, not an array"},
	{"placeholders a string", member(`"placeholders":"k=v"`), 400, "placeholders", "must be an object, not a string"},
	{"placeholder null", member(`"placeholders":{"k":null}`), 400, "placeholders.k", "not null"},
	{"placeholder an object", member(`"placeholders":{"k":{}}`), 400, "placeholders.k", "not an object"},
	{"placeholder an array", member(`"placeholders":{"k":[]}`), 400, "placeholders.k", "not an array"},
	{"scheduledDate a number", member(`"scheduledDate":1799999999`), 400, "scheduledDate", "must be a string"},
	{"skipRcsOverride a string", member(`"skipRcsOverride":"no"`), 400, "skipRcsOverride", "must be true or false"},
	{"validityPeriod a string", member(`"validityPeriod":"3600"`), 400, "validityPeriod", "must be a whole number, not a string"},
	{"validityPeriod a fraction", member(`"validityPeriod":60.5`), 400, "validityPeriod", "must be a whole number"},
	{"validityPeriod past 64 bits", member(`"validityPeriod":99999999999999999999`), 400, "validityPeriod", "must be a whole number"},
	{"validityPeriod past all numbers", member(`"validityPeriod":1e999`), 400, "validityPeriod", "must be a whole number"},
	{"priority a number", member(`"priority":1`), 400, "priority", "must be a string"},
	{"flash an object", member(`"flash":{}`), 400, "flash", "must be true or false"},
	{"transliterate a string", member(`"transliterate":""`), 400, "transliterate", "must be true or false"},

	// Sizes.
	{"one octet too large", goodBody + strings.Repeat(" ", 1<<20-len(goodBody)+1), 413, "", "1 MiB"},
}

func TestBadInput(t *testing.T) {
	w := open(t, nil)
	for _, c := range inputCases {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := w.send(c.body)
			p := a.problem(t)
			if a.status != c.want {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if c.field == "" {
				if p.Errors != nil || !strings.Contains(p.Message, c.words) {
					t.Errorf("answer %s", a.body)
				}
				return
			}
			if len(p.Errors) != 1 || p.Errors[0]["field"] != c.field || !strings.Contains(p.Errors[0]["message"], c.words) {
				t.Errorf("errors %v, want %q with %q", p.Errors, c.field, c.words)
			}
		})
	}
	w.t = t
	if n := w.intake.calls(); n != 0 {
		t.Errorf("intake was called %d times", n)
	}
	if a := w.send(goodBody); a.status != 200 {
		t.Errorf("after all that: %d %s", a.status, a.body)
	}
}

// All members of a wrong type are named at once, in their order.
func TestAllWrongTypesAreNamed(t *testing.T) {
	w := open(t, nil)
	p := w.send(`{"sender":1,"destination":[],"placeholders":{"a":null,"b":"x","c":{}},"flash":"x"}`).problem(t)
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e["field"])
	}
	if got := strings.Join(fields, " "); got != "sender destination placeholders.a placeholders.c flash" {
		t.Errorf("fields %s", got)
	}
}

// A short question must not get a long answer.
func TestAnswersToManyFaultsAreShort(t *testing.T) {
	w := open(t, nil)
	var many strings.Builder
	for i := range 50_000 {
		many.WriteString(`,"` + strings.Repeat("k", i%7) + string(rune('a'+i%26)) + time.Duration(i).String() + `":[]`)
	}
	for name, body := range map[string]string{
		"many members":  `{"placeholders":{` + many.String()[1:] + `}}`,
		"a long name":   `{"placeholders":{"` + strings.Repeat("k", 900_000) + `":[]}}`,
		"the same name": `{"` + strings.Repeat("é", 400_000) + `":"\u0000"}`,
	} {
		if a := w.send(body); a.status != 400 || len(a.body) > 20_000 {
			t.Errorf("%s: %d with %d octets", name, a.status, len(a.body))
		}
	}
	w.intake.accept = func(*intake.Request) (intake.Answer, error) {
		err := &sms.Error{Code: sms.Invalid, Message: "validation failed"}
		for range 10_000 {
			err.Fields = append(err.Fields, sms.FieldError{Field: strings.Repeat("é", 10_000), Message: "x"})
		}
		return intake.Answer{}, err
	}
	if a := w.send(goodBody); a.status != 400 || len(a.body) > 20_000 {
		t.Errorf("faults of intake: %d with %d octets", a.status, len(a.body))
	}
}

func TestBodyHeaders(t *testing.T) {
	for _, c := range []struct {
		name, header, value string
		want                int
	}{
		{"plain", "Content-Type", "application/json", 200},
		{"charset", "Content-Type", "application/json; charset=utf-8", 200},
		{"charset quoted, no blank", "Content-Type", `application/json;charset="UTF-8"`, 200},
		{"other charset", "Content-Type", "application/json; charset=iso-8859-1", 200},
		{"letter case", "Content-Type", "Application/JSON", 200},
		{"open parameter", "Content-Type", "application/json;", 200},
		{"none", "Content-Type", "", 415},
		{"form", "Content-Type", "application/x-www-form-urlencoded", 415},
		{"multipart", "Content-Type", "multipart/form-data; boundary=x", 415},
		{"text", "Content-Type", "text/plain; charset=utf-8", 415},
		{"XML", "Content-Type", "application/xml", 415},
		{"other JSON", "Content-Type", "application/vnd.api+json", 415},
		{"text/json", "Content-Type", "text/json", 415},
		{"two types", "Content-Type", "application/json, text/plain", 415},
		{"rubbish", "Content-Type", "\x80;;", 415},
		{"not compressed", "Content-Encoding", "identity", 200},
		{"compressed", "Content-Encoding", "gzip", 415},
		{"Idempotency-Key not UTF-8", "Idempotency-Key", "\xe9", 400},
		{"Idempotency-Key", "Idempotency-Key", "é", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			if a := w.send(goodBody, c.header, c.value); a.status != c.want {
				t.Errorf("%d, want %d: %s", a.status, c.want, a.body)
			}
		})
	}
}

// The limit is 1 MiB and holds for a body that does not say its length too.
func TestBodySizes(t *testing.T) {
	w := open(t, nil)
	fits := goodBody + strings.Repeat(" ", 1<<20-len(goodBody))
	for _, c := range []struct {
		body    string
		chunked bool
		want    int
	}{{fits, false, 200}, {fits, true, 200}, {fits + " ", false, 413}, {fits + " ", true, 413}, {fits + fits, true, 413}, {goodBody, true, 200}, {"", true, 400}} {
		r := w.request(http.MethodPost, sendPath, c.body)
		if c.chunked {
			r.ContentLength, r.Body = -1, io.NopCloser(io.MultiReader(strings.NewReader(c.body)))
		}
		if a := w.do(r); a.status != c.want {
			t.Errorf("%d octets, chunked %v: %d, want %d: %s", len(c.body), c.chunked, a.status, c.want, a.body)
		}
	}
}

// A byte order mark before the JSON, as some editors and shells write it, is no error.
func TestByteOrderMark(t *testing.T) {
	w := open(t, nil)
	if a := w.send("\xef\xbb\xbf" + goodBody); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
