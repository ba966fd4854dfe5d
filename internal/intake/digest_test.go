package intake

import (
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

func digestOf(t *testing.T, r *Request, settings sms.Settings, now time.Time) uint64 {
	t.Helper()
	if r.MessageID == "" {
		r.MessageID = "m-1"
	}
	d, err := check(r, settings, now)
	if err != nil {
		t.Fatal(err)
	}
	return d.message.Digest
}

func full(change func(*Request)) *Request {
	r := &Request{Destination: "+393401234567", Sender: "MyCompany", Body: "L’amica {n}", MessageID: "m-1", CampaignID: "c", UDHData: "0605040b8423f0",
		Placeholders: map[string]string{"n": "1"}, ScheduledDate: "2026-03-04T14:30:00+01:00", ValidityPeriod: ptr(int64(3600))}
	change(r)
	return r
}

// Who sends the same again, in whatever spelling and whenever, must not be told that it is another message.
func TestDigestIsTheSameForTheSameMessage(t *testing.T) {
	want := digestOf(t, full(func(*Request) {}), sms.Settings{}, noon)
	for name, change := range map[string]func(*Request){
		"again":               func(*Request) {},
		"00 for +":            func(r *Request) { r.Destination = "00393401234567" },
		"separators":          func(r *Request) { r.Destination = "39 (340) 123-45.67" },
		"other form of date":  func(r *Request) { r.ScheduledDate = "2026-03-04 14:30:00.000+0100" },
		"other zone":          func(r *Request) { r.ScheduledDate = "2026-03-04T13:30:00Z" },
		"letter case of hex":  func(r *Request) { r.UDHData = "0605040B8423F0" },
		"replaced by hand":    func(r *Request) { r.Body, r.Placeholders = "L’amica 1", nil },
		"unused placeholder":  func(r *Request) { r.Placeholders["other"] = "x" },
		"the default, spoken": func(r *Request) { r.Priority = "normal" },
	} {
		if got := digestOf(t, full(change), sms.Settings{}, noon); got != want {
			t.Errorf("%s: another digest", name)
		}
	}
	if got := digestOf(t, full(func(*Request) {}), sms.Settings{}, noon.Add(2*time.Hour)); got != want {
		t.Error("again after its date has passed: another digest")
	}
	if got := digestOf(t, full(func(*Request) {}), sms.Settings{Transliterate: true, MaxParts: 3}, noon); got != want {
		t.Error("again after the account was set otherwise: another digest")
	}
}

func TestDigestKnowsDefaultsSpoken(t *testing.T) {
	want := digestOf(t, plain(), sms.Settings{}, noon)
	got := digestOf(t, with(func(r *Request) { r.ValidityPeriod, r.Priority = ptr(int64(172_800)), "normal" }), sms.Settings{}, noon)
	if got != want {
		t.Error("the default validity, spoken, is another message")
	}
}

func TestDigestTellsMessagesApart(t *testing.T) {
	seen := map[uint64]string{digestOf(t, full(func(*Request) {}), sms.Settings{}, noon): "the first"}
	for name, change := range map[string]func(*Request){
		"destination":   func(r *Request) { r.Destination = "+393401234568" },
		"sender":        func(r *Request) { r.Sender = "mycompany" },
		"body":          func(r *Request) { r.Body = "L’amica  {n}" },
		"value":         func(r *Request) { r.Placeholders["n"] = "2" },
		"campaign":      func(r *Request) { r.CampaignID = "d" },
		"id":            func(r *Request) { r.MessageID = "m-2" },
		"header":        func(r *Request) { r.UDHData = "0605040b8423f1" },
		"no header":     func(r *Request) { r.UDHData = "" },
		"notify":        func(r *Request) { r.Silent = true },
		"date":          func(r *Request) { r.ScheduledDate = "2026-03-04T13:30:01Z" },
		"no date":       func(r *Request) { r.ScheduledDate = "" },
		"validity":      func(r *Request) { r.ValidityPeriod = ptr(int64(3601)) },
		"priority":      func(r *Request) { r.Priority = "low" },
		"flash":         func(r *Request) { r.Flash = true },
		"transliterate": func(r *Request) { r.Transliterate = ptr(true) },
	} {
		digest := digestOf(t, full(change), sms.Settings{}, noon)
		if other, known := seen[digest]; known {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[digest] = name
	}
}

// Digests are stored: a server that computes others calls honest repetitions of yesterday's requests conflicts.
func TestDigestStaysAcrossVersions(t *testing.T) {
	if got := digestOf(t, full(func(*Request) {}), sms.Settings{}, noon); got != 0xe01b0e263015ffb9 {
		t.Errorf("%#x", got)
	}
}
