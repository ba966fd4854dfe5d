package outbox

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

func TestInboundPDU(t *testing.T) {
	for _, c := range []struct {
		text     string
		encoding sms.Encoding
		charset  string
		coding   uint8
		octets   string
	}{
		{"ciao @ 5 €", sms.GSM7, "", 0, "ciao \x00 5 \x1be"},
		{"ciao @ 5 £", sms.GSM7, "latin1", 0, "ciao @ 5 \xa3"},
		{"5 €", sms.GSM7, "latin1", 8, "\x005\x00 \x20\xac"},
		{"5 €", sms.GSM7, "utf8", 0, "5 €"},
		{"ş", sms.GSM7, "", 8, "\x01\x5f"}, // of a national table, which deliver_sm cannot name
		{"да", sms.UCS2, "", 8, "\x04\x34\x04\x30"},
		{"да", sms.UCS2, "utf8", 0, "да"},
		{"è", sms.UCS2, "latin1", 0, "\xe8"},
		{"00FF10", sms.Octets, "latin1", 4, "\x00\xff\x10"},
	} {
		p := inboundPDU(&sms.InboundMessage{Text: c.text, Encoding: c.encoding, Ports: sms.NoPorts}, c.charset)
		if p.DataCoding != c.coding || string(p.ShortMessage) != c.octets || p.ESMClass != 0 || len(p.TLVs) != 0 {
			t.Errorf("%q for %q: data_coding %d, %q", c.text, c.charset, p.DataCoding, p.ShortMessage)
		}
	}
	long := strings.Repeat("a", 255)
	p := inboundPDU(&sms.InboundMessage{Text: long, Ports: 2948<<16 | 9200}, "")
	payload, _ := p.TLVs.Get(smpp.TagMessagePayload)
	source, _ := p.TLVs.Uint16(smpp.TagSourcePort)
	destination, _ := p.TLVs.Uint16(smpp.TagDestinationPort)
	if len(p.ShortMessage) != 0 || !bytes.Equal(payload, []byte(long)) || source != 9200 || destination != 2948 {
		t.Errorf("%d octets, payload of %d, ports %d and %d", len(p.ShortMessage), len(payload), source, destination)
	}
	for text, want := range map[string][3]any{
		"+393401234567": {uint8(1), uint8(1), "393401234567"}, "12345": {uint8(3), uint8(0), "12345"},
		"ACME": {uint8(5), uint8(0), "ACME"}, "3401234567": {uint8(0), uint8(1), "3401234567"},
	} {
		if ton, npi, addr := wireAddress(text); want != [3]any{ton, npi, addr} {
			t.Errorf("%s: %d, %d, %s", text, ton, npi, addr)
		}
	}
}

// Messages from handsets go to whoever is bound, between the receipts, and wait like these.
func TestInboundBySMPP(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		f.addReceipts(1, 1)
		for _, e := range f.append(store.EventQueue{Account: 1, Way: sms.BySMPP}, 2) {
			e.Kind, e.Message = sms.InboundEvent, nil
		}
		f.events[1].Inbound = &sms.InboundMessage{Source: "+393401234567", Destination: "12345", Text: "ciao", Ports: sms.NoPorts}
		time.Sleep(time.Hour)
		c := b.bind(1, nil)
		time.Sleep(2 * time.Second)
		if got := c.taken(); len(got) != 2 || got[1] != "393401234567 12345 ciao" {
			t.Errorf("%q", got)
		}
		if f.stage(1, sms.EventDelivered) != 2 || f.stage(1, sms.EventFailed) != 1 { // of one the message was not kept
			t.Errorf("%d delivered", f.stage(1, sms.EventDelivered))
		}
	})
}
