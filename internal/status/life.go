package status

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// Line is one thing that happened to a message.
type Line struct {
	At   time.Time
	What string
}

// Life tells everything that is known about a message, oldest first, for the operator's people; never its text. The
// last line says where it stands. An unknown id is an error of class NotFound.
func (r *Reader) Life(ctx context.Context, id string) ([]Line, error) {
	story, err := r.Story(ctx, 0, id)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, step := range story.Steps {
		lines = append(lines, r.linesOf(story.Record, step)...)
	}
	return append(lines, r.ending(story.Record)), nil
}

// linesOf puts a step into words. What was told by webhook is told by `webhook show`.
func (r *Reader) linesOf(record *sms.Record, step Step) []Line {
	line := func(text string) []Line { return []Line{{step.At, text}} }
	switch step.Kind {
	case Began:
		return r.beginning(record)
	case Happened:
		return line(happened(*step.Incident))
	case Took:
		return line(r.took(record.Message))
	case Reached:
		return line(r.reachedPart(record.Message, step.Part))
	}
	if step.Event.Way != sms.BySMPP {
		return nil
	}
	return line(fmt.Sprintf("the customer's receipt, %s: %s", step.Event.State, toldOf(step)))
}

func toldOf(step Step) string {
	switch step.Kind {
	case Waits:
		return "waits for a session that takes it"
	case GivenUp:
		return "given up"
	}
	return tried(step.Attempt)
}

func tried(a *sms.Attempt) string {
	switch {
	case a.Error == "":
		return "taken by " + a.Receiver
	case a.Receiver == "":
		return a.Error
	}
	return a.Receiver + ": " + a.Error
}

func (r *Reader) beginning(record *sms.Record) (lines []Line) {
	m := record.Message
	accepted := m.ID.Time()
	add := func(format string, args ...any) { lines = append(lines, Line{accepted, fmt.Sprintf(format, args...)}) }
	verb := "accepted"
	if record.State == sms.Refused {
		verb = "refused"
	}
	add("%s as %s", verb, r.ids.Format(m.ID))
	add("sent by %s, %s", r.account(m.Account), brought(m.Origin))
	if m.CallerID != "" {
		add("the caller's id is %s", m.CallerID)
	}
	if m.Campaign != "" {
		add("campaign %s", m.Campaign)
	}
	if record.Redacted {
		add("from %s; its text and its recipient's number are blanked", m.Sender)
	} else {
		add("from %s to %s: %s", m.Sender, m.Destination, content(record))
	}
	if record.State == sms.Scheduled {
		add("held until %s", m.Due.Format(time.RFC3339))
	}
	if record.State != sms.Refused {
		add("valid until %s", m.Expires.Format(time.RFC3339))
	}
	return lines
}

func (r *Reader) account(id sms.AccountID) string {
	if r.names != nil {
		if account, ok := r.names.Account(id); ok {
			return "account " + account.Name
		}
	}
	return fmt.Sprintf("account number %d", id)
}

// carrier names a carrier; one that was removed has its number only.
func (r *Reader) carrier(id sms.CarrierID) string {
	if r.names == nil {
		return fmt.Sprintf("carrier number %d", id)
	}
	for _, c := range r.names.Carriers() {
		if c.ID == id {
			return "carrier " + c.Name
		}
	}
	return fmt.Sprintf("carrier number %d (removed)", id)
}

// brought is who brought the message, and from where.
func brought(o sms.Origin) string {
	text := "through " + o.Door
	if o.Credential != "" {
		text += " as " + o.Credential
	}
	if o.Address != "" {
		text += " from " + o.Address
	}
	return text
}

func content(record *sms.Record) string {
	m := record.Message
	told, parts := []string{gsm.Encoding(m.Encoding).String()}, counted(m.Parts, "part")
	if record.State != sms.Refused { // of which neither the price nor the whole text is kept
		told = append(told, length(m))
		parts += fmt.Sprintf(" at %s €", m.PartPrice)
	}
	told = append(told, parts)
	if len(m.UDH) > 0 {
		told = append(told, "a header of the caller's own")
	}
	if m.Flash {
		told = append(told, "flash")
	}
	return strings.Join(told, ", ")
}

func length(m *sms.Message) string {
	if m.Encoding == sms.Octets || m.Raw {
		return counted(len(m.Text)/2, "octet")
	}
	return counted(gsm.Characters(m.Text), "character")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// happened writes an incident; one of an attempt says by itself what it is about.
func happened(i sms.Incident) string {
	if i.Kind == "attempt" {
		return i.Detail
	}
	return i.Kind + ": " + i.Detail
}

func (r *Reader) took(m *sms.Message) string {
	what := "it"
	if m.Parts > 1 {
		what = "its first part"
	}
	return fmt.Sprintf("%s took %s", r.carrier(m.Carrier), what)
}

// reachedPart is how far a part has come; n counts from 1.
func (r *Reader) reachedPart(m *sms.Message, n int) string {
	text := r.reached(m.Carrier, m.Progress[n-1])
	if m.Parts > 1 {
		return fmt.Sprintf("part %d of %d: %s", n, m.Parts, text)
	}
	return text
}

// reached is how far a part has come.
func (r *Reader) reached(carrier sms.CarrierID, p sms.Part) string {
	told := []string{partWords(p)}
	if p.Ref != "" {
		told = append(told, "carrier's id "+p.Ref)
	}
	if p.Code != "" {
		told = append(told, "carrier's code "+p.Code)
		if words := r.explained(carrier, p.Code); words != "" && p.State != sms.Delivered {
			told[len(told)-1] += " (" + words + ")"
		}
	}
	if p.Lapsed {
		told = append(told, "no receipt came in time")
	}
	if p.Doubts > 0 {
		told = append(told, counted(int(p.Doubts), "time")+" without an answer before")
	}
	return strings.Join(told, ", ")
}

func partWords(p sms.Part) string {
	switch p.State {
	case sms.Queued, sms.Sending:
		return "waiting to be sent"
	case sms.Sent:
		if p.Seen {
			return "with the carrier, which reports it on its way"
		}
		return "with the carrier, no receipt yet"
	case sms.Delivered:
		return "delivered to the handset"
	case sms.Failed:
		return "not delivered"
	case sms.Expired:
		return "expired"
	case sms.Unknown:
		return "nobody can say what became of it"
	}
	return p.State.String()
}

func (r *Reader) ending(record *sms.Record) Line {
	status, description := r.words(record)
	at := record.Final
	if at.IsZero() {
		at = time.Now().UTC()
	}
	text := fmt.Sprintf("now %s: %s", status, description)
	switch record.State {
	case sms.Refused:
		return Line{at, text}
	case sms.Queued, sms.Sending:
		text += ", in the queue of " + r.carrier(record.Message.Carrier)
	}
	return Line{at, fmt.Sprintf("%s; costs %s €", text, price(record))}
}
