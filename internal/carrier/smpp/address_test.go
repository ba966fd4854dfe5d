package smpp

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestParseAddress(t *testing.T) {
	with := func(change func(*Address)) Address {
		a := defaults()
		a.SystemID, a.Host = "esme", "smsc.example:2775"
		change(&a)
		return a
	}
	for raw, want := range map[string]Address{
		"smpp://esme@smsc.example":                  with(func(*Address) {}),
		"smpp://esme:s%40%3A%2F%3F%23@smsc.example": with(func(a *Address) { a.Password = "s@:/?#" }),
		"smpp://esme:pw@smsc.example:2776/":         with(func(a *Address) { a.Password, a.Host = "pw", "smsc.example:2776" }),
		"smpps://esme@smsc.example":                 with(func(a *Address) { a.TLS, a.Host = true, "smsc.example:3550" }),
		"smpps://esme@a:1?hosts=b:2,[::1],c": with(func(a *Address) {
			a.TLS, a.Host, a.Hosts = true, "a:1", []string{"b:2", "[::1]:3550", "c:3550"}
		}),
		"smpps://esme@a:1?tls_ca=/ca.pem&tls_cert=/c.pem&tls_key=/k.pem&tls_server_name=smsc.example&enquire_timeout=3": with(func(a *Address) {
			a.TLS, a.Host, a.EnquireTimeout = true, "a:1", 3*time.Second
			a.Trust = Trust{CA: "/ca.pem", Cert: "/c.pem", Key: "/k.pem", ServerName: "smsc.example", Verify: VerifyOn}
		}),
		"smpp://esme@[2001:db8::1]:99": with(func(a *Address) { a.Host = "[2001:db8::1]:99" }),
		"smpp://esme@smsc.example?bind=pair&window=10&sessions=4&throughput=50&response_timeout=60&enquire_link=1m&system_type=VMA&validity=none": with(func(a *Address) {
			a.Bind, a.Window, a.Sessions, a.Throughput = BindPair, 10, 4, 50
			a.ResponseTimeout, a.EnquireLink, a.SystemType, a.Validity = time.Minute, time.Minute, "VMA", ValidityNone
		}),
	} {
		got, err := ParseAddress(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

func TestParseAddress_names_what_is_wrong(t *testing.T) {
	for raw, field := range map[string]string{
		"":                                      "address",
		"smsc.example:2775":                     "address",
		"http://esme:hunter2@smsc.example":      "address",
		"smpp:esme:hunter2@smsc.example":        "address",
		"smpp://esme:hunter2@smsc.example:x":    "address",
		"smpp://esme:hunter2%zz@smsc.example":   "address",
		"smpp://esme:hunter2@smsc.example/path": "address",
		"smpp://esme:hunter2#@smsc.example":     "address",
		"smpp://esme:hunter2@smsc.example#x":    "address",
		"smpp://esme:hunter2@smsc.example?a;b":  "address",
		"smpp://smsc.example":                   "system_id",
		"smpp://:hunter2@smsc.example":          "system_id",
		"smpp://sixteen-letters-:hunter2@a":     "system_id",
		"smpp://esme:hunter2" + strings.Repeat("x", 60) + "@smsc.example": "password",
		"smpp://esme:hunter2@":                              "host",
		"smpp://esme:hunter2@:2775":                         "host",
		"smpp://esme:hunter2@smsc.example:0":                "port",
		"smpp://esme:hunter2@smsc.example:70000":            "port",
		"smpp://esme:hunter2@a?bind=both":                   "bind",
		"smpp://esme:hunter2@a?window=0":                    "window",
		"smpp://esme:hunter2@a?window=ten":                  "window",
		"smpp://esme:hunter2@a?sessions=17":                 "sessions",
		"smpp://esme:hunter2@a?throughput=-1":               "throughput",
		"smpp://esme:hunter2@a?session_throughput=x":        "session_throughput",
		"smpp://esme:hunter2@a?response_timeout=1ms":        "response_timeout",
		"smpp://esme:hunter2@a?enquire_link=never":          "enquire_link",
		"smpp://esme:hunter2@a?system_type=thirteenchars":   "system_type",
		"smpp://esme:hunter2@a?validity=forever":            "validity",
		"smpp://esme:hunter2@a?hosts=":                      "hosts",
		"smpp://esme:hunter2@a?hosts=b:0":                   "hosts",
		"smpp://esme:hunter2@a?hosts=b,,c":                  "hosts",
		"smpp://esme:hunter2@a?hosts=me@b":                  "hosts",
		"smpp://esme:hunter2@a?hosts=b,c,d,e,f,g,h,i":       "hosts",
		"smpp://esme:hunter2@a?tls_ca=/ca.pem":              "tls_ca",
		"smpp://esme:hunter2@a?tls_cert=/c&tls_key=/k":      "tls_cert",
		"smpp://esme:hunter2@a?tls_server_name=b":           "tls_server_name",
		"smpp://esme:hunter2@a?tls_verify=off":              "tls_verify",
		"smpps://esme:hunter2@a?tls_ca=ca.pem":              "tls_ca",
		"smpps://esme:hunter2@a?tls_cert=/c":                "tls_key",
		"smpps://esme:hunter2@a?tls_key=/k":                 "tls_cert",
		"smpps://esme:hunter2@a?tls_verify=no":              "tls_verify",
		"smpps://esme:hunter2@a?tls_verify=off&tls_ca=/c":   "tls_verify",
		"smpp://esme:hunter2@a?outbind_listen=2776":         "outbind_listen",
		"smpp://esme:hunter2@a?outbind_listen=127.0.0.1:0":  "outbind_listen",
		"smpps://esme:hunter2@a?outbind_listen=0.0.0.0:1":   "outbind_listen",
		"smpp://esme:hunter2@a?enquire_timeout=0":           "enquire_timeout",
		"smpp://esme:hunter2@a?temporary=0":                 "temporary",
		"smpp://esme:hunter2@a?permanent=":                  "permanent",
		"smpp://esme:hunter2@a?throttled=0x1FFFFFFFF":       "throttled",
		"smpp://esme:hunter2@a?carrier_wide=0x45,full":      "carrier_wide",
		"smpp://esme:hunter2@a?temporary=69&throttled=0x45": "throttled",
		"smpp://esme:hunter2@a?window=1&window=2":           "window",
		"smpp://esme:hunter2@a?windows=10":                  "windows",
	} {
		_, err := ParseAddress(raw)
		e, ok := errors.AsType[*sms.Error](err)
		if !ok || e.Code != sms.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %v, not about %s", raw, err, field)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password stands in the error: %v", err)
		}
	}
}

func TestAddress_String_is_read_again_without_the_password(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom(nil, asciiPrintable), 0, 8, 8)
	rapid.Check(t, func(t *rapid.T) {
		a := Address{
			TLS: rapid.Bool().Draw(t, "tls"), SystemID: "x" + text.Draw(t, "id"), Password: text.Draw(t, "password"), Host: "smsc.example:1",
			Trust: Trust{Verify: VerifyOn}, EnquireTimeout: time.Second, Hosts: rapid.SampledFrom([][]string{nil, {"b:2775", "[::1]:3"}}).Draw(t, "hosts"),
			Bind: rapid.SampledFrom([]string{BindTransceiver, BindPair}).Draw(t, "bind"), Window: rapid.IntRange(1, 10_000).Draw(t, "window"),
			Sessions: rapid.IntRange(1, maxSessions).Draw(t, "sessions"), Throughput: rapid.SampledFrom([]int{0, 1, 1000}).Draw(t, "throughput"), ReceiptIDs: rapid.SampledFrom([]string{IDsAuto, IDsExact, IDsFolded, IDsDecimal, IDsHex}).Draw(t, "receipt ids"),
			SessionThroughput: rapid.SampledFrom([]int{0, 1, 50}).Draw(t, "of a session"),
			ResponseTimeout:   time.Duration(rapid.IntRange(1, 600).Draw(t, "timeout")) * time.Second, EnquireLink: time.Minute,
			SystemType: text.Draw(t, "type"), Validity: ValidityNone, Dialect: drawDialect(t),
		}
		got, err := ParseAddress(a.String())
		if err != nil {
			t.Fatalf("%s: %v", a, err)
		}
		a.Password = ""
		if diff := cmp.Diff(a, got); diff != "" {
			t.Fatalf("%s: %s", a, diff)
		}
	})
}

