package gsm

import "unicode/utf8"

// DecodeGSM returns the text of unpacked septets in the default alphabet and its extension table. What has no
// character there is shown as [Decode] says.
func DecodeGSM(septets []byte) string { return Decode(septets, Default, Default) }

// Decode returns the text of unpacked septets in the given national languages, TS 23.038 §6.2.1.2. A language that is
// unknown, or has no table of that kind, stands for the default one.
//
// An escape before a code that the single shift table lacks gives the character of the locking shift table
// (§6.2.1.1); an escape before an escape, or at the end, gives a space, as does a code without a character. An octet
// above 0x7F is no septet and gives U+FFFD. Decode never fails.
func Decode(data []byte, locking, single Language) string {
	alphabet, extension := locking.lockingTable(), single.singleTable()
	text := make([]byte, 0, len(data)+len(data)/4)
	escaped := false
	for _, octet := range data {
		if octet == escape && !escaped {
			escaped = true
			continue
		}
		text = utf8.AppendRune(text, decodeOctet(octet, escaped, alphabet, extension))
		escaped = false
	}
	if escaped {
		text = append(text, ' ')
	}
	return string(text)
}

func decodeOctet(octet byte, escaped bool, alphabet, extension *table) rune {
	if octet >= byte(len(alphabet)) {
		return utf8.RuneError
	}
	if escaped && extension[octet] != 0 {
		return rune(extension[octet])
	}
	if alphabet[octet] != 0 {
		return rune(alphabet[octet])
	}
	return ' '
}

// DecodeUCS2 returns the text of UTF-16 big endian octets. An unpaired surrogate gives U+FFFD, as does a last octet
// without its partner.
func DecodeUCS2(octets []byte) string {
	text := make([]byte, 0, len(octets)+len(octets)/2)
	for len(octets) >= 2 {
		character, taken := firstUCS2(octets)
		text = utf8.AppendRune(text, character)
		octets = octets[taken:]
	}
	if len(octets) == 1 {
		text = utf8.AppendRune(text, utf8.RuneError)
	}
	return string(text)
}

// ValidUCS2 reports whether octets are whole UTF-16 units, big endian, without an unpaired surrogate.
func ValidUCS2(octets []byte) bool {
	for len(octets) >= 2 {
		character, taken := firstUCS2(octets)
		if character == unpaired {
			return false
		}
		octets = octets[taken:]
	}
	return len(octets) == 0
}

// unpaired is what firstUCS2 returns for half a surrogate pair; utf8.AppendRune writes U+FFFD for it.
const unpaired = -1

// firstUCS2 returns the first character of at least two octets, and the octets that it takes.
func firstUCS2(octets []byte) (rune, int) {
	first := rune(octets[0])<<8 | rune(octets[1])
	if first&^0x7FF != surrogateHigh {
		return first, 2
	}
	if first >= surrogateLow || len(octets) < 4 {
		return unpaired, 2
	}
	second := rune(octets[2])<<8 | rune(octets[3])
	if second&^0x3FF != surrogateLow {
		return unpaired, 2
	}
	return supplementary + (first-surrogateHigh)<<10 + (second - surrogateLow), 4
}
