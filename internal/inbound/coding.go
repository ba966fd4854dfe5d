package inbound

import (
	"encoding/hex"
	"strings"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// script is how octets hold characters.
type script uint8

const (
	septets  script = iota // of GSM 03.38, one in each octet
	packed                 // of GSM 03.38, as on the radio path
	narrow                 // ISO 8859-1, and ASCII in it
	cyrillic               // ISO 8859-5
	hebrew                 // ISO 8859-8
	utf16                  // big endian
	binary8                // no characters
)

// coding is the script of a part, with the national languages of septets.
type coding struct {
	script          script
	locking, single gsm.Language
}

// codingOf reads data_coding: SMPP 3.4 §5.2.19, and TS 23.038 §4 for what that leaves to it.
func codingOf(dataCoding byte, standard sms.Alphabet) coding {
	usual := [...]script{sms.AlphabetGSM: septets, sms.AlphabetPacked: packed, sms.AlphabetLatin1: narrow, sms.AlphabetASCII: narrow}[standard&3]
	switch {
	case dataCoding < 0x10:
		return coding{script: fixed(dataCoding, usual)}
	case dataCoding < 0x80 && dataCoding&0x20 != 0: // compressed
		return coding{script: binary8}
	case dataCoding < 0x80: // general, with a message class or none
		return coding{script: [...]script{usual, binary8, utf16, usual}[dataCoding>>2&3]}
	case dataCoding >= 0xC0 && dataCoding < 0xE0: // a message waits; text in the usual alphabet
		return coding{script: usual}
	case dataCoding >= 0xE0 && dataCoding < 0xF0: // the same in UCS-2
		return coding{script: utf16}
	case dataCoding >= 0xF0 && dataCoding&0x04 == 0: // a message class
		return coding{script: usual}
	}
	return coding{script: binary8}
}

// fixed is data_coding 0 to 15.
func fixed(dataCoding byte, usual script) script {
	switch dataCoding {
	case 0:
		return usual
	case 1, 3:
		return narrow
	case 6:
		return cyrillic
	case 7:
		return hebrew
	case 8:
		return utf16
	}
	return binary8 // 2 and 4, those of Japanese and Korean, and reserved ones
}

func (c coding) encoding() sms.Encoding {
	switch c.script {
	case septets:
		return sms.GSM7
	case binary8:
		return sms.Octets
	}
	return sms.UCS2
}

func (c coding) decode(octets []byte) string {
	switch c.script {
	case septets:
		return gsm.Decode(octets, c.locking, c.single)
	case utf16:
		return gsm.DecodeUCS2(octets)
	case narrow:
		return mapped(octets, func(octet byte) rune { return rune(octet) })
	case cyrillic:
		return mapped(octets, ofCyrillic)
	case hebrew:
		return mapped(octets, ofHebrew)
	}
	return strings.ToUpper(hex.EncodeToString(octets))
}

func mapped(octets []byte, character func(byte) rune) string {
	var text strings.Builder
	for _, octet := range octets {
		text.WriteRune(character(octet))
	}
	return text.String()
}

// ofCyrillic is ISO 8859-5.
func ofCyrillic(octet byte) rune {
	switch {
	case octet <= 0xA0, octet == 0xAD:
		return rune(octet)
	case octet == 0xF0:
		return '№'
	case octet == 0xFD:
		return '§'
	}
	return rune(octet) - 0xA0 + 0x0400
}

// ofHebrew is ISO 8859-8.
func ofHebrew(octet byte) rune {
	switch {
	case octet == 0xAA:
		return '×'
	case octet == 0xBA:
		return '÷'
	case octet <= 0xBE && octet != 0xA1:
		return rune(octet)
	case octet == 0xDF:
		return '‗'
	case octet >= 0xE0 && octet <= 0xFA:
		return rune(octet) - 0xE0 + 'א'
	case octet == 0xFD:
		return '\u200E'
	case octet == 0xFE:
		return '\u200F'
	}
	return '\uFFFD'
}
