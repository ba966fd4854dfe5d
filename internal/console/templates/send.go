package templates

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/sms"
)

// SendView is the form of a message, and what would become of it.
type SendView struct {
	Sender, Recipients, Body string
	Campaign, Priority, When string // When: as an input of type datetime-local has it
	Flash                    bool
	Key                      string // names this form
	Placeholders             []FieldView
	TestNumbers              []TestNumber // none: there is no practice carrier
	Most                     int          // recipients
	Focus                    string       // the field to go on with; empty: none
	Errors                   Errors
	Preview                  SendPreview
}

// TestNumber is a number and what becomes of its messages.
type TestNumber struct{ Number, Outcome string }

// SendPreview is what would become of the message.
type SendPreview struct {
	Sender          string
	Empty           bool // nothing is written yet
	Flash           bool
	Pieces          [][]Run // the parts
	Unicode         bool
	Encoding        string
	Characters      int
	Units, Room     int // septets or units, and how many still fit before there is another part
	Parts, MaxParts int
	PartsWithout    int // with near characters for those that force Unicode; 0: no fewer
	Obstacles       []Obstacle
	Replaceable     bool
	Missing         []string // placeholders without a value
	Count           int      // recipients that are numbers
	Accepted        int      // of them
	Refused         int
	Refusals        []Refusal
	Routes          []Route
	Price           sms.Money
	Available       sms.Money
	Problems        Errors
}

// Run is characters that all force Unicode, or none of them.
type Run struct {
	Text    string
	Foreign bool
}

// Obstacle is a character that forces Unicode.
type Obstacle struct {
	Character, Points string
	At                int    // its place, from 1
	Placeholder       string // in whose value it stands; empty: in the text
	Near              string
	HasNear           bool
}

// Route is a carrier and to how many recipients it brings the message.
type Route struct {
	Name  string
	Count int
}

// Refusal is why the message would be refused to some recipients.
type Refusal struct {
	Why     string
	Numbers []string
}

// Refuse notes a recipient to whom it would be refused.
func (v *SendPreview) Refuse(number, why string) {
	v.Refused++
	at := slices.IndexFunc(v.Refusals, func(r Refusal) bool { return r.Why == why })
	if at < 0 {
		v.Refusals = append(v.Refusals, Refusal{Why: why})
		at = len(v.Refusals) - 1
	}
	v.Refusals[at].Numbers = append(v.Refusals[at].Numbers, number)
}

// mostNamed is how many recipients are named.
const mostNamed = 5

func (r Refusal) numbers(f *Frame) string {
	text := strings.Join(r.Numbers[:min(mostNamed, len(r.Numbers))], ", ")
	if more := len(r.Numbers) - mostNamed; more > 0 {
		text += " " + f.T("and %d more", more)
	}
	return text
}

// AddRoute counts one recipient more.
func (v *SendPreview) AddRoute(name string) {
	at := slices.IndexFunc(v.Routes, func(r Route) bool { return r.Name == name })
	if at < 0 {
		v.Routes = append(v.Routes, Route{Name: name})
		at = len(v.Routes) - 1
	}
	v.Routes[at].Count++
}

// routes names the carriers, with how many recipients each has where there are several.
func (v *SendPreview) routes(f *Frame) string {
	names := make([]string, len(v.Routes))
	for i, r := range v.Routes {
		names[i] = r.Name
		if len(v.Routes) > 1 {
			names[i] += " (" + f.Number(int64(r.Count)) + ")"
		}
	}
	return strings.Join(names, ", ")
}

// short reports whether the credit does not reach.
func (v *SendPreview) short() bool { return v.Price > v.Available }

// plain reports whether what is near can be seen.
func (o Obstacle) plain() bool { return o.HasNear && strings.TrimSpace(o.Near) != "" }

