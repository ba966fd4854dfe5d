package outbox

import (
	"encoding/hex"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

const (
	longestShortMessage = 254 // octets: SMPP 3.4 §4.6.1; what is longer travels as message_payload
	longestShortCode    = 6   // digits
)

// inboundPDU writes a message from a handset as deliver_sm. It was put together from its parts already, so it has no user
// data header; ports that it named are TLVs. charset is what data_coding 0 is to the customer.
func inboundPDU(m *sms.InboundMessage, charset string) *smpp.DeliverSM {
	p := &smpp.DeliverSM{}
	p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr = wireAddress(m.Source)
	p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr = wireAddress(m.Destination)
	var octets []byte
	p.DataCoding, octets = encoded(m, charset)
	if len(octets) <= longestShortMessage {
		p.ShortMessage = octets
	} else {
		p.TLVs.Add(smpp.TagMessagePayload, octets)
	}
	if m.Ports != sms.NoPorts {
		p.TLVs.AddUint16(smpp.TagSourcePort, uint16(m.Ports))
		p.TLVs.AddUint16(smpp.TagDestinationPort, uint16(m.Ports>>16))
	}
	return p
}

// encoded is the text in data_coding 0, where it can be written so, else in UCS-2; or octets as they came.
func encoded(m *sms.InboundMessage, charset string) (dataCoding uint8, octets []byte) {
	if m.Encoding == sms.Octets {
		octets, err := hex.DecodeString(m.Text)
		if err == nil {
			return smpp.DataCodingBinary, octets
		}
	}
	if octets, ok := plain(m, charset); ok {
		return smpp.DataCodingDefault, octets
	}
	return smpp.DataCodingUCS2, gsm.EncodeUCS2(nil, m.Text)
}

func plain(m *sms.InboundMessage, charset string) ([]byte, bool) {
	switch charset {
	case "utf8":
		return []byte(m.Text), utf8.ValidString(m.Text)
	case "latin1":
		octets := make([]byte, 0, len(m.Text))
		for _, r := range m.Text {
			if r > 0xFF {
				return nil, false
			}
			octets = append(octets, byte(r))
		}
		return octets, true
	}
	if m.Encoding != sms.GSM7 {
		return nil, false
	}
	return gsm.EncodeGSM(nil, m.Text)
}

// wireAddress writes an address with its type and plan: SMPP 3.4 §5.2.5 and §5.2.6.
func wireAddress(text string) (ton, npi uint8, addr string) {
	digits, ok := sms.Sender(text).Numeric()
	switch {
	case !ok:
		return smpp.TONAlphanumeric, smpp.NPIUnknown, text
	case text[0] == '+':
		return smpp.TONInternational, smpp.NPIISDN, digits
	case len(digits) <= longestShortCode:
		return smpp.TONNetworkSpecific, smpp.NPIUnknown, digits
	}
	return smpp.TONUnknown, smpp.NPIISDN, digits
}
