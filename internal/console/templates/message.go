package templates

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

func (v MessagesView) title(f *Frame) string {
	if v.Operator {
		return f.T("All messages")
	}
	return f.T("Messages")
}

func (v MessagesView) shown(f *Frame) string {
	if len(v.Rows) == 1 {
		return f.T("1 message shown")
	}
	return f.T("%d messages shown, the newest first", len(v.Rows))
}

// nothing is what to do when there is no message.
func (v MessagesView) nothing(f *Frame) templ.Component {
	switch {
	case !v.Looked.IsZero():
		return templ.NopComponent
	case !v.Form.Empty() || v.Newer != "":
		return Empty(f.T("No message fits"), f.T("Take something out of the search. Messages are kept for the time that the account has set, and their texts perhaps shorter."))
	case v.Operator:
		return Empty(f.T("No messages yet"), f.T("As soon as an account sends, its messages stand here."))
	}
	return Empty(f.T("No messages yet"), f.T("Make an API key under Settings and send with it, or write a message here under Send."))
}

// The neighbours of a page; where the time was up, going on stands in place of one.
func (v MessagesView) newer() string { return unless(!v.Looked.IsZero() && v.Forward, v.Newer) }
func (v MessagesView) older() string { return unless(!v.Looked.IsZero() && !v.Forward, v.Older) }

func (v MessagesView) further() string {
	if v.Forward {
		return v.Newer
	}
	return v.Older
}

func unless(not bool, path string) string {
	if not {
		return ""
	}
	return path
}

// wrong is what the list says of a search that cannot be: what no field of the form that is shown says.
func (v MessagesView) wrong() string {
	if v.Partial {
		return v.Errors.first()
	}
	return v.Errors["cursor"]
}

// first is an error of a form; empty: there is none.
func (e Errors) first() string {
	for _, field := range []string{"", "number", "text", "status", "sender", "campaign", "id", "from", "to", "cursor"} {
		if e[field] != "" {
			return e[field]
		}
	}
	return ""
}

func escape(text string) string { return url.QueryEscape(text) }

// stepTitle is what happened, in words.
func (v MessageView) stepTitle(f *Frame, step status.Step) string {
	switch step.Kind {
	case status.Began:
		if v.record().State == sms.Refused {
			return f.T("Refused")
		}
		return f.T("Accepted")
	case status.Happened:
		return incidentWord(f, step.Incident.Kind)
	case status.Took:
		if v.message().Parts > 1 {
			return f.T("%s took its first part", carrierWord(f, step.Carrier))
		}
		return f.T("%s took it", carrierWord(f, step.Carrier))
	case status.Reached:
		word := partWord(f, v.Story.Parts[step.Part-1].Part)
		if v.message().Parts > 1 {
			return f.T("Part %[1]d of %[2]d: %[3]s", step.Part, v.message().Parts, word)
		}
		return sentence(word)
	}
	return v.telling(f, step)
}

// sentence begins with a capital.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func incidentWord(f *Frame, kind string) string {
	switch kind {
	case "attempt":
		return f.T("An attempt did not succeed")
	case "route":
		return f.T("Given to another carrier")
	case "repeated receipt":
		return f.T("The carrier repeated a receipt")
	}
	return kind
}

func partWord(f *Frame, p sms.Part) string {
	switch p.State {
	case sms.Queued, sms.Sending:
		return f.T("waiting to be sent")
	case sms.Sent:
		if p.Seen {
			return f.T("with the carrier, which reports it on its way")
		}
		return f.T("with the carrier, no receipt yet")
	case sms.Delivered:
		return f.T("delivered to the handset")
	case sms.Failed:
		return f.T("not delivered")
	case sms.Expired:
		return f.T("expired")
	case sms.Unknown:
		return f.T("nobody can say what became of it")
	}
	return StateWord(f, p.State)
}

// partDetail is what the carrier said of a part.
func (v MessageView) partDetail(f *Frame, n int) string {
	p := v.Story.Parts[n-1]
	var told []string
	if p.Code != "" && p.State != sms.Delivered {
		told = append(told, f.T("Carrier's code %s", strings.TrimSpace(p.Code+" "+codeWords(p))))
	}
	if p.Lapsed {
		told = append(told, f.T("No receipt came in time"))
	}
	if p.Doubts > 0 {
		told = append(told, f.T("Attempts without an answer before: %d", p.Doubts))
	}
	return strings.Join(told, " · ")
}

// codeWords is what a code means, in brackets.
func codeWords(p status.PartStory) string {
	if p.Words == "" || p.State == sms.Delivered {
		return ""
	}
	return "(" + p.Words + ")"
}

// beginDetail is who brought the message.
func (v MessageView) beginDetail(f *Frame, step status.Step) string {
	if step.Kind != status.Began {
		return ""
	}
	o := v.message().Origin
	told := doorWord(f, o.Door)
	if o.Credential != "" {
		told = f.T("%[1]s as %[2]s", told, o.Credential)
	}
	if o.Address != "" {
		told += " " + f.T("from %s", o.Address)
	}
	if v.record().State == sms.Refused {
		told += " · " + refusal(f, v.message().Refusal)
	}
	return told
}

// telling is what the customer was told, or shall be.
func (v MessageView) telling(f *Frame, step status.Step) string {
	what := StateWord(f, step.Event.State)
	if step.Event.Part >= 0 && step.Event.Way == sms.ByWebhook && v.message().Parts > 1 {
		what = f.T("part %[1]d, %[2]s", step.Event.Part+1, what)
	}
	if step.Event.Way == sms.ByWebhook {
		return hookWords(f, step, what)
	}
	switch {
	case step.Kind == status.Waits:
		return f.T("Receipt by SMPP (%s): waits for a session that takes it", what)
	case step.Kind == status.GivenUp:
		return f.T("Receipt by SMPP (%s): given up", what)
	case step.Attempt.Error != "":
		return f.T("Receipt by SMPP (%s): not taken", what)
	}
	return f.T("Receipt by SMPP (%[1]s): taken by %[2]s", what, step.Attempt.Receiver)
}

func hookWords(f *Frame, step status.Step, what string) string {
	switch {
	case step.Kind == status.Waits:
		return f.T("Webhook (%s): waits to be sent", what)
	case step.Kind == status.GivenUp:
		return f.T("Webhook (%s): given up", what)
	case step.Attempt.Status == 0:
		return f.T("Webhook (%[1]s), attempt %[2]d: no answer", what, step.Attempt.Number)
	}
	return f.T("Webhook (%[1]s), attempt %[2]d: answered %[3]d after %[4]s", what, step.Attempt.Number, step.Attempt.Status, f.Span(step.Attempt.Duration))
}

// stepKind is the colour of a step.
func (v MessageView) stepKind(step status.Step) string {
	switch step.Kind {
	case status.Began:
		if v.record().State == sms.Refused {
			return "bad"
		}
		return "calm"
	case status.Happened:
		return "warn"
	case status.Took:
		return "busy"
	case status.Reached:
		return StateKind(v.Story.Parts[step.Part-1].State)
	case status.GivenUp:
		return "bad"
	case status.Tried:
		if step.Attempt.Error != "" {
			return "warn"
		}
		return "good"
	}
	return "calm"
}

// response is the beginning of an answer as text.
func response(octets []byte) string {
	text := strings.TrimSpace(string(octets))
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }) {
		return strconv.Quote(text)
	}
	return text
}
