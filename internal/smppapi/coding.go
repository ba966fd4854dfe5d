package smppapi

import (
	"bytes"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// coding is what a data_coding says.
type coding struct {
	encoding sms.Encoding
	exact    bool // the octets can travel as they are
	alphabet uint8
	flash    bool
	decode   func(octets []byte) (text string, ok bool) // nil for Octets
}

// The charsets that an account may have for data_coding 0.
const (
	charsetLatin1 = "latin1"
	charsetUTF8   = "utf8"
)

// Alphabets and groups of data_coding. SMPP 3.4 §5.2.19, TS 23.038 §4.
const (
	groupClass      = 0x10 // 0x10 to 0x1F: general, with a message class
	groupDataClass  = 0xF0 // 0xF0 to 0xFF: data coding and message class
	groupMask       = 0xF0
	classMask       = 0x03
	classFlash      = 0
	classHandset    = 1 // the default meaning of messages to people
	alphabetShift   = 2
	alphabetMask    = 0x03
	dataClassOctets = 0x04
	dataClassUnused = 0x08
)

// codingOf reads data_coding; false for one that cannot be kept: compressed text, message waiting indications, classes 2
// (SIM) and 3 (terminal), Japanese and Korean alphabets, and reserved values.
func codingOf(dataCoding uint8, charset string) (coding, bool) {
	switch dataCoding & groupMask {
	case 0:
		return alphabet(dataCoding, charset)
	case groupClass:
		c, ok := [...]uint8{0x00, 0x04, 0x08, 0xFF}, true
		return classed(c[dataCoding>>alphabetShift&alphabetMask], dataCoding&classMask, charset, ok)
	case groupDataClass:
		plain := uint8(0)
		if dataCoding&dataClassOctets != 0 {
			plain = 0x04
		}
		return classed(plain, dataCoding&classMask, charset, dataCoding&dataClassUnused == 0)
	}
	return coding{}, false
}

func classed(plain, class uint8, charset string, ok bool) (coding, bool) {
	c, known := alphabet(plain, charset)
	c.flash = class == classFlash
	return c, ok && known && class <= classHandset
}

// alphabet is the coding of a data_coding without a message class.
func alphabet(dataCoding uint8, charset string) (c coding, ok bool) {
	switch dataCoding {
	case 0x00:
		c = defaultAlphabet(charset)
	case 0x01:
		c = coding{decode: ia5}
	case 0x02, 0x04:
		c = coding{encoding: sms.Octets}
	case 0x03:
		c = coding{decode: latin1}
	case 0x06:
		c = coding{decode: cyrillic}
	case 0x07:
		c = coding{decode: hebrew}
	case 0x08:
		c = coding{encoding: sms.UCS2, exact: true, decode: ucs2}
	default:
		return c, false
	}
	c.alphabet = dataCoding
	return c, true
}

func defaultAlphabet(charset string) coding {
	switch charset {
	case charsetLatin1:
		return coding{decode: latin1}
	case charsetUTF8:
		return coding{decode: func(octets []byte) (string, bool) { return string(octets), utf8.Valid(octets) }}
	}
	return coding{encoding: sms.GSM7, exact: true, decode: septets}
}

func septets(octets []byte) (string, bool) {
	if !valid(octets, sms.GSM7) {
		return "", false
	}
	return gsm.DecodeGSM(octets), true
}

func ucs2(octets []byte) (string, bool) { return gsm.DecodeUCS2(octets), gsm.ValidUCS2(octets) }

// ia5 is ASCII, unless a control character other than the ends of lines says that the octets are septets of the GSM
// alphabet: node's smpp, for one, puts those under data_coding 1.
func ia5(octets []byte) (string, bool) {
	control := func(r rune) bool { return r < ' ' && r != '\r' && r != '\n' || r == 0x7F }
	if bytes.ContainsFunc(octets, control) {
		return septets(octets)
	}
	return string(octets), valid(octets, sms.GSM7)
}

// single reads one character from each octet; 0 stands for an octet that has none.
func single(octets []byte, character func(octet byte) rune) (string, bool) {
	text := make([]byte, 0, len(octets)+len(octets)/2)
	for _, octet := range octets {
		r := rune(octet)
		if octet > 0x7F {
			r = character(octet)
		}
		if r == 0 {
			return "", false
		}
		text = utf8.AppendRune(text, r)
	}
	return string(text), true
}

// latin1 is ISO 8859-1.
func latin1(octets []byte) (string, bool) {
	return single(octets, func(octet byte) rune { return rune(octet) })
}

// cyrillic is ISO 8859-5.
func cyrillic(octets []byte) (string, bool) {
	return single(octets, func(octet byte) rune {
		switch {
		case octet < 0xA1 || octet == 0xAD:
			return rune(octet)
		case octet == 0xF0:
			return '№'
		case octet == 0xFD:
			return '§'
		}
		return 'Ё' + rune(octet-0xA1)
	})
}

// hebrew is ISO 8859-8.
func hebrew(octets []byte) (string, bool) {
	return single(octets, func(octet byte) rune {
		switch {
		case octet >= 0xE0 && octet <= 0xFA:
			return 'א' + rune(octet-0xE0)
		case octet == 0xAA:
			return '×'
		case octet == 0xBA:
			return '÷'
		case octet == 0xDF:
			return '‗'
		case octet == 0xFD:
			return '\u200E'
		case octet == 0xFE:
			return '\u200F'
		case octet > 0xBE || octet == 0xA1:
			return 0
		}
		return rune(octet)
	})
}