// near is what stands in place of an obstacle, in words because it is not seen.
func (o Obstacle) near(f *Frame) string {
	switch {
	case !o.HasNear:
		return f.T("nothing is near")
	case o.Near == "":
		return f.T("nothing: it is not seen")
	case o.Near == " ":
		return f.T("a space")
	case o.Near == "\n":
		return f.T("a line break")
	}
	return strconv.Quote(o.Near)
}

// place is where an obstacle stands.
func (o Obstacle) place(f *Frame) string {
	if o.Placeholder != "" {
		return f.T("character %d of %s", o.At, "{"+o.Placeholder+"}")
	}
	return f.T("character %d", o.At)
}

// SentView is what came of a message, recipient by recipient.
type SentView struct {
	Rows               []SentRow
	Accepted, Replayed int
	Due                time.Time // zero: now
	Campaign           string
}

// SentRow is one recipient.
type SentRow struct {
	Number, ID         string // ID of the message; empty: there is none
	Accepted, Replayed bool
	Parts              int
	Why                string // it was refused
}

func (v SentView) refused() int { return len(v.Rows) - v.Accepted - v.Replayed }

// live makes a form ask for its preview while somebody writes.
func live() templ.Attributes {
	return templ.Attributes{"hx-post": "/send/preview", "hx-trigger": "input delay:200ms, change", "hx-target": "#preview", "hx-swap": "outerHTML", "hx-sync": "this:queue last"}
}

// again makes a button have the form shown again, without loading the page anew.
func again() templ.Attributes {
	return templ.Attributes{"hx-post": "/send", "hx-target": "#compose", "hx-select": "#compose", "hx-swap": "outerHTML", "hx-sync": "closest form:queue last"}
}

// focused marks the field to go on with.
func (v *SendView) focused(name string, more templ.Attributes) templ.Attributes {
	if v.Focus != name {
		return more
	}
	if more == nil {
		more = templ.Attributes{}
	}
	more["autofocus"] = true
	return more
}

func (v *SendView) options(f *Frame) []Option {
	return []Option{{"high", f.T("High: codes and alarms")}, {"", f.T("Normal")}, {"low", f.T("Low: campaigns")}}
}

// more reports whether one of the folded fields is filled in.
func (v *SendView) more() bool {
	return v.Campaign != "" || v.Priority != "" || v.When != "" || v.Flash || v.Errors["scheduledDate"] != "" || v.Errors["campaignId"] != ""
}

// bubble is the text of a part, to the character: templates put spaces between elements.
func bubble(runs []Run) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString("<p>")
		for _, run := range runs {
			text := templ.EscapeString(run.Text)
			if run.Foreign {
				text = "<mark>" + text + "</mark>"
			}
			b.WriteString(text)
		}
		b.WriteString("</p>")
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func number(n int) string { return strconv.Itoa(n) }

func pathEscape(id string) string { return url.PathEscape(id) }

// sentTitle sums up.
func sentTitle(f *Frame, v SentView) string {
	switch {
	case v.refused() == 0 && v.Accepted == 1:
		return f.T("The message is accepted")
	case v.refused() == 0 && v.Accepted > 1:
		return f.T("%d messages are accepted", v.Accepted)
	case v.Accepted > 0:
		return f.T("%d of %d messages are accepted", v.Accepted, len(v.Rows))
	case v.Replayed > 0 && v.refused() == 0:
		return f.T("Sent before")
	}
	return f.T("Nothing was sent")
}

// sendZone says in which zone a date is meant.
func sendZone(f *Frame) string {
	if f.ZoneSure {
		return f.T("Time zone: %s", f.Zone.String())
	}
	return f.T("In UTC: the browser did not say its time zone")
}

// sendFieldName is a field of intake as the form calls it.
func sendFieldName(f *Frame, field string) string {
	switch field {
	case "recipients":
		return f.T("Recipients")
	case "sender":
		return f.T("Sender")
	case "scheduledDate":
		return f.T("Send at")
	case "campaignId":
		return f.T("Campaign")
	case "priority":
		return f.T("Priority")
	}
	return f.T("Text")
}
