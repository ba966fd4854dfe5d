package country_test

import (
	"testing"

	"github.com/staffetta/staffetta/internal/country"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestOf(t *testing.T) {
	for text, want := range map[string]string{
		"+393401234567": "IT", "+390669812345": "VA", "+37912345678": "VA", "+4915112345678": "DE", "+447700900123": "JE", "+447400123456": "GB",
		"+441624123456": "IM", "+12125550123": "US", "+14165550123": "CA", "+18765550123": "JM", "+17875550123": "PR", "+79161234567": "RU",
		"+77011234567": "KZ", "+18005550123": "", "+8816123456789": "", "+35318123456": "IE", "+5999123456": "CW", "+599712345": "BQ",
		"+383441234567": "XK", "+2103456789": "",
	} {
		n, err := sms.ParseNumber(text)
		if err != nil {
			t.Fatal(text, err)
		}
		if got := country.Of(n); got != want {
			t.Errorf("%s is of %q, want %q", text, got, want)
		}
	}
}

func TestKnown(t *testing.T) {
	for code, want := range map[string]bool{"IT": true, "US": true, "KZ": true, "VA": true, "ZZ": false, "it": false, "": false} {
		if country.Known(code) != want {
			t.Errorf("Known(%q) is %v", code, !want)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		country.Of(393401234567)
	}
}
