package intake

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// What check lets through can be stored and sent; what it refuses names its fields.
func FuzzCheck(f *testing.F) {
	f.Add("+393401234567", "MyCompany", "Hi {name}", "name", "Ann", "", "", "", int64(0), uint8(0))
	f.Add("00393401234567", "+39333", "{a{b}😀", "b", "\u200b", "050003cc0201", "2026-03-04 14:30:00.000+0100", "high", int64(60), uint8(3))
	f.Add("1", "\xff", "\u200b", "", "", "0", "1970-01-01T00:00:00Z", "x", int64(-1), uint8(7))
	f.Add("391234567", "A", "ş", "k", "v", "03240101", "2026-03-03T12:00:00.001Z", "low", int64(604_800), uint8(5))
	f.Fuzz(func(t *testing.T, to, from, body, key, value, udh, date, priority string, validity int64, flags uint8) {
		r := &Request{Destination: to, Sender: from, Body: body, Placeholders: map[string]string{key: value}, UDHData: udh,
			ScheduledDate: date, Priority: priority, MessageID: key, CampaignID: value, Flash: flags&4 != 0}
		if validity != 0 {
			r.ValidityPeriod = &validity
		}
		if flags&2 != 0 {
			r.Transliterate = ptr(flags&1 != 0)
		}
		d, err := check(r, sms.Settings{}, noon)
		if err != nil {
			refusal, ok := errors.AsType[*sms.Error](err)
			if !ok || refusal.Code != sms.Invalid || len(refusal.Fields) == 0 {
				t.Fatalf("%v", err)
			}
			for _, field := range refusal.Fields {
				if field.Field == "" || !utf8.ValidString(field.Field) || !utf8.ValidString(field.Message) || len(field.Message) > 400 {
					t.Fatalf("%q: %q", field.Field, field.Message)
				}
			}
			return
		}
		sound(t, &d.message)
	})
}

func sound(t *testing.T, m *sms.Message) {
	t.Helper()
	again, err := sms.ParseNumber(m.Destination.String())
	if err != nil || again != m.Destination {
		t.Fatalf("destination %v: %v", m.Destination, err)
	}
	if m.Text == "" || !clean(m.Text) || utf8.RuneCountInString(m.Text) > maxText {
		t.Fatalf("text of %d octets", len(m.Text))
	}
	if !m.Due.IsZero() && !m.Due.After(noon) || !m.Expires.After(noon) || !m.Expires.After(m.Due) {
		t.Fatalf("due %v, expires %v", m.Due, m.Expires)
	}
	if m.UDH != nil {
		segment, err := gsm.SplitWithUDH(m.Text, m.UDH)
		if err != nil || m.Parts != 1 || sms.Encoding(segment.Encoding) != m.Encoding {
			t.Fatalf("behind a header: %v, parts %d", err, m.Parts)
		}
		return
	}
	if segments := gsm.Split(m.Text, 1); m.Parts <= gsm.MaxParts && (len(segments) != m.Parts || sms.Encoding(segments[0].Encoding) != m.Encoding) {
		t.Fatalf("%d segments for %d parts", len(segments), m.Parts)
	}
}
