// Package words is what the console says, in each of its languages.
//
// What comes in: a text in English with the verbs of fmt, which is its own key. What goes out: the text in the viewer's
// language, and numbers and dates as that language writes them. A text without a translation is said in English; a test
// of the console finds it.
package words

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// Language is one of those that the console speaks.
type Language string

// The languages.
const (
	English Language = "en"
	Italian Language = "it"
)

// Languages is each with its own name.
var Languages = []struct {
	Code Language
	Name string
}{{English, "English"}, {Italian, "Italiano"}}

// Say is a text in this language. Italian may take the values in another order: "%[2]s … %[1]s".
func (l Language) Say(text string, values ...any) string {
	if l == Italian {
		if said, ok := italian[text]; ok {
			text = said
		}
	}
	if len(values) == 0 {
		return text
	}
	return fmt.Sprintf(text, values...)
}

// Known reports whether there is a translation of an English text.
func (l Language) Known(text string) bool {
	_, ok := italian[text]
	return ok || l != Italian
}

// Group writes a number, digits with a point before its decimals, in groups of three.
func (l Language) Group(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, hasFraction := strings.Cut(number, ".")
	separator, point := ",", "."
	if l == Italian {
		separator, point = ".", ","
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	if hasFraction {
		b.WriteString(point + fraction)
	}
	return b.String()
}

var italianMonths = [...]string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"}

// Date is a day: "28 Nov 2026", "28 nov 2026".
func (l Language) Date(t time.Time) string {
	if l == Italian {
		return fmt.Sprintf("%d %s %d", t.Day(), italianMonths[t.Month()-1], t.Year())
	}
	return t.Format("2 Jan 2006")
}

var italianDays = [...]string{"dom", "lun", "mar", "mer", "gio", "ven", "sab"}

// Weekday is a day in brief: "Sat 28", "sab 28".
func (l Language) Weekday(t time.Time) string {
	if l == Italian {
		return fmt.Sprintf("%s %d", italianDays[t.Weekday()], t.Day())
	}
	return t.Format("Mon 2")
}

// Choose is the first language of a header Accept-Language that the console speaks.
func Choose(acceptLanguage string) Language {
	for entry := range strings.SplitSeq(acceptLanguage, ",") {
		code, _, _ := strings.Cut(strings.TrimSpace(entry), ";")
		code, _, _ = strings.Cut(code, "-")
		for _, l := range Languages {
			if strings.EqualFold(code, string(l.Code)) {
				return l.Code
			}
		}
	}
	return English
}

// Parse is a language by its code.
func Parse(code string) (Language, bool) {
	for _, l := range Languages {
		if string(l.Code) == code {
			return l.Code, true
		}
	}
	return English, false
}

// italian is all translations, page by page.
var italian = join(italianFrame, italianSignIn, italianMe, italianPeople, italianOverview, italianMessages, italianSend, italianKeys, italianSecurity,
	italianWebhook, italianOptOuts, italianSenders, italianOperator)

func join(pages ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, page := range pages {
		maps.Copy(all, page)
	}
	return all
}
