package intake

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// wrongRequests is every rule of the contract with what breaks it; says is a part of the message that helps.
var wrongRequests = []struct {
	field, says string
	change      func(*Request)
}{
	{"destination", "required", func(r *Request) { r.Destination = "" }},
	{"destination", "+393401234567", func(r *Request) { r.Destination = "12" }},
	{"destination", "E.164", func(r *Request) { r.Destination = "MyCompany" }},
	{"destination", "E.164", func(r *Request) { r.Destination = "39340123456\x00" }},
	{"destination", "E.164", func(r *Request) { r.Destination = strings.Repeat("9", 100_000) }},
	{"sender", "required", func(r *Request) { r.Sender = "" }},
	{"sender", "1 to 11", func(r *Request) { r.Sender = "twelve chars" }},
	{"sender", "1 to 11", func(r *Request) { r.Sender = "Città" }},
	{"sender", "3 to 16", func(r *Request) { r.Sender = "12" }},
	{"sender", "3 to 16", func(r *Request) { r.Sender = "12345678901234567" }},
	{"body", "required", func(r *Request) { r.Body = "" }},
	{"body", "10000", func(r *Request) { r.Body = strings.Repeat("a", 10_001) }},
	{"body", "10000", func(r *Request) { r.Body = strings.Repeat("😀", 10_001) }},
	{"body", "U+0000", func(r *Request) { r.Body = "a\x00b" }},
	{"body", "Unicode", func(r *Request) { r.Body = "a\xffb" }},
	{"body", "Unicode", func(r *Request) { r.Body = "a\xed\xa0\x80b" }}, // a surrogate
	{"body", "empty", func(r *Request) { r.Body, r.Placeholders = "{a}", map[string]string{"a": ""} }},
	{"body", "replaced", func(r *Request) {
		r.Body, r.Placeholders = "{a}{a}", map[string]string{"a": strings.Repeat("x", 5_001)}
	}},
	{"body", "replaced", func(r *Request) {
		r.Body, r.Placeholders = strings.Repeat("{a}", 3_000), map[string]string{"a": strings.Repeat("x", 10_000)}
	}},
	{"body", "transliterat", func(r *Request) { r.Body, r.Transliterate = "\u200b\u2060\ufeff", ptr(true) }},
	{"placeholders.a", "10000", func(r *Request) { r.Placeholders = map[string]string{"a": strings.Repeat("x", 10_001)} }},
	{"placeholders.a", "U+0000", func(r *Request) { r.Placeholders = map[string]string{"a": "\x00"} }},
	{"placeholders", "key", func(r *Request) { r.Placeholders = map[string]string{"a\x00": "x"} }},
	{"placeholders", "key", func(r *Request) { r.Placeholders = map[string]string{"\xff": "x"} }},
	{"campaignId", "255", func(r *Request) { r.CampaignID = strings.Repeat("c", 256) }},
	{"campaignId", "U+0000", func(r *Request) { r.CampaignID = "c\x00" }},
	{"messageId", "64", func(r *Request) { r.MessageID = strings.Repeat("m", 65) }},
	{"messageId", "U+0000", func(r *Request) { r.MessageID = "m\x00" }},
	{"Idempotency-Key", "255", func(r *Request) { r.IdempotencyKey = strings.Repeat("k", 256) }},
	{"udhData", "even number", func(r *Request) { r.UDHData = "050" }},
	{"udhData", "hexadecimal", func(r *Request) { r.UDHData = "05000g" }},
	{"udhData", "says 5, 2 follow", func(r *Request) { r.UDHData = "050003" }},
	{"udhData", "says 1, 5 follow", func(r *Request) { r.UDHData = "010003cc0201" }},
	{"udhData", "element", func(r *Request) { r.UDHData = "050004cc0201" }}, // the element is longer than the header
	{"udhData", "room for 153", func(r *Request) { r.UDHData, r.Body = "050003cc0201", strings.Repeat("a", 154) }},
	{"udhData", "room for 134", func(r *Request) { r.UDHData, r.Body = "050003cc0201", strings.Repeat("я", 68) }},
	{"udhData", "room for 0", func(r *Request) { r.UDHData = "8b" + "7089" + strings.Repeat("00", 0x89) }},
	{"scheduledDate", "2031-02-03 07:45:00.000+0100", func(r *Request) { r.ScheduledDate = "tomorrow" }},
	{"scheduledDate", "2031", func(r *Request) { r.ScheduledDate = "2026-02-30 10:00:00.000+0000" }},
	{"scheduledDate", "2031", func(r *Request) { r.ScheduledDate = "2026-03-05T10:00:00" }}, // no zone
	{"scheduledDate", "2031", func(r *Request) { r.ScheduledDate = "1772712000" }},
	{"scheduledDate", "24 hours", func(r *Request) { r.ScheduledDate = "1970-01-01 00:00:00.000+0000" }},
	{"scheduledDate", "24 hours", func(r *Request) { r.ScheduledDate = "2026-03-03T12:00:00Z" }},
	{"scheduledDate", "one year", func(r *Request) { r.ScheduledDate = "2027-03-04T12:00:00.001Z" }},
	{"scheduledDate", "one year", func(r *Request) { r.ScheduledDate = "9999-12-31T23:59:59Z" }},
	{"validityPeriod", "60 and 604800", func(r *Request) { r.ValidityPeriod = ptr(int64(59)) }},
	{"validityPeriod", "60 and 604800", func(r *Request) { r.ValidityPeriod = ptr(int64(604_801)) }},
	{"validityPeriod", "60 and 604800", func(r *Request) { r.ValidityPeriod = ptr(int64(-1 << 63)) }},
	{"validityPeriod", "60 and 604800", func(r *Request) { r.ValidityPeriod = ptr(int64(1<<63 - 1)) }},
	{"priority", "high, normal or low", func(r *Request) { r.Priority = "HIGH" }},
	{"priority", "high, normal or low", func(r *Request) { r.Priority = "urgent" }},
}

