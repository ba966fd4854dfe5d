package smpp

import (
	"strconv"
	"strings"
	"time"
)

type receiptKey uint8

const (
	keyNone receiptKey = iota
	keyID
	keySub
	keyDlvrd
	keySubmitDate
	keyDoneDate
	keyStat
	keyErr
	keyText
)

type receiptName struct {
	name string
	key  receiptKey
}

// receiptNames are the names that carriers use, by their last letter. Of two
// that end alike the longer stands first.
var (
	namesB = []receiptName{{"sub", keySub}}
	namesD = []receiptName{{"dlvrd", keyDlvrd}, {"id", keyID}}
	namesE = []receiptName{
		{"submit date", keySubmitDate}, {"submit_date", keySubmitDate}, {"submitdate", keySubmitDate},
		{"done date", keyDoneDate}, {"done_date", keyDoneDate}, {"donedate", keyDoneDate}, {"state", keyStat},
	}
	namesR = []receiptName{{"error", keyErr}, {"err", keyErr}}
	namesS = []receiptName{{"status", keyStat}}
	namesT = []receiptName{{"stat", keyStat}, {"text", keyText}}
)

func namesEndingIn(c byte) []receiptName {
	switch c | 0x20 {
	case 'b':
		return namesB
	case 'd':
		return namesD
	case 'e':
		return namesE
	case 'r':
		return namesR
	case 's':
		return namesS
	case 't':
		return namesT
	}
	return nil
}

// parseText reads "id:... sub:... stat:..." in any order and letter case. Keys
// are expected at the beginning of a word; a text that leaves the spaces away is
// read a second time without that.
func (r *Receipt) parseText(text string) {
	if r.scan(text, true) {
		return
	}
	loose := Receipt{}
	if loose.scan(text, false) {
		*r = loose
	}
}

// scan reports whether it found an id and a state.
func (r *Receipt) scan(text string, words bool) bool {
	var seen [keyText + 1]bool
	key, from := keyNone, 0 // the value that is being read
	for i := 0; i < len(text); i++ {
		if text[i] != ':' && text[i] != '=' {
			continue
		}
		next, start := keyBefore(text[:i], words)
		if next == keyNone || start < from {
			continue
		}
		r.set(key, text[from:start], &seen)
		key, from = next, i+1
		if key == keyText && seen[keyID] && seen[keyStat] {
			break // what follows is the message, whatever it looks like
		}
	}
	r.set(key, text[from:], &seen)
	return seen[keyID] && seen[keyStat]
}

// keyBefore returns the key at the end of s, and where it begins.
func keyBefore(s string, words bool) (receiptKey, int) {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	if s == "" {
		return keyNone, 0
	}
	for _, k := range namesEndingIn(s[len(s)-1]) {
		start := len(s) - len(k.name)
		if start < 0 || !equalFold(s[start:], k.name) {
			continue
		}
		if words && start > 0 && isWord(s[start-1]) {
			continue
		}
		return k.key, start
	}
	return keyNone, 0
}

// equalFold compares with a lower-case name of ASCII letters, '_' and ' '.
func equalFold(s, lower string) bool {
	for i := range len(lower) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// set takes the value of a key; of a key that comes twice the first counts.
func (r *Receipt) set(key receiptKey, value string, seen *[keyText + 1]bool) {
	if key == keyNone || seen[key] {
		return
	}
	seen[key] = true
	switch key {
	case keyID:
		r.ID = firstToken(value)
		seen[key] = r.ID != ""
	case keySub:
		r.Sub = number(firstToken(value))
	case keyDlvrd:
		r.Dlvrd = number(firstToken(value))
	case keySubmitDate:
		r.Submitted = receiptTime(value)
	case keyDoneDate:
		r.Done = receiptTime(value)
	case keyStat:
		word := firstToken(value)
		seen[key] = word != ""
		r.State = stateOfWord(word)
	case keyErr:
		r.ErrorCode = firstToken(value)
	case keyText:
		r.Text = strings.TrimRight(value, "\x00")
	}
}

// firstToken is the value up to a space, or to what else carriers put between
// fields.
func firstToken(v string) string {
	v = strings.TrimLeft(v, " \t\r\n\"'")
	if i := strings.IndexAny(v, " \t\r\n,;|\"'\x00"); i >= 0 {
		return v[:i]
	}
	return v
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// stateOfWord goes by the beginning: carriers shorten the words to seven
// letters, or do not, or drop a vowel.
func stateOfWord(word string) MessageState {
	var upper [8]byte
	n := copy(upper[:], word)
	for i := range n {
		if 'a' <= upper[i] && upper[i] <= 'z' {
			upper[i] &^= 0x20
		}
	}
	w := string(upper[:n])
	switch {
	case w == "":
		return StateUnset
	case len(w) == 1 && '0' <= w[0] && w[0] <= '9':
		return stateOfTLV(w[0] - '0')
	case strings.HasPrefix(w, "DELIV"), strings.HasPrefix(w, "DLV"):
		return StateDelivered
	case strings.HasPrefix(w, "EXP"):
		return StateExpired
	case strings.HasPrefix(w, "DEL"):
		return StateDeleted
	case strings.HasPrefix(w, "UND"), strings.HasPrefix(w, "FAIL"):
		return StateUndeliverable
	case strings.HasPrefix(w, "ACC"):
		return StateAccepted
	case strings.HasPrefix(w, "REJ"), strings.HasPrefix(w, "SKIP"):
		return StateRejected
	case strings.HasPrefix(w, "ENR"), strings.HasPrefix(w, "BUF"), strings.HasPrefix(w, "SCHED"):
		return StateEnroute
	}
	return StateUnknown
}

// receiptTime reads YYMMDDhhmm, the same with seconds, either with a four-digit
// year, with any punctuation, and the absolute time of SMPP 3.4 §7.1.1.
func receiptTime(v string) time.Time {
	var digits [16]byte
	n, sign := 0, byte(0)
	for i := 0; i < len(v) && n < len(digits); i++ {
		c := v[i]
		if '0' <= c && c <= '9' {
			digits[n] = c
			n++
			continue
		}
		if n == 15 && (c == '+' || c == '-') {
			sign = c
			break
		}
		if !strings.ContainsRune(" -/.:T", rune(c)) {
			break
		}
	}
	return timeOf(string(digits[:n]), sign)
}

func timeOf(d string, sign byte) time.Time {
	switch len(d) {
	case 10:
		return parseTime("0601021504", d)
	case 12:
		if t := parseTime("060102150405", d); !t.IsZero() {
			return t
		}
		return parseTime("200601021504", d)
	case 14:
		return parseTime("20060102150405", d)
	case 15: // YYMMDDhhmmss, tenths, quarters of an hour from UTC
		t := parseTime("060102150405", d[:12])
		quarters := time.Duration(number(d[13:])) * 15 * time.Minute
		if t.IsZero() {
			return t
		}
		if sign == '+' {
			quarters = -quarters
		} else if sign == 0 {
			quarters = 0
		}
		return t.Add(quarters)
	}
	return time.Time{}
}

func parseTime(layout, d string) time.Time {
	t, err := time.Parse(layout, d)
	if err != nil {
		return time.Time{}
	}
	return t
}
