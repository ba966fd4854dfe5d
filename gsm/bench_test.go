package gsm

import (
	"strings"
	"testing"
)

var benchTexts = []struct{ name, text string }{
	{"ascii100", strings.Repeat("Your code is 12345. ", 5)},
	{"italian100", strings.Repeat("Perché è più: 5€ sì ", 5)},
	{"cyrillic60", strings.Repeat("Ваш код 123456 ", 4)},
	{"emoji60", strings.Repeat("Ciao 😀 a tutti ", 4)},
	{"ascii1000", strings.Repeat("Your code is 12345. ", 50)},
}

func BenchmarkCount(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Count(c.text)
			}
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	for _, c := range benchTexts {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Split(c.text, 1)
			}
		})
	}
}

func BenchmarkEncodeGSM(b *testing.B) {
	for _, c := range benchTexts[:2] {
		b.Run(c.name, func(b *testing.B) {
			buffer := make([]byte, 0, 2*len(c.text))
			b.ReportAllocs()
			for b.Loop() {
				EncodeGSM(buffer, c.text)
			}
		})
	}
}

func BenchmarkDecodeGSM(b *testing.B) {
	septets, _ := EncodeGSM(nil, benchTexts[1].text)
	b.ReportAllocs()
	for b.Loop() {
		DecodeGSM(septets)
	}
}

func BenchmarkPack(b *testing.B) {
	septets, _ := EncodeGSM(nil, benchTexts[0].text)
	buffer := make([]byte, 0, 140)
	b.ReportAllocs()
	for b.Loop() {
		Pack(buffer, septets, 1)
	}
}

func BenchmarkUnpack(b *testing.B) {
	septets, _ := EncodeGSM(nil, benchTexts[0].text)
	packed := Pack(nil, septets, 1)
	buffer := make([]byte, 0, 160)
	b.ReportAllocs()
	for b.Loop() {
		Unpack(buffer, packed, len(septets), 1)
	}
}

func BenchmarkParseUDH(b *testing.B) {
	userData := []byte("\x05\x00\x03\xcc\x02\x01Hello")
	b.ReportAllocs()
	for b.Loop() {
		header, _, _ := ParseUDH(userData)
		header.Concatenation()
	}
}

func BenchmarkTransliterate(b *testing.B) {
	text := strings.Repeat("L’amica “vera” – così… ", 4)
	b.ReportAllocs()
	for b.Loop() {
		Transliterate(text)
	}
}
