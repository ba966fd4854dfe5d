package smpp

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// What follows the header of the submit_sm of a test message, up to esm_class; and from priority_flag up to data_coding.
const (
	wireAddresses = "00" + // service_type
		"05 00 4d79436f6d70616e79 00" + // source: alphanumeric, "MyCompany"
		"01 01 333933343031323334353637 00" // destination: international, ISDN, 393401234567
	wireProtocol = "00"          // protocol_id
	wireTimes    = "00 00 01 00" // schedule_delivery_time, validity_period, registered_delivery, replace_if_present_flag
)

// wirePart is what differs between the parts of the tests, in hex.
type wirePart struct{ esmClass, priority, dataCoding, userData string }

func (p wirePart) frame(sequence int) string {
	data := strings.ReplaceAll(p.userData, " ", "")
	body := strings.ReplaceAll(wireAddresses+p.esmClass+wireProtocol+p.priority+wireTimes+p.dataCoding+"00", " ", "") +
		fmt.Sprintf("%02x", len(data)/2) + data
	return fmt.Sprintf("%08x00000004%08x%08x", 16+len(body)/2, 0, sequence) + body
}

func TestSubmit_octets_on_the_wire(t *testing.T) {
	a, ya := strings.Repeat, "044f"
	for name, c := range map[string]struct {
		change func(*sms.Message)
		want   []wirePart
	}{
		"GSM, with the extension table and @": {
			func(m *sms.Message) { m.Text = "Ciao € @" },
			[]wirePart{{"00", "00", "00", "43 69 61 6f 20 1b65 20 00"}}},
		"GSM, 160 septets in one part": {
			func(m *sms.Message) { m.Text = a("a", 160) },
			[]wirePart{{"00", "00", "00", a("61", 160)}}},
		"GSM, 306 septets in two parts": {
			func(m *sms.Message) { m.Text, m.Parts = a("a", 306), 2 },
			[]wirePart{{"40", "00", "00", "050003 2a 02 01" + a("61", 153)}, {"40", "00", "00", "050003 2a 02 02" + a("61", 153)}}},
		"GSM, an escape pair at the seam": {
			func(m *sms.Message) { m.Text, m.Parts = a("a", 152)+"€"+a("b", 10), 2 },
			[]wirePart{{"40", "00", "00", "050003 2a 02 01" + a("61", 152)}, {"40", "00", "00", "050003 2a 02 02 1b65" + a("62", 10)}}},
		"UCS-2": {
			func(m *sms.Message) { m.Text, m.Encoding = "я😀", sms.UCS2 },
			[]wirePart{{"00", "00", "08", "044f d83dde00"}}},
		"UCS-2, an emoji at the seam": {
			func(m *sms.Message) { m.Text, m.Encoding, m.Parts = a("я", 66)+"😀"+a("я", 10), sms.UCS2, 2 },
			[]wirePart{{"40", "00", "08", "050003 2a 02 01" + a(ya, 66)}, {"40", "00", "08", "050003 2a 02 02 d83dde00" + a(ya, 10)}}},
		"flash and high priority": {
			func(m *sms.Message) { m.Text, m.Flash, m.Priority = "hi", true, sms.High },
			[]wirePart{{"00", "01", "10", "6869"}}},
		"flash in UCS-2": {
			func(m *sms.Message) { m.Text, m.Flash, m.Priority, m.Encoding = "я", true, sms.Low, sms.UCS2 },
			[]wirePart{{"00", "00", "18", ya}}},
		"own header before a text": {
			func(m *sms.Message) { m.Text, m.UDH = "hi", []byte{6, 5, 4, 0x0B, 0x84, 0x23, 0xF0} },
			[]wirePart{{"40", "00", "00", "06 05 04 0b84 23f0 6869"}}},
		"own header before octets": {
			func(m *sms.Message) {
				m.Text, m.Encoding, m.UDH = "0080ff", sms.Octets, []byte{6, 5, 4, 0x0B, 0x84, 0x23, 0xF0}
			},
			[]wirePart{{"40", "00", "04", "06 05 04 0b84 23f0 0080ff"}}},
		"own header before UCS-2 that septets could say": {
			func(m *sms.Message) { m.Text, m.Encoding, m.UDH = "a", sms.UCS2, []byte{5, 0, 3, 0x2A, 2, 1} },
			[]wirePart{{"40", "00", "08", "050003 2a 02 01 0061"}}},
		"own header before half a pair": {
			func(m *sms.Message) {
				m.Text, m.Encoding, m.Raw, m.UDH = "0061d83d", sms.UCS2, true, []byte{5, 0, 3, 0x2A, 2, 1}
			},
			[]wirePart{{"40", "00", "08", "050003 2a 02 01 0061d83d"}}},
		"own header before half an escape": {
			func(m *sms.Message) { m.Text, m.Raw, m.UDH = "611b", true, []byte{5, 0, 3, 0x2A, 2, 1} },
			[]wirePart{{"40", "00", "00", "050003 2a 02 01 611b"}}},
		"octets alone": {
			func(m *sms.Message) { m.Text, m.Encoding = "0080ff", sms.Octets },
			[]wirePart{{"00", "00", "04", "0080ff"}}},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			_, s := startWith(t, smsc, "")
			m := message("")
			c.change(m)
			answers := s.submit(t.Context(), m)
			for part := range c.want {
				if got := await(t, answers); got.Verdict != dispatch.Accepted || got.part != part {
					t.Errorf("%+v", got)
				}
			}
			for i, f := range smsc.Await(t, smpp.CommandSubmitSM, len(c.want)) {
				if diff := cmp.Diff(c.want[i].frame(2+i), hex.EncodeToString(f.Raw)); diff != "" {
					t.Errorf("part %d: %s", i+1, diff)
				}
			}
		})
	}
}

