package templates

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// MessagesView is the list of messages with its search.
type MessagesView struct {
	Path     string // of the list: of an account, or of all of them
	Operator bool   // all accounts: each message says whose it is
	Form     MessageForm
	Errors   Errors // of the form
	Partial  bool   // the form is not shown
	Rows     []MessageRow
	Newer    string    // paths of the neighbours; empty: there is none
	Older    string    //
	Looked   time.Time // the search went no further; zero: it did
	Forward  bool      // it went towards newer messages
	Export   string    // path of the file of what is found; empty: nothing is
}

// MessageForm is a search as it was written.
type MessageForm struct {
	Number, Text, Status, Sender, Campaign, ID, From, To string
}

// Empty reports whether nothing is looked for.
func (m MessageForm) Empty() bool { return m == MessageForm{} }

// more reports whether a field is used that is shown on demand.
func (m MessageForm) more() bool { return m.Sender+m.Campaign+m.ID+m.From+m.To != "" }

// MessageRow is one message of the list.
type MessageRow struct {
	Path    string // of its page
	Account string
	Record  *sms.Record
	Price   sms.Money
}

// longestExcerpt is how many characters of a text a list shows.
const longestExcerpt = 140

func excerpt(text string) string {
	if n := 0; len(text) > longestExcerpt {
		for at := range text {
			if n++; n > longestExcerpt {
				return text[:at] + "…"
			}
		}
	}
	return text
}

func (r MessageRow) excerpt() string { return excerpt(r.Record.Message.Text) }

// stateOptions are what a search can ask for.
func stateOptions(f *Frame) []Option {
	options := []Option{{"", f.T("Any status")}}
	for _, s := range status.States {
		options = append(options, Option{s.String(), StateWord(f, s)})
	}
	return options
}

// StateWord is a state of a message, or of a part, for people.
func StateWord(f *Frame, s sms.State) string {
	switch s {
	case sms.Scheduled:
		return f.T("Scheduled")
	case sms.Queued:
		return f.T("Waiting")
	case sms.Sending:
		return f.T("Being sent")
	case sms.Sent:
		return f.T("Sent")
	case sms.Delivered:
		return f.T("Delivered")
	case sms.Failed:
		return f.T("Failed")
	case sms.Expired:
		return f.T("Expired")
	case sms.Unknown:
		return f.T("Unknown")
	case sms.Cancelled:
		return f.T("Cancelled")
	case sms.Refused:
		return f.T("Refused")
	}
	return s.String()
}

// StateKind is the colour of a state: see Badge.
func StateKind(s sms.State) string {
	switch s {
	case sms.Delivered:
		return "good"
	case sms.Queued, sms.Sending, sms.Sent:
		return "busy"
	case sms.Expired, sms.Unknown:
		return "warn"
	case sms.Failed, sms.Refused:
		return "bad"
	}
	return "calm"
}

// MessageView is one message.
type MessageView struct {
	Story    *status.Story
	Back     string // path of the list
	Operator bool   // the account is named
	Path     string // of this page
	Cancel   bool   // it can still be withdrawn, and the viewer may
	Move     bool   // likewise: given another date
	Date     string // of the form of the other date
	Errors   Errors
}

func (v MessageView) record() *sms.Record   { return v.Story.Record }
func (v MessageView) message() *sms.Message { return v.Story.Record.Message }

func (v MessageView) title(f *Frame) string {
	if v.record().Redacted {
		return f.T("Message whose number is blanked")
	}
	return f.T("Message to %s", v.message().Destination.String())
}

// standing is where the message stands, in a sentence.
func (v MessageView) standing(f *Frame) string {
	r, m := v.record(), v.message()
	switch r.State {
	case sms.Scheduled:
		return f.T("Held until %s.", f.Clock(m.Due))
	case sms.Queued:
		if !m.Due.IsZero() {
			return f.T("The carrier did not take it yet; tried again at %s.", f.Clock(m.Due))
		}
		return f.T("In the queue; no carrier has it yet.")
	case sms.Sent:
		if v.seen() {
			return f.T("The carrier has it and is trying.")
		}
		return f.T("Handed to the carrier; no receipt yet.")
	case sms.Delivered:
		if v.lapsed() {
			return f.T("No receipt came, and the account takes that for delivered.")
		}
		return f.T("Confirmed on the handset.")
	case sms.Expired:
		return f.T("Its validity ended before it could be delivered.")
	case sms.Unknown:
		return f.T("Nobody can say whether it arrived.")
	case sms.Cancelled:
		return f.T("Withdrawn before it left.")
	case sms.Refused:
		return refusal(f, m.Refusal)
	}
	return f.T("It will not be delivered.")
}

