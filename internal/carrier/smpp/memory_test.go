package smpp

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// Addresses, and what is told in optional parameters, come in one form.
func TestInbound_one_form(t *testing.T) {
	var sar, ports, mark smpp.TLVs
	sar.AddUint16(smpp.TagSARMsgRefNum, 9)
	sar.AddUint8(smpp.TagSARTotalSegments, 2)
	sar.AddUint8(smpp.TagSARSegmentSeqnum, 1)
	ports.AddUint16(smpp.TagDestinationPort, 2948)
	mark.AddUint16(smpp.TagUserMessageReference, 17)
	turkish := gsm.UDH{Elements: []gsm.Element{gsm.LockingShift(gsm.Turkish)}}.Append(nil)
	b := &inbox{carrier: 7, alphabet: sms.AlphabetLatin1}
	for name, c := range map[string]struct {
		p    smpp.DeliverSM
		want sms.Inbound
	}{
		"international":       {smpp.DeliverSM{SourceAddrTON: 1, SourceAddr: "393401234567", DestAddrTON: 1, DestinationAddr: "+393409999999"}, sms.Inbound{Source: "+393401234567", Destination: "+393409999999"}},
		"unknown":             {smpp.DeliverSM{SourceAddr: "00393401234567", DestinationAddr: "48883"}, sms.Inbound{Source: "+393401234567", Destination: "48883"}},
		"national":            {smpp.DeliverSM{SourceAddrTON: 2, SourceAddr: "3401234567", DestAddrTON: 6, DestinationAddr: "4888312"}, sms.Inbound{Source: "3401234567", Destination: "4888312"}},
		"letters":             {smpp.DeliverSM{SourceAddrTON: 5, SourceAddr: "MyBank", DestAddrTON: 5, DestinationAddr: "Acme"}, sms.Inbound{Source: "MYBANK", Destination: "ACME"}},
		"header and SAR":      {smpp.DeliverSM{ESMClass: 0x40, ShortMessage: append(turkish, 'x'), TLVs: sar}, sms.Inbound{ESMClass: 0x40, Octets: []byte{9, 0x25, 1, 1, 8, 4, 0, 9, 2, 1, 'x'}}},
		"ports in parameters": {smpp.DeliverSM{ShortMessage: []byte("x"), TLVs: ports}, sms.Inbound{ESMClass: 0x40, Octets: []byte{6, 5, 4, 0x0b, 0x84, 0, 0, 'x'}}},
		"a mark":              {smpp.DeliverSM{ShortMessage: []byte("x"), TLVs: mark}, sms.Inbound{Mark: "0204:0011 ", Octets: []byte("x")}},
		"no header, SAR":      {smpp.DeliverSM{ESMClass: 0x40, ShortMessage: []byte{99, 'x'}, TLVs: sar}, sms.Inbound{ESMClass: 0x40, Octets: []byte{99, 'x'}}},
	} {
		got := b.inbound(&c.p)
		c.want.Carrier, c.want.Alphabet, c.want.At = 7, sms.AlphabetLatin1, got.At
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The dialect of the address says what data_coding 0 is.
func TestInbound_alphabet(t *testing.T) {
	for name, want := range map[string]sms.Alphabet{"gsm": sms.AlphabetGSM, "gsm_packed": sms.AlphabetPacked, "latin1": sms.AlphabetLatin1, "ascii": sms.AlphabetASCII} {
		smsc := smpptest.NewSMSC(t)
		w, _ := startWith(t, smsc, "dcs0="+name)
		deliver(t, smsc, &smpp.DeliverSM{SourceAddr: "393401234567", ShortMessage: []byte("x")})
		got := await(t, w.recorder.inbounds)
		got.done(nil)
		if got.it.Alphabet != want {
			t.Errorf("%s: %d", name, got.it.Alphabet)
		}
		w.stop()
	}
}

// An equal delivery is another message when the carrier surely had the answer to the one before, and only then.
func TestInbound_before(t *testing.T) {
	taken, refused := error(nil), errors.New("disk full")
	for name, c := range map[string]struct {
		after time.Duration // the answer, after the delivery
		with  error
		lived time.Duration // the connection, after the answer; negative: it lives
		again time.Duration // after the answer
		want  sms.Before
	}{
		"soon answered":          {time.Millisecond, taken, -1, time.Minute, sms.BeforeAnswered},
		"at once again":          {time.Millisecond, taken, -1, time.Second, sms.BeforeDoubtful},
		"late answer":            {3 * time.Second, taken, -1, time.Minute, sms.BeforeDoubtful},
		"refused":                {time.Millisecond, refused, -1, time.Minute, sms.BeforeDoubtful},
		"connection lost":        {time.Millisecond, taken, time.Second, time.Hour, sms.BeforeDoubtful},
		"connection ended later": {time.Millisecond, taken, time.Minute, time.Hour, sms.BeforeAnswered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				ctx, end := context.WithCancel(t.Context())
				defer end()
				var first, second line
				first.follow(ctx)
				in := sms.Inbound{Source: "+39340", Octets: []byte("yes"), At: time.Now()}
				seen := m.meet(&in, &first)
				if in.Before != sms.BeforeUnknown {
					t.Errorf("first: %d", in.Before)
				}
				time.Sleep(c.after)
				seen(c.with)
				if c.lived >= 0 {
					time.Sleep(c.lived)
					end()
					synctest.Wait()
					c.again -= c.lived
				}
				time.Sleep(c.again)
				again := sms.Inbound{Source: "+39340", Octets: []byte("yes"), At: time.Now()}
				m.meet(&again, &second)
				if again.Before != c.want {
					t.Errorf("%d, want %d", again.Before, c.want)
				}
				other := sms.Inbound{Source: "+39340", Octets: []byte("no"), At: time.Now()}
				if m.meet(&other, &second); other.Before != sms.BeforeUnknown {
					t.Errorf("another: %d", other.Before)
				}
			})
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory()
	m.largest = 10
	for i := range 1000 {
		in := sms.Inbound{Octets: fmt.Append(nil, i), At: time.Now()}
		m.meet(&in, &line{})
		if n := len(m.young) + len(m.old); n > 20 {
			t.Fatalf("%d remembered", n)
		}
	}
	in := sms.Inbound{Octets: []byte("999"), At: time.Now()}
	if m.meet(&in, &line{}); in.Before != sms.BeforeDoubtful {
		t.Error("the last is forgotten")
	}
}