func TestField_octets_unchanged(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "")
	m := message("@£$¥èéùìòÇ{}[]~^|\\€Ωß")
	await(t, s.submit(t.Context(), m))
	want := []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x1b\x28\x1b\x29\x1b\x3c\x1b\x3e\x1b\x3d\x1b\x14\x1b\x40\x1b\x2f\x1b\x65\x15\x1e")
	if diff := cmp.Diff(want, smsc.Submits()[0].ShortMessage); diff != "" {
		t.Error(diff)
	}
}

func TestSubmit_senders(t *testing.T) {
	type source struct {
		TON, NPI uint8
		Addr     string
	}
	for sender, want := range map[sms.Sender]source{
		"MyCompany":        {5, 0, "MyCompany"},
		"A+B & C":          {5, 0, "A+B & C"},
		"393331234567":     {1, 1, "393331234567"},
		"+393331234567":    {1, 1, "393331234567"},
		"48883":            {3, 0, "48883"},
		"112":              {3, 0, "112"},
		"483212":           {3, 0, "483212"},
		"4832123":          {1, 1, "4832123"},
		"+12345":           {1, 1, "12345"},
		"1234567890123456": {1, 1, "1234567890123456"},
	} {
		m := message("x")
		m.Sender = sender
		var p smpp.SubmitSM
		address(&p, m)
		if diff := cmp.Diff(want, source{p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr}); diff != "" {
			t.Errorf("%s: %s", sender, diff)
		}
	}
}

func TestValidityPeriod(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]string{
		-time.Hour:                       "000000000001000R",
		time.Millisecond:                 "000000000001000R",
		time.Minute:                      "000000000100000R",
		90*time.Second + time.Nanosecond: "000000000131000R",
		48 * time.Hour:                   "000002000000000R",
		7*24*time.Hour - time.Second:     "000006235959000R",
		400 * 24 * time.Hour:             "000030000000000R",
	} {
		if got := validityPeriod(now, now.Add(left)); got != want {
			t.Errorf("%v: %s, not %s", left, got, want)
		}
	}
	if got := validityPeriod(now, time.Time{}); got != "" {
		t.Errorf("never: %s", got)
	}
}

func TestSubmit_tells_the_carrier_how_long_it_is_of_use(t *testing.T) {
	for parameter, want := range map[string]int{"validity=relative": 16, "validity=none": 0} {
		smsc := smpptest.NewSMSC(t)
		_, s := startWith(t, smsc, parameter)
		m := message("x")
		m.Expires = time.Now().Add(time.Hour)
		await(t, s.submit(t.Context(), m))
		await(t, s.submit(t.Context(), message("does not expire")))
		submits := smsc.Submits()
		if got := submits[0].ValidityPeriod; len(got) != want {
			t.Errorf("%s: %q", parameter, got)
		}
		if got := submits[1].ValidityPeriod; got != "" {
			t.Errorf("%s: a message that does not expire says %q", parameter, got)
		}
	}
}