func (v MessageView) seen() bool {
	for _, p := range v.message().Progress {
		if p.Seen {
			return true
		}
	}
	return false
}

func (v MessageView) lapsed() bool {
	for _, p := range v.message().Progress {
		if p.Lapsed && p.State == v.record().State {
			return true
		}
	}
	return false
}

// refusal says why a message was not accepted; one that is not known by its code.
func refusal(f *Frame, code string) string {
	switch code {
	case "NO_ROUTE":
		return f.T("Refused: no carrier is set up for this number.")
	case "INSUFFICIENT_CREDIT":
		return f.T("Refused: the credit did not suffice.")
	case "DESTINATION_BLOCKED":
		return f.T("Refused: the recipient has opted out.")
	case "DESTINATION_NOT_ALLOWED":
		return f.T("Refused: this country or kind of number is not enabled.")
	case "SENDER_NOT_ALLOWED":
		return f.T("Refused: the sender is not allowed.")
	case "TOO_MANY_PARTS":
		return f.T("Refused: it has more parts than the account may send.")
	}
	return f.T("Refused: %s.", code)
}

// length is how long the text is; empty: nobody knows any more.
func (v MessageView) length(f *Frame) string {
	n := v.Story.Characters
	switch {
	case n == 0:
		return ""
	case v.Story.Octets && n == 1:
		return f.T("1 octet")
	case v.Story.Octets:
		return f.T("%s octets", f.Number(int64(n)))
	case n == 1:
		return f.T("1 character")
	}
	return f.T("%s characters", f.Number(int64(n)))
}

func partsWord(f *Frame, n int) string {
	if n == 1 {
		return f.T("1 part")
	}
	return f.T("%s parts", f.Number(int64(n)))
}

func encodingWord(e sms.Encoding) string {
	switch e {
	case sms.UCS2:
		return "Unicode (UCS-2)"
	case sms.Octets:
		return "8 bit"
	}
	return "GSM-7"
}

// form is in which form the text travels.
func (v MessageView) form(f *Frame) string {
	m := v.message()
	told := []string{encodingWord(m.Encoding)}
	if length := v.length(f); length != "" {
		told = append(told, length)
	}
	told = append(told, partsWord(f, m.Parts))
	if m.Flash {
		told = append(told, "flash")
	}
	if len(m.UDH) > 0 {
		told = append(told, f.T("with a header of its own"))
	}
	return strings.Join(told, ", ")
}

// foreign names the characters that force Unicode: "’ (U+2019)".
func (v MessageView) foreign() string {
	var told []string
	for i, r := range v.Story.Foreign {
		if i == 10 {
			return strings.Join(told, ", ") + ", …"
		}
		if shown := string(r); unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) {
			told = append(told, fmt.Sprintf("%s (U+%04X)", shown, r))
		} else {
			told = append(told, fmt.Sprintf("U+%04X", r))
		}
	}
	return strings.Join(told, ", ")
}

func priorityWord(f *Frame, p sms.Priority) string {
	switch p {
	case sms.High:
		return f.T("high")
	case sms.Low:
		return f.T("low")
	}
	return f.T("normal")
}

func doorWord(f *Frame, door string) string {
	switch door {
	case "http":
		return "HTTP"
	case "smpp":
		return "SMPP"
	case "console":
		return f.T("console")
	case "command":
		return f.T("command line")
	}
	return door
}

func carrierWord(f *Frame, name string) string {
	if name == "" {
		return f.T("a carrier that was removed")
	}
	return name
}

// why is how the message comes to its carrier.
func (v MessageView) why(f *Frame) string {
	w := v.Story.Way
	switch {
	case !w.Known:
		return ""
	case w.Place == 0:
		return f.T("No route of today leads there: the routes have changed since.")
	case w.Route.ID == 0:
		return f.T("The default carrier: no route fits, as the routes are today.")
	case w.Place == 1:
		return f.T("First of %[1]d by today's routes: %[2]s.", w.Of, routeWords(f, w.Route))
	}
	return f.T("Number %[1]d of %[2]d by today's routes: %[3]s.", w.Place, w.Of, routeWords(f, w.Route))
}

// routeWords says whose messages a route takes; neither its cost nor another account is for customers.
func routeWords(f *Frame, r sms.Route) string {
	var told []string
	if r.Account != 0 {
		told = append(told, f.T("for this account"))
	}
	if r.Sender != "" {
		told = append(told, f.T("sender %s", string(r.Sender)))
	}
	if r.Prefix != "" {
		told = append(told, f.T("numbers with +%s", r.Prefix))
	}
	if r.Country != "" {
		told = append(told, f.T("country %s", r.Country))
	}
	if len(told) == 0 {
		return f.T("for all messages")
	}
	return strings.Join(told, ", ")
}
