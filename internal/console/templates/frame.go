// Package templates is how the console's pages look.
//
// What comes in: a Frame (who looks, in which language and zone) and the view of one page. What goes out: HTML. The
// *_templ.go files are made of the .templ files by `go tool templ generate`. It decides nothing and reads nothing.
package templates

//go:generate go tool templ generate

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/console/words"
	"github.com/staffetta/staffetta/internal/sms"
)

// Assets is where the files are that every page loads.
type Assets struct {
	Style   string
	Icon    string
	Scripts map[string]string // by file name
}

// Frame is what every page shows around its content, and how it writes words, times and amounts.
type Frame struct {
	Language words.Language
	Theme    string // "light", "dark"; empty: as the device has it
	Zone     *time.Location
	ZoneSure bool // the browser said its zone; else it is UTC
	Assets   Assets
	Path     string // of this page, to mark it in the menu

	Email    string // who has signed in; empty: nobody
	Account  string // the account that the session works in; empty: none
	Visiting bool   // an operator who has signed in to an account
	Menu     []MenuGroup
	Notice   string // what was done just now
	Warned   bool   // Notice says what could not be done
}

// MenuGroup is some of the menu's entries under one heading.
type MenuGroup struct {
	Title   string
	Entries []MenuEntry
}

// MenuEntry is one page in the menu.
type MenuEntry struct{ Title, Path string }

// noBreak is the space between a number and its unit.
const noBreak = "\u00a0"

// T is a text in the viewer's language; the English one, a format of fmt, is its key.
func (f *Frame) T(text string, values ...any) string { return f.Language.Say(text, values...) }

// Number writes an integer in groups of three, as the viewer's language does.
func (f *Frame) Number(n int64) string { return f.Language.Group(strconv.FormatInt(n, 10)) }

// Decimal writes a number with so many decimals.
func (f *Frame) Decimal(n float64, decimals int) string {
	return f.Language.Group(strconv.FormatFloat(n, 'f', decimals, 64))
}

// Percent writes a fraction of 1 as per cent with one decimal.
func (f *Frame) Percent(fraction float64) string { return f.Decimal(fraction*100, 1) + noBreak + "%" }

// Money writes euro exactly: at least two decimals, more when the amount has them.
func (f *Frame) Money(m sms.Money) string {
	text := m.String()
	whole, fraction, _ := strings.Cut(text, ".")
	return f.Language.Group(whole+"."+fraction+"00"[min(2, len(fraction)):]) + noBreak + "€"
}

// Clock writes a moment in the viewer's zone: its day, unless that is today, and its time to the second.
func (f *Frame) Clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	at, now := t.In(f.Zone), time.Now().In(f.Zone)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format(time.TimeOnly)
	}
	return f.Date(t) + " " + at.Format(time.TimeOnly)
}

// Date writes the day of a moment in the viewer's zone.
func (f *Frame) Date(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return f.Language.Date(t.In(f.Zone))
}

// Weekday writes the day of a moment briefly: "Sat 28", "sab 28".
func (f *Frame) Weekday(t time.Time) string { return f.Language.Weekday(t.In(f.Zone)) }

// Span writes how long something takes: "850 ms", "4.2 s", "3 min", "2 h 5 min", "4 d".
func (f *Frame) Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + noBreak + "ms"
	case d < time.Minute:
		return f.Decimal(d.Seconds(), 1) + noBreak + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + noBreak + "min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h " + strconv.Itoa(int(d.Minutes())%60) + " min"
	}
	return f.T("%d d", int(d.Hours()/24))
}

// current reports whether a page of the menu is the one that is shown, or the one above it.
func (f *Frame) current(path string) bool {
	if path == "/" || path == "/operator" {
		return f.Path == path
	}
	return f.Path == path || strings.HasPrefix(f.Path, path+"/")
}

// rich lets a translated sentence hold other parts: "{0}" stands for the first, and so on.
func rich(text string, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for text != "" {
			before, rest, found := strings.Cut(text, "{")
			if _, err := io.WriteString(w, templ.EscapeString(before)); err != nil {
				return err
			}
			if !found {
				return nil
			}
			number, after, closed := strings.Cut(rest, "}")
			at, err := strconv.Atoi(number)
			if !closed || err != nil || at >= len(parts) {
				_, err := io.WriteString(w, templ.EscapeString("{"+rest))
				return err
			}
			if err := parts[at].Render(ctx, w); err != nil {
				return err
			}
			text = after
		}
		return nil
	})
}
