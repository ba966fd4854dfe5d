package smpp

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// Codes is what one carrier means by the codes of its receipts, by the code without zeros in front, where that is not
// what the tables of causes say. The words of anyCode, which are empty, say that the tables do not hold at all.
type Codes map[string]string

const (
	anyCode  = "*"
	maxWords = 100
)

// Words is what the error code of a receipt means, for people: err of its text, or network_error_code as package smpp
// writes it. Empty: nobody knows.
func (c Codes) Words(code string) string {
	network, number, networked := strings.Cut(code, ":")
	if !networked {
		network, number = "", code
	}
	key := codeKey(network, number)
	if own, ok := c[key]; ok {
		return own
	}
	if own, ok := c[codeKey("", number)]; ok && networked {
		return own
	}
	if _, none := c[anyCode]; none {
		return ""
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || len(number) > 5 {
		return ""
	}
	switch network {
	case "", networkGSM:
		return causesGSM[uint16(n)]
	case networkANSI136, networkIS95:
		return causesCDMA[uint16(n)]
	}
	return ""
}

// codeKey writes a code without zeros in front.
func codeKey(network, number string) string {
	if short := strings.TrimLeft(number, "0"); short != "" || number == "" {
		number = short
	} else {
		number = "0"
	}
	if network == "" {
		return number
	}
	return network + ":" + number
}

// setCodes reads code:words between commas; a code may have a network type and a colon before it.
func setCodes(a *Address, text string) error {
	codes := Codes{}
	for entry := range strings.SplitSeq(text, ",") {
		at := strings.LastIndexByte(entry, ':')
		if at < 0 {
			return sms.InvalidField("codes", "must be code:words between commas, such as codes=021:no+such+number,3:0255:barred; %q has no colon", entry)
		}
		code, words := strings.TrimSpace(entry[:at]), strings.TrimSpace(entry[at+1:])
		network, number, networked := strings.Cut(code, ":")
		if !networked {
			network, number = "", code
		}
		switch {
		case number == "" || !printable(code) || networked && (network == "" || strings.Contains(number, ":")):
			return sms.InvalidField("codes", "%q is no code of a receipt", code)
		case code == anyCode && words != "":
			return sms.InvalidField("codes", "* has no words: it says that only the codes of this list have")
		case !speakable(words):
			return sms.InvalidField("codes", "the words of %s must be at most %d printable characters", code, maxWords)
		}
		key := codeKey(network, number)
		if _, twice := codes[key]; twice {
			return sms.InvalidField("codes", "%s is in the list twice", code)
		}
		codes[key] = words
	}
	a.Codes = codes
	return nil
}

func speakable(words string) bool {
	return len(words) <= maxWords && utf8.ValidString(words) && strings.IndexFunc(words, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func (c Codes) list() string {
	var all []string
	for code, words := range c {
		all = append(all, code+":"+words)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}
