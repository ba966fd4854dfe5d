package gsm

import "fmt"

// Language is a national language identifier, TS 23.038 §6.2.1.2.4.
type Language uint8

// The languages with tables in TS 23.038 Annex A.
const (
	Default Language = iota
	Turkish
	Spanish // single shift only
	Portuguese
	Bengali
	Gujarati
	Hindi
	Kannada
	Malayalam
	Oriya
	Punjabi
	Tamil
	Telugu
	Urdu
)

// national joins what Annex A says of one language.
type national struct {
	name            string
	locking, single *table
}

var nationals = [...]national{
	Default:    {"default", &defaultAlphabet, &defaultExtension},
	Turkish:    {"Turkish", &turkishLocking, &turkishSingle},
	Spanish:    {"Spanish", &defaultAlphabet, &spanishSingle},
	Portuguese: {"Portuguese", &portugueseLocking, &portugueseSingle},
	Bengali:    {"Bengali", &bengaliLocking, &bengaliSingle},
	Gujarati:   {"Gujarati", &gujaratiLocking, &gujaratiSingle},
	Hindi:      {"Hindi", &hindiLocking, &hindiSingle},
	Kannada:    {"Kannada", &kannadaLocking, &kannadaSingle},
	Malayalam:  {"Malayalam", &malayalamLocking, &malayalamSingle},
	Oriya:      {"Oriya", &oriyaLocking, &oriyaSingle},
	Punjabi:    {"Punjabi", &punjabiLocking, &punjabiSingle},
	Tamil:      {"Tamil", &tamilLocking, &tamilSingle},
	Telugu:     {"Telugu", &teluguLocking, &teluguSingle},
	Urdu:       {"Urdu", &urduLocking, &urduSingle},
}

// String returns the English name, "default" for none, and the number for a reserved identifier.
func (l Language) String() string {
	if int(l) < len(nationals) {
		return nationals[l].name
	}
	return fmt.Sprintf("language %d", uint8(l))
}

func (l Language) lockingTable() *table { return l.known().locking }

func (l Language) singleTable() *table { return l.known().single }

// known treats a reserved identifier as absent, TS 23.040 §9.2.3.24.15.
func (l Language) known() *national {
	if int(l) < len(nationals) {
		return &nationals[l]
	}
	return &nationals[Default]
}

// EncodeNational appends text as unpacked septets in the given national languages, as [EncodeGSM] does in the default
// one: at the first character that neither table has it stops and returns false. The user data header of the message
// must name the languages, see [LockingShift] and [SingleShift].
func EncodeNational(dst []byte, text string, locking, single Language) ([]byte, bool) {
	if locking == Default && single == Default {
		return EncodeGSM(dst, text)
	}
	alphabet, extension := locking.lockingTable(), single.singleTable()
	for _, character := range text {
		if septet, ok := alphabet.find(character); ok {
			dst = append(dst, septet)
		} else if septet, ok := extension.find(character); ok {
			dst = append(dst, escape, septet)
		} else {
			return dst, false
		}
	}
	return dst, true
}

// find returns the first septet of a character: some single shift tables hold one twice.
func (t *table) find(character rune) (byte, bool) {
	if character == 0 {
		return 0, false
	}
	for septet, held := range t {
		if rune(held) == character {
			return byte(septet), true
		}
	}
	return 0, false
}
