package inbound

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// LongestKeyword is how many characters a keyword may have.
const LongestKeyword = 40

// Keyword writes a keyword as it is stored and compared: its words with one space between, in one letter case. False for
// a text that is none: a keyword is letters and digits.
func Keyword(text string) (string, bool) {
	folded := strings.Join(strings.Fields(fold(text)), " ")
	odd := strings.ContainsFunc(folded, func(r rune) bool { return r != ' ' && !wordly(r) })
	return folded, folded != "" && !odd && utf8.RuneCountInString(folded) <= LongestKeyword
}

// fold takes the difference of letter case away.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }

// wordly reports whether a character belongs to a word.
func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// Choose finds which row of a number a text belongs to: the longest keyword that its first words are, else the row
// without one. Nil: none.
func Choose(rows []sms.ServiceNumber, text string) (best *sms.ServiceNumber) {
	words := strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !wordly(r) }), " ") + " "
	for i := range rows {
		keyword := rows[i].Keyword
		if keyword != "" && !strings.HasPrefix(words, keyword+" ") {
			continue
		}
		if best == nil || len(keyword) > len(best.Keyword) {
			best = &rows[i]
		}
	}
	return best
}
