package smpp

import (
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// The values of Dialect.Alphabet: what a carrier takes data_coding 0 for, "SMSC default alphabet" in SMPP 3.4 §5.2.19.
const (
	AlphabetGSM    = "gsm"        // GSM 03.38, a septet in each octet
	AlphabetPacked = "gsm_packed" // GSM 03.38, packed as on the radio path
	AlphabetLatin1 = "latin1"     // ISO 8859-1
	AlphabetASCII  = "ascii"
)

// septets reports whether data_coding 0 is the GSM alphabet.
func (d *Dialect) septets() bool { return d.Alphabet == AlphabetGSM || d.Alphabet == AlphabetPacked }

// standard is what data_coding 0 of messages from handsets is.
func (d *Dialect) standard() sms.Alphabet {
	switch d.Alphabet {
	case AlphabetPacked:
		return sms.AlphabetPacked
	case AlphabetLatin1:
		return sms.AlphabetLatin1
	case AlphabetASCII:
		return sms.AlphabetASCII
	}
	return sms.AlphabetGSM
}

// encode writes a text in the carrier's alphabet, septets not yet packed; false when that lacks a character.
func (d *Dialect) encode(text string) ([]byte, bool) {
	switch d.Alphabet {
	case AlphabetLatin1:
		return narrow(text, 0xFF)
	case AlphabetASCII:
		return narrow(text, 0x7E)
	}
	return gsm.EncodeGSM(nil, text)
}

// narrow writes each character as one octet; none may be above most.
func narrow(text string, most rune) ([]byte, bool) {
	octets := make([]byte, 0, utf8.RuneCountInString(text))
	for _, character := range text {
		if character > most {
			return nil, false
		}
		octets = append(octets, byte(character))
	}
	return octets, true
}

// appendPacked appends header and packed septets. sm_length counts octets, so the reader takes seven bits that are left
// over for one more septet, which is "@": a carriage return stands there instead, TS 23.038 §6.1.2.3.1.
func appendPacked(dst []byte, s gsm.Segment) []byte {
	bits := 7 * len(s.Payload)
	if len(s.UDH) > 0 {
		bits += gsm.FillBits(len(s.UDH))
	}
	if bits%8 == 1 {
		const carriageReturn = 0x0D
		s.Payload = append(s.Payload[:len(s.Payload):len(s.Payload)], carriageReturn)
	}
	return s.AppendPacked(dst)
}
