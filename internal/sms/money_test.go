package sms_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

// largest is the largest amount that is read: 9,223,372,036.854775 €.
const largest = sms.Money(math.MaxInt64 / 1000)

func TestMoneyIsReadExactly(t *testing.T) {
	for text, want := range map[string]sms.Money{
		"0": 0, "-0": 0, "100": 100 * sms.Euro, "+10": 10 * sms.Euro, "-2.5": -2_500_000, "0.035": 35_000,
		"0.000001": 1, "-0.000001": -1, "1.1": 1_100_000, "000.5": 500_000,
		"9223372036.854775": largest, "-9223372036.854775": -largest,
	} {
		got, err := sms.ParseMoney(text)
		if err != nil || got != want {
			t.Errorf("ParseMoney(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestMoneyRefusesWhatIsNotExact(t *testing.T) {
	for _, text := range []string{
		"", "+", "-", ".", "-.", ".5", "5.", "1.0000001", "0.0000000", "1e3", "1,5", "1.5.0", "1 000", " 1", "1 ", "--1", "+-1",
		"-+1", "++1", "1_000", "0x10", "NaN", "Inf", "null", `"1"`, "١", "1.-5", "1.+5", "9223372036.854776",
		"9223372036854.775807", "9223372036854775808", "99999999999999999999999999999999",
	} {
		if got, err := sms.ParseMoney(text); err == nil || got != 0 {
			t.Errorf("ParseMoney(%q) = %d, %v; want an error", text, got, err)
		}
	}
}

func TestMoneyIsWrittenWithTheDecimalsItNeeds(t *testing.T) {
	for want, m := range map[string]sms.Money{
		"0": 0, "100": 100 * sms.Euro, "0.035": 35_000, "-0.035": -35_000, "1.000001": 1_000_001, "-2.5": -2_500_000,
		"9223372036854.775807": math.MaxInt64, "-9223372036854.775808": math.MinInt64,
	} {
		if m.String() != want {
			t.Errorf("%d is written %q, want %q", int64(m), m, want)
		}
	}
}

func TestMoneyComesBackFromText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := sms.Money(rapid.Int64Range(-int64(largest), int64(largest)).Draw(t, "money"))
		back, err := sms.ParseMoney(m.String())
		if err != nil || back != m {
			t.Fatalf("%d is written %q and read as %d, %v", int64(m), m, back, err)
		}
		text, err := json.Marshal(m)
		if err != nil || string(text) != m.String() || !json.Valid(text) {
			t.Fatalf("JSON of %d is %s, %v", int64(m), text, err)
		}
		var fromJSON sms.Money
		if err := json.Unmarshal(text, &fromJSON); err != nil || fromJSON != m {
			t.Fatalf("JSON %s is read as %d, %v", text, fromJSON, err)
		}
	})
}

func TestMoneyInJSONIsANumber(t *testing.T) {
	for _, text := range []string{`{"m":"1"}`, `{"m":1e3}`, `{"m":0.0000001}`, `{"m":true}`, `{"m":{}}`, `{"m":null}`} {
		var v struct{ M sms.Money }
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s was read as %v", text, v.M)
		}
	}
}

func TestAvailableIsCreditLessReserved(t *testing.T) {
	if got := (sms.Balance{Credit: 10 * sms.Euro, Reserved: 4 * sms.Euro}).Available(); got != 6*sms.Euro {
		t.Errorf("available %s, want 6", got)
	}
}

func TestPriceIsForEachPart(t *testing.T) {
	if got := (&sms.Message{Parts: 3, PartPrice: 35_000}).Price(); got.String() != "0.105" {
		t.Errorf("price %s, want 0.105", got)
	}
}