var asciiPrintable = &unicode.RangeTable{R16: []unicode.Range16{{Lo: ' ', Hi: '~', Stride: 1}}, LatinOffset: 1}

func TestWith(t *testing.T) {
	before, err := ParseAddress("smpp://me:p%40ss@h:2776?window=50&codes=021:no+such+number&hosts=i,j")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		changes  []Change
		want     string
		password string
	}{
		"nothing":      {nil, "smpp://me@h:2776?hosts=i%3A2775%2Cj%3A2775&window=50&codes=21%3Ano+such+number", "p@ss"},
		"a parameter":  {[]Change{{"window", "10"}}, "smpp://me@h:2776?hosts=i%3A2775%2Cj%3A2775&window=10&codes=21%3Ano+such+number", "p@ss"},
		"its default":  {[]Change{{"window", ""}, {"hosts", ""}, {"codes", ""}}, "smpp://me@h:2776", "p@ss"},
		"the peer":     {[]Change{{"host", "k"}, {"system_id", "us/er"}, {"password", ""}, {"hosts", ""}, {"codes", ""}}, "smpp://us%2Fer@k:2775?window=50", ""},
		"with TLS":     {[]Change{{"tls", "true"}, {"tls_ca", "/ca.pem"}, {"hosts", ""}, {"codes", ""}}, "smpps://me@h:2776?tls_ca=%2Fca.pem&window=50", "p@ss"},
		"as a whole":   {[]Change{{"address", "smpp://you@k"}}, "smpp://you@k:2775", "p@ss"},
		"and password": {[]Change{{"address", "smpp://you:x@k"}, {"window", "7"}}, "smpp://you@k:2775?window=7", "x"},
	} {
		after, err := before.With(test.changes)
		if err != nil || after.String() != test.want || after.Password != test.password {
			t.Errorf("%s: %s, password %q, %v", name, after, after.Password, err)
		}
	}
	for _, wrong := range []Change{{"window", "0"}, {"windw", "1"}, {"host", "a/b"}, {"host", "x@y"}, {"host", ""}, {"tls", "on"}, {"system_id", ""}, {"address", "http://x"}, {"tls_ca", "/x"}} {
		if after, err := before.With([]Change{wrong}); err == nil {
			t.Errorf("%v was taken: %s", wrong, after)
		}
	}
}