func TestEachRuleNamesItsField(t *testing.T) {
	for _, test := range wrongRequests {
		r := with(test.change)
		_, err := check(r, sms.Settings{}, noon)
		if err == nil {
			t.Errorf("%s (%s): accepted", test.field, test.says)
			continue
		}
		got := fieldsOf(t, err)
		if len(got) != 1 || !strings.Contains(got[test.field], test.says) {
			t.Errorf("%v, want %s with %q", got, test.field, test.says)
		}
		if text := got[test.field]; strings.Contains(text, "gsm:") || strings.Contains(text, "hex:") || strings.Contains(text, "parsing time") {
			t.Errorf("%s: the text of an internal error: %q", test.field, text)
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	r := &Request{Destination: "x", Sender: "", Body: strings.Repeat("a", 200), CampaignID: strings.Repeat("c", 256), MessageID: "\x00",
		IdempotencyKey: "\xff", UDHData: "050003cc0201", Priority: "urgent", ScheduledDate: "x", ValidityPeriod: ptr(int64(0))}
	_, err := check(r, sms.Settings{}, noon)
	got := slices.Sorted(maps.Keys(fieldsOf(t, err)))
	want := []string{"Idempotency-Key", "campaignId", "destination", "messageId", "priority", "scheduledDate", "sender", "udhData", "validityPeriod"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The same wrong request gets the same answer each time.
func TestProblemsOfPlaceholdersStandInOrder(t *testing.T) {
	values := map[string]string{}
	for _, key := range strings.Split("abcdefghijklmnop", "") {
		values[key] = "\x00"
	}
	for range 5 {
		_, err := check(with(func(r *Request) { r.Placeholders = values }), sms.Settings{}, noon)
		refusal := err.(*sms.Error) //nolint:forcetypeassert // the test fails if not
		if len(refusal.Fields) != len(values) || !slices.IsSortedFunc(refusal.Fields, func(a, b sms.FieldError) int { return strings.Compare(a.Field, b.Field) }) {
			t.Fatalf("%v", refusal.Fields)
		}
	}
}

func TestAFieldOfAnErrorIsNoEcho(t *testing.T) {
	_, err := check(with(func(r *Request) { r.Placeholders = map[string]string{strings.Repeat("k", 100_000): "\x00"} }), sms.Settings{}, noon)
	if text := err.Error(); len(text) > 500 {
		t.Errorf("an error of %d octets", len(text))
	}
}

func TestWhatIsAtTheLimitIsTaken(t *testing.T) {
	for name, change := range map[string]func(*Request){
		"body":              func(r *Request) { r.Body = strings.Repeat("a", 10_000) },
		"body of emoji":     func(r *Request) { r.Body = strings.Repeat("😀", 10_000) },
		"value":             func(r *Request) { r.Body, r.Placeholders = "{a}", map[string]string{"a": strings.Repeat("é", 10_000)} },
		"campaign":          func(r *Request) { r.CampaignID = strings.Repeat("è", 255) },
		"messageId":         func(r *Request) { r.MessageID = strings.Repeat("è", 64) },
		"key":               func(r *Request) { r.IdempotencyKey = strings.Repeat("k", 255) },
		"shortest validity": func(r *Request) { r.ValidityPeriod = ptr(int64(60)) },
		"longest validity":  func(r *Request) { r.ValidityPeriod = ptr(int64(604_800)) },
		"header":            func(r *Request) { r.UDHData, r.Body = "050003CC0201", strings.Repeat("a", 153) },
		"header with UCS-2": func(r *Request) { r.UDHData, r.Body = "050003cc0201", strings.Repeat("я", 67) },
		"a year ahead":      func(r *Request) { r.ScheduledDate = "2027-03-04T12:00:00Z" },
		"almost a day ago":  func(r *Request) { r.ScheduledDate = "2026-03-03T12:00:00.001Z" },
		"one space":         func(r *Request) { r.Body = " " },
		"invisible":         func(r *Request) { r.Body = "\u200b" },
	} {
		if _, err := check(with(change), sms.Settings{}, noon); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDates(t *testing.T) {
	at := noon.Add(90 * time.Minute)
	for text, want := range map[string]time.Time{
		"":                                    {},
		"2026-03-04 14:30:00.000+0100":        at,
		"2026-03-04 13:30:00.000+0000":        at,
		"2026-03-04 08:30:00.000-0500":        at,
		"2026-03-04T13:30:00Z":                at,
		"2026-03-04T14:30:00+01:00":           at,
		"2026-03-04T14:30:00.000+01:00":       at,
		"2026-03-04T13:30:00.125Z":            at.Add(125 * time.Millisecond),
		"2026-03-04 14:30:00.125+0100":        at.Add(125 * time.Millisecond),
		"2026-03-04T12:00:00Z":                {}, // now
		"2026-03-04 11:59:59.999+0000":        {}, // past: sent now
		"2026-03-03 13:00:00.001+0100":        {},
		"2026-03-04T12:00:00.001Z":            noon.Add(time.Millisecond),
		"2027-03-04 12:00:00.000+0000":        noon.AddDate(1, 0, 0),
		"2026-03-04T13:30:00.000000000-00:00": at,
	} {
		d, err := check(with(func(r *Request) { r.ScheduledDate = text }), sms.Settings{}, noon)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		due := d.message.Due
		if !due.Equal(want) || due.Location() != time.UTC {
			t.Errorf("%q: due %v, want %v", text, due, want)
		}
		from := noon
		if !want.IsZero() {
			from = want
		}
		if expires := d.message.Expires; !expires.Equal(from.Add(48 * time.Hour)) {
			t.Errorf("%q: expires %v", text, expires)
		}
	}
}

func TestValidityCountsFromTheDueTime(t *testing.T) {
	d, err := check(with(func(r *Request) {
		r.ScheduledDate, r.ValidityPeriod = "2026-03-04T13:00:00Z", ptr(int64(60))
	}), sms.Settings{}, noon)
	if err != nil || !d.message.Expires.Equal(noon.Add(61*time.Minute)) {
		t.Errorf("%v", err)
	}
}

func TestPlaceholders(t *testing.T) {
	for _, test := range []struct {
		body, want string
		values     map[string]string
	}{
		{"Hi {name}", "Hi Ann", map[string]string{"name": "Ann"}},
		{"{a}{b}{a}", "121", map[string]string{"a": "1", "b": "2"}},
		{"{a}", "{b}", map[string]string{"a": "{b}", "b": "no second pass"}},
		{"{a}b}", "{ab}", map[string]string{"a": "{a", "ab": "no second pass"}},
		{"{missing} {a}", "{missing} 1", map[string]string{"a": "1"}},
		{"{A}", "{A}", map[string]string{"a": "1"}},
		{"{ a }", "{ a }", map[string]string{"a": "1"}},
		{"{a{b}", "{a2", map[string]string{"a": "1", "b": "2"}},
		{"{{a}}", "{1}", map[string]string{"a": "1"}},
		{"{{{a}}}", "{{1}}", map[string]string{"a": "1"}},
		{"}{a}{", "}1{", map[string]string{"a": "1"}},
		{"{a", "{a", map[string]string{"a": "1"}},
		{"a}", "a}", map[string]string{"a": "1"}},
		{"{}", "x", map[string]string{"": "x"}},
		{"{}", "{}", map[string]string{"a": "x"}},
		{"{a}", "{a}", nil},
		{"no braces", "no braces", map[string]string{"a": "x"}},
		{"{città} {😀}", "Pisa :)", map[string]string{"città": "Pisa", "😀": ":)"}},
		{"{n} {t}", "3.50 true", map[string]string{"n": "3.50", "t": "true"}},
	} {
		if got := replace(test.body, test.values); got != test.want {
			t.Errorf("%q with %v is %q, want %q", test.body, test.values, got, test.want)
		}
	}
}

// replaceSlowly says the same as replace: at each place, the first "{key}" without a brace in the key.
func replaceSlowly(body string, values map[string]string) string {
	var text strings.Builder
	for len(body) > 0 {
		if body[0] == '{' {
			if end := strings.IndexAny(body[1:], "{}"); end >= 0 && body[1+end] == '}' {
				if value, ok := values[body[1:1+end]]; ok {
					text.WriteString(value)
					body = body[end+2:]
					continue
				}
			}
		}
		text.WriteByte(body[0])
		body = body[1:]
	}
	return text.String()
}

func TestPlaceholdersAgreeWithTheirRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOfN(rapid.RuneFrom([]rune("{}ab é")), 0, 40, -1).Draw(t, "body")
		values := rapid.MapOf(rapid.StringOfN(rapid.RuneFrom([]rune("{}ab")), 0, 2, -1), rapid.StringOfN(rapid.RuneFrom([]rune("{}ab€")), 0, 4, -1)).Draw(t, "values")
		if got, want := replace(body, values), replaceSlowly(body, values); got != want {
			t.Fatalf("%q with %v is %q, want %q", body, values, got, want)
		}
	})
}

func TestTheEncodingIsChosenAfterThePlaceholders(t *testing.T) {
	for _, test := range []struct {
		body     string
		value    string
		encoding sms.Encoding
		parts    int
	}{
		{"{v}", "€", sms.GSM7, 1},
		{"{v}", "я", sms.UCS2, 1},
		{strings.Repeat("a", 158) + "{v}", "€", sms.GSM7, 1},
		{strings.Repeat("a", 159) + "{v}", "€", sms.GSM7, 2},
		{strings.Repeat("a", 306) + "{v}", "", sms.GSM7, 2},
		{strings.Repeat("a", 307) + "{v}", "", sms.GSM7, 3},
		{strings.Repeat("a", 305) + "{v}", "€", sms.GSM7, 3},
		{strings.Repeat("a", 69) + "{v}", "я", sms.UCS2, 1},
		{strings.Repeat("a", 70) + "{v}", "я", sms.UCS2, 2},
		{strings.Repeat("a", 132) + "{v}", "😀", sms.UCS2, 2},
		{strings.Repeat("a", 66) + "{v}" + strings.Repeat("a", 66), "😀", sms.UCS2, 3}, // a pair is not cut
		{"😀{v}", "", sms.UCS2, 1},
	} {
		r := with(func(r *Request) { r.Body, r.Placeholders = test.body, map[string]string{"v": test.value} })
		d, err := check(r, sms.Settings{}, noon)
		if err != nil || d.message.Encoding != test.encoding || d.message.Parts != test.parts {
			t.Errorf("%.10q with %q: encoding %d, parts %d, %v; want %d, %d", test.body, test.value, d.message.Encoding, d.message.Parts, err, test.encoding, test.parts)
		}
	}
}

func TestTransliterate(t *testing.T) {
	const curly, near = "L’amica", "L'amica"
	for name, test := range map[string]struct {
		account bool
		message *bool
		body    string
		want    string
		unicode bool
	}{
		"nobody wants it":           {false, nil, curly, curly, true},
		"the account wants it":      {true, nil, curly, near, false},
		"the message wants it":      {false, ptr(true), curly, near, false},
		"the message refuses":       {true, ptr(false), curly, curly, true},
		"not all of it can":         {true, nil, "’я", "’я", true},
		"nothing to do":             {true, nil, "plain", "plain", false},
		"an invisible one goes":     {true, nil, "a\u200bb", "ab", false},
		"only invisible, not asked": {false, nil, "\u200b", "\u200b", true},
	} {
		r := with(func(r *Request) { r.Body, r.Transliterate = test.body, test.message })
		d, err := check(r, sms.Settings{Transliterate: test.account}, noon)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m := d.message; m.Text != test.want || (m.Encoding == sms.UCS2) != test.unicode {
			t.Errorf("%s: %q, encoding %d", name, m.Text, m.Encoding)
		}
	}
	_, err := check(with(func(r *Request) { r.Body = "\u200b" }), sms.Settings{Transliterate: true}, noon)
	if got := fieldsOf(t, err); got["body"] == "" {
		t.Errorf("%v", got)
	}
}

func TestTheOtherMembersReachTheMessage(t *testing.T) {
	d, err := check(&Request{Destination: "0039 340-1234567", Sender: "+39333", Body: "text", CampaignID: "spring", MessageID: "m-1",
		UDHData: "0605040B8423F0", Priority: "high", Flash: true, Silent: true}, sms.Settings{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := sms.Message{CallerID: "m-1", Campaign: "spring", Destination: 393401234567, Sender: "+39333", Text: "text",
		UDH: []byte{6, 5, 4, 0x0b, 0x84, 0x23, 0xf0}, Parts: 1, Priority: sms.High, Flash: true, Expires: noon.Add(48 * time.Hour), Digest: d.message.Digest}
	if diff := cmp.Diff(want, d.message); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]sms.Priority{"high": sms.High, "normal": sms.Normal, "": sms.Normal, "low": sms.Low} {
		if d, err := check(with(func(r *Request) { r.Priority = text }), sms.Settings{}, noon); err != nil || d.message.Priority != want || !d.message.Notify {
			t.Errorf("priority %q: %v", text, err)
		}
	}
}

func TestAHeaderWithANationalLanguageKeepsItsAlphabet(t *testing.T) {
	d, err := check(with(func(r *Request) { r.UDHData, r.Body = "03240101", "ş ğ" }), sms.Settings{}, noon) // Turkish, single shift
	if err != nil || d.message.Encoding != sms.GSM7 || d.message.Parts != 1 {
		t.Errorf("encoding %d, parts %d, %v", d.message.Encoding, d.message.Parts, err)
	}
}

func TestMaxPartsOfTheAccount(t *testing.T) {
	for setting, want := range map[int]int{0: 10, -1: 10, 1: 1, 10: 10, 255: 255, 256: 255, 10_000: gsm.MaxParts} {
		if d, err := check(plain(), sms.Settings{MaxParts: setting}, noon); err != nil || d.maxParts != want {
			t.Errorf("setting %d: %v", setting, err)
		}
	}
}
