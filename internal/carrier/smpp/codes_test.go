package smpp

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

func TestCodes_in_words(t *testing.T) {
	for code, want := range map[string]string{
		"001": "unknown subscriber", "1": "unknown subscriber", "006": "absent subscriber", "027": "absent subscriber", "011": "teleservice not provisioned",
		"013": "call barred", "211": "memory full", "3:0211": "memory full", "3:0001": "unknown subscriber", "0011": "teleservice not provisioned",
		"1:0000": "address vacant", "2:0032": "no page response", "2:0035": "memory full", "2:0098": "call barred",
		"": "", "000": "", "0": "", "0e7": "", "0x0000000b": "", "999": "", "3:0999": "", "8:0001": "", "-1": "", "70000": "", "0000000000001": "", "1:": "", ":1": "unknown subscriber",
	} {
		if got := (Codes)(nil).Words(code); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

// A carrier's own meaning of a code comes before the tables; * does away with them.
func TestCodes_of_a_carrier(t *testing.T) {
	a, err := ParseAddress("smpp://me@a?codes=021:no+such+number,3:0255:filtered,0e7:spam,013:")
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"021": "no such number", "21": "no such number", "3:0021": "no such number", "3:0255": "filtered",
		"255": causesGSM[255], "0e7": "spam", "013": "", "001": causesGSM[1]} {
		if got := a.Codes.Words(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
	if b, err := ParseAddress(a.String()); err != nil || !maps.Equal(a.Codes, b.Codes) {
		t.Errorf("%s is read as %v, error %v", a, b.Codes, err)
	}
	own, err := ParseAddress("smpp://me@a?codes=*:,5:no+credit")
	if err != nil || own.Codes.Words("001") != "" || own.Codes.Words("3:0001") != "" || own.Codes.Words("005") != "no credit" {
		t.Errorf("%v, error %v", own.Codes, err)
	}
	for _, wrong := range []string{"21", ":words", "21:a,021:b", "*:all", "21:" + strings.Repeat("x", 101), "21:%01", "3::x", "a:b:1:x", "%ff:x", "21:%ff", ""} {
		if _, err := ParseAddress("smpp://me@a?codes=" + wrong); sms.CodeOf(err) != sms.Invalid {
			t.Errorf("%q: error %v", wrong, err)
		}
	}
}

// The words reach the report, but for one of a good end.
func TestCodes_reach_the_report(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "codes=021:no+such+number")
	for _, test := range []struct{ stat, err, want string }{
		{"UNDELIV", "021", "no such number"}, {"EXPIRED", "027", causesGSM[27]}, {"UNKNOWN", "034", causesGSM[34]}, {"REJECTD", "999", ""},
		{"DELIVRD", "027", ""}, {"ENROUTE", "027", ""},
	} {
		deliver(t, smsc, receiptText("id:1 sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:"+test.stat+" err:"+test.err+" text:hi"))
		got := await(t, w.recorder.reports)
		got.done(nil)
		if got.it.Words != test.want || got.it.Code != test.err {
			t.Errorf("%s %s: %+v", test.stat, test.err, got.it)
		}
	}
	smsc.Await(t, smpp.CommandDeliverSMResp, 6)
}

// Customers read the words; docs/carriers.md has the same ones.
func TestCodes_docs_repeat_them(t *testing.T) {
	docs, err := os.ReadFile("../../../docs/carriers.md")
	if err != nil {
		t.Fatal(err)
	}
	for column, table := range map[string]map[uint16]string{"GSM": causesGSM, "CDMA": causesCDMA} {
		for _, code := range slices.Sorted(maps.Keys(table)) {
			if row := fmt.Sprintf("| %s | %d | %s |\n", column, code, table[code]); !strings.Contains(string(docs), row) {
				t.Errorf("docs/carriers.md has no row %s", row)
			}
			if unicode.IsSpace(rune(table[code][0])) || strings.HasSuffix(table[code], ".") {
				t.Errorf("%q", table[code])
			}
		}
	}
}
