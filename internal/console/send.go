package console

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

var sendRoutes = []route{
	{http.MethodGet, "/send", send, (*Console).writeMessage},
	{http.MethodPost, "/send", send, (*Console).sendMessage},
	{http.MethodPost, "/send/preview", send, (*Console).previewMessage},
}

// Sending accepts messages, and says beforehand what would become of them.
type Sending interface {
	Compose(ctx context.Context, caller auth.Caller, r *intake.Request, destinations []string) (*intake.Composition, error)
	Begin(caller auth.Caller, door string, r *intake.Request, done func(intake.Answer, error))
}

// TestNumber is a number whose messages have a known outcome, told in English.
type TestNumber struct{ Number, Outcome string }

// sendDoor is how messages from here are marked.
const sendDoor = "console"

// mostRecipients is how many numbers the page takes at a time; for more there is the API.
const mostRecipients = 100

func (c *Console) writeMessage(w http.ResponseWriter, r *http.Request, p *page) error {
	l := &letter{recipients: r.URL.Query().Get("to"), key: rand.Text(), values: map[string]string{}}
	return c.showLetter(w, p, l, sendPage{status: http.StatusOK})
}

// previewMessage answers the part of the page that changes while somebody writes.
func (c *Console) previewMessage(w http.ResponseWriter, r *http.Request, p *page) error {
	l := readLetter(r)
	view, err := c.sendView(p, l, nil)
	if err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.SendLive(p.frame, view, !l.shows(view.Placeholders)))
}

// sendMessage sends, or does what another button of the form asks for.
func (c *Console) sendMessage(w http.ResponseWriter, r *http.Request, p *page) error {
	l := readLetter(r)
	switch do, number, _ := strings.Cut(r.PostFormValue("do"), " "); do {
	case "send":
	case "replace":
		if err := c.nearest(p, l); err != nil {
			return err
		}
		return c.showLetter(w, p, l, sendPage{status: http.StatusOK, focus: "body"})
	case "add":
		l.add(number)
		return c.showLetter(w, p, l, sendPage{status: http.StatusOK, focus: "recipients"})
	default:
		return c.showLetter(w, p, l, sendPage{status: http.StatusOK})
	}
	if p.account.Suspended {
		return sms.Errorf(sms.Forbidden, "the account is suspended: it sends nothing")
	}
	request, wrong := l.request(p)
	view, err := c.sendView(p, l, wrong)
	if err != nil {
		return err
	}
	if l.incomplete(p, view); len(view.Errors) > 0 {
		return p.render(w, http.StatusUnprocessableEntity, templates.Send(p.frame, view))
	}
	return p.render(w, http.StatusOK, templates.Sent(p.frame, c.dispatchLetter(p, l, request)))
}

// sendPage is how the form is shown again.
type sendPage struct {
	status int
	focus  string // the field to go on with
}

func (c *Console) showLetter(w http.ResponseWriter, p *page, l *letter, as sendPage) error {
	view, err := c.sendView(p, l, nil)
	if err != nil {
		return err
	}
	view.Focus = as.focus
	return p.render(w, as.status, templates.Send(p.frame, view))
}

// nearest puts near characters in place of those that force Unicode.
func (c *Console) nearest(p *page, l *letter) error {
	request, _ := l.request(p)
	ctx, cancel := p.context()
	defer cancel()
	composition, err := c.parts.Sending.Compose(ctx, p.sender(), &request, nil)
	if err != nil {
		return err
	}
	l.body = composition.Nearest
	for key, value := range l.values {
		l.values[key] = gsm.Nearest(value)
	}
	return nil
}

// sender is who sends, for intake.
func (p *page) sender() auth.Caller {
	return auth.Caller{Account: p.account, Credential: p.session.Actor(), Address: p.from, Operations: []sms.Operation{sms.OpSMS}}
}

// dispatchLetter sends to each recipient, in order, and says what came of each.
func (c *Console) dispatchLetter(p *page, l *letter, r intake.Request) templates.SentView {
	numbers := l.numbers()
	view := templates.SentView{Rows: make([]templates.SentRow, len(numbers)), Due: r.Due, Campaign: r.CampaignID}
	var pending sync.WaitGroup
	for i, number := range numbers {
		one := r
		one.Destination, one.IdempotencyKey = number, l.idempotencyKey(number)
		pending.Add(1)
		c.parts.Sending.Begin(p.sender(), sendDoor, &one, func(a intake.Answer, err error) {
			defer pending.Done()
			view.Rows[i] = p.sentRow(number, a, err)
		})
	}
	pending.Wait()
	for _, row := range view.Rows {
		switch {
		case row.Replayed:
			view.Replayed++
		case row.Accepted:
			view.Accepted++
		}
	}
	return view
}

func (p *page) sentRow(number string, a intake.Answer, err error) templates.SentRow {
	row := templates.SentRow{Number: number}
	if err != nil {
		if sms.CodeOf(err) == sms.Internal {
			p.console.parts.Log.Error("a message of the console failed", "error", err)
		}
		row.Why = p.told(err)
		return row
	}
	row.ID, row.Accepted, row.Replayed, row.Parts = a.MessageID, a.Accepted, a.Replayed, a.Parts
	row.Why = p.refusals(a.Reasons, a.Details)
	return row
}

// refusals is why a message is refused, in words.
func (p *page) refusals(reasons, details []string) string {
	said := make([]string, 0, len(reasons)+len(details))
	for _, reason := range reasons {
		said = append(said, p.reason(reason))
	}
	for _, detail := range details {
		said = append(said, p.T(detail))
	}
	return strings.Join(said, "; ")
}

func (p *page) reason(reason string) string {
	switch reason {
	case intake.NoCredit:
		return p.T("the credit does not suffice")
	case intake.SenderNotAllowed:
		return p.T("the account may not use this sender")
	case intake.Blocked:
		return p.T("the recipient wants no messages (opt-out)")
	case intake.NoRoute:
		return p.T("no carrier takes messages to this number")
	case intake.TooManyParts:
		return p.T("the text has more parts than the account may send")
	}
	return reason
}
