package smpp

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Message class 0 in data_coding: the display, not the memory, of the handset. SMPP 3.4 §5.2.19, TS 23.038 §4.
const dataCodingClass0 = 0x10

// split cuts a message into what each submit_sm carries. The number of segments is the m.Parts that were accepted and
// paid; anything else is an error.
func split(m *sms.Message) ([]gsm.Segment, error) {
	segments, err := segmentsOf(m)
	if err == nil && len(segments) != max(m.Parts, 1) {
		err = fmt.Errorf("%d segments for %d parts", len(segments), m.Parts)
	}
	return segments, err
}

func segmentsOf(m *sms.Message) ([]gsm.Segment, error) {
	var one gsm.Segment
	var err error
	switch {
	case m.Encoding == sms.Octets:
		var octets []byte
		if octets, err = hex.DecodeString(m.Text); err == nil {
			one, err = gsm.WithUDH(octets, m.UDH)
		}
	case m.Raw:
		one = gsm.Segment{Encoding: gsm.Encoding(m.Encoding), UDH: m.UDH}
		one.Payload, err = hex.DecodeString(m.Text)
	case len(m.UDH) > 0 && m.Encoding == sms.UCS2: // even where septets would do: other parts of the same text are UCS-2 too
		one = gsm.Segment{Encoding: gsm.UCS2, UDH: m.UDH, Payload: gsm.EncodeUCS2(nil, m.Text)}
	case len(m.UDH) > 0:
		one, err = gsm.SplitWithUDH(m.Text, m.UDH)
	default:
		return gsm.Split(m.Text, m.Reference), nil
	}
	return []gsm.Segment{one}, err
}

// address sets the fields of p that are the same for all parts of m.
//
// A destination is digits with TON 1 (international) and NPI 1 (ISDN). A sender of letters has TON 5 (alphanumeric) and
// NPI 0; one of digits is international like a destination, but up to six digits without "+" are a short code, which
// carriers expect with TON 3 (network specific) and NPI 0.
func address(p *smpp.SubmitSM, m *sms.Message) {
	p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr = smpp.TONInternational, smpp.NPIISDN, m.Destination.Digits()
	p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr = smpp.TONAlphanumeric, smpp.NPIUnknown, string(m.Sender)
	if digits, ok := m.Sender.Numeric(); ok {
		p.SourceAddr = digits
		p.SourceAddrTON, p.SourceAddrNPI = smpp.TONInternational, smpp.NPIISDN
		if len(digits) <= maxShortCode && len(digits) == len(m.Sender) { // with a "+" it is no short code
			p.SourceAddrTON, p.SourceAddrNPI = smpp.TONNetworkSpecific, smpp.NPIUnknown
		}
	}
	p.RegisteredDelivery = smpp.RegisteredDeliveryFinal
	p.PriorityFlag = 0
	if m.Priority == sms.High {
		p.PriorityFlag = 1
	}
}

const maxShortCode = 6

// fill sets the fields of p that belong to one part.
func fill(p *smpp.SubmitSM, segment gsm.Segment, flash bool) {
	p.ESMClass = 0
	if len(segment.UDH) > 0 {
		p.ESMClass = smpp.ESMClassUDHI
	}
	switch segment.Encoding {
	case gsm.GSM7:
		p.DataCoding = smpp.DataCodingDefault
	case gsm.UCS2:
		p.DataCoding = smpp.DataCodingUCS2
	default:
		p.DataCoding = smpp.DataCodingBinary
	}
	if flash {
		p.DataCoding |= dataCodingClass0
	}
	p.ShortMessage = segment.AppendUserData(p.ShortMessage[:0])
}

// validityPeriod writes how long a message is still of use as a relative time, SMPP 3.4 §7.1.1: at least one second,
// at most 30 days, in whole seconds rounded up. Empty for a message that does not expire.
func validityPeriod(now, expires time.Time) string {
	if expires.IsZero() {
		return ""
	}
	left := int((expires.Sub(now) + time.Second - 1) / time.Second)
	left = min(max(left, 1), 30*24*60*60)
	text := [16]byte{'0', '0', '0', '0', 12: '0', 13: '0', 14: '0', 15: 'R'}
	twoDigits(text[4:], left/(24*60*60))
	twoDigits(text[6:], left/(60*60)%24)
	twoDigits(text[8:], left/60%60)
	twoDigits(text[10:], left%60)
	return string(text[:])
}

// absoluteTime writes when a message stops being of use, SMPP 3.4 §7.1.1, in UTC.
func absoluteTime(expires time.Time) string {
	if expires.IsZero() {
		return ""
	}
	return expires.UTC().Format("060102150405") + "000+"
}

func twoDigits(dst []byte, n int) { dst[0], dst[1] = byte('0'+n/10), byte('0'+n%10) }
