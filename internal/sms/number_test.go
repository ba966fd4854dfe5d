package sms_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestNumberIsReadInEveryForm(t *testing.T) {
	const want = sms.Number(393401234567)
	for _, text := range []string{
		"+393401234567", "00393401234567", "393401234567", "+39 340 1234567", "+39.340.123.45.67", "+39-340-1234567",
		"+39 (340) 1234567", "(+39) 340 1234567", "0039 340 1234567", "39 340 1234567", " +393401234567 ", "00-39-340-1234567",
	} {
		if got, err := sms.ParseNumber(text); err != nil || got != want {
			t.Errorf("ParseNumber(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestNumberHasSevenToFifteenDigits(t *testing.T) {
	for text, want := range map[string]string{
		"1234567": "+1234567", "+1234567": "+1234567", "001234567": "+1234567",
		"123456789012345": "+123456789012345", "+123456789012345": "+123456789012345", "00123456789012345": "+123456789012345",
	} {
		if got, err := sms.ParseNumber(text); err != nil || got.String() != want || "+"+got.Digits() != want {
			t.Errorf("ParseNumber(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestNumberRefusesTheImpossible(t *testing.T) {
	for _, text := range []string{
		"", "+", "00", "0", "123456", "+123456", "00123456", "1234567890123456", "+1234567890123456", "001234567890123456",
		"0340123456", "+0393401234567", "+00393401234567", "000393401234567", "++393401234567", "39+3401234567", "393401234567+",
		"+39340123456a", "tel:+393401234567", "+39/340/1234567", "+39\t3401234567", "+39\u00a03401234567", "٣٩٣٤٠١٢٣٤٥٦٧",
		"３９３４０１２３４５６７", "39340123456\x00", "\xff393401234567", "-", "()", "MyCompany", strings.Repeat("1", 1000),
	} {
		if got, err := sms.ParseNumber(text); err == nil || got != 0 {
			t.Errorf("ParseNumber(%q) = %v, %v; want an error", text, got, err)
		}
	}
}

func TestNumberErrorSaysWhatToWrite(t *testing.T) {
	_, err := sms.ParseNumber("12")
	if err == nil || !strings.Contains(err.Error(), "+393401234567") || !strings.Contains(err.Error(), "7 to 15 digits") {
		t.Errorf("error %v", err)
	}
}

func TestNumberComesBackFromText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9][0-9]{6,14}`).Draw(t, "digits")
		prefix := rapid.SampledFrom([]string{"", "+", "00"}).Draw(t, "prefix")
		n, err := sms.ParseNumber(prefix + digits)
		if err != nil || n.Digits() != digits || n.String() != "+"+digits {
			t.Fatalf("%s%s is read as %v, %v", prefix, digits, n, err)
		}
	})
}

func TestNoNumberIsWrittenAsNothing(t *testing.T) {
	if got := sms.Number(0).String(); got != "" {
		t.Errorf("the zero number is written %q", got)
	}
}

func TestSender(t *testing.T) {
	for text, digits := range map[string]string{
		"A": "", "MyCompany": "", "elevenchars": "", "a1": "", "1a": "", "A B.C_D&E+-": "", "+a": "", " a": "",
		"123": "123", "+123": "123", "1234567890123456": "1234567890123456", "+1234567890123456": "1234567890123456", "000": "000",
	} {
		got, err := sms.ParseSender(text)
		if err != nil || string(got) != text {
			t.Errorf("ParseSender(%q) = %q, %v", text, got, err)
		}
		if d, ok := got.Numeric(); ok != (digits != "") || ok && d != digits {
			t.Errorf("%q: Numeric = %q, %v", text, d, ok)
		}
	}
}

func TestSenderRefusesTheImpossible(t *testing.T) {
	for _, text := range []string{
		"", "+", "12", "+12", "12345678901234567", "+12345678901234567", "twelve chars", "Città", "a/b", "a\x00", "a\n", "a@b", "ａｂｃ",
		" ", ". _&+-", "1 23", "++123", "12+3", "123+", "-123", "a\xff", "😀", "١٢٣",
	} {
		if got, err := sms.ParseSender(text); err == nil || got != "" {
			t.Errorf("ParseSender(%q) = %q, %v; want an error", text, got, err)
		}
	}
	if _, ok := sms.Sender("").Numeric(); ok {
		t.Error("no sender is numeric")
	}
}
