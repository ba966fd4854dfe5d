package console

import (
	"context"
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// Changes withdraws and moves messages that have not left, in the name of a person.
type Changes interface {
	Find(ctx context.Context, account sms.AccountID, messageID string) (*sms.Message, error)
	Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error
	Reschedule(ctx context.Context, account sms.AccountID, id sms.ID, date string) (time.Time, error)
}

// message answers what is known about one message.
func (c *Console) message(w http.ResponseWriter, _ *http.Request, p *page) error {
	return c.showMessage(w, p, http.StatusOK, templates.MessageView{})
}

// showMessage shows the message of the path; view says what is wrong with a form on its page.
func (c *Console) showMessage(w http.ResponseWriter, p *page, code int, view templates.MessageView) error {
	ctx, cancel := p.context()
	defer cancel()
	of := p.scope()
	story, err := c.parts.Messages.Story(ctx, of.account, p.request.PathValue("id"))
	if err != nil {
		return err
	}
	view.Story, view.Back, view.Path, view.Operator = story, of.path, of.path+"/"+story.ID, of.account == 0
	if p.may(send) && of.account != 0 {
		view.Cancel, view.Move = mayChange(story), story.Record.State == sms.Scheduled
	}
	if view.Date == "" && view.Move {
		view.Date = story.Record.Message.Due.In(p.frame.Zone).Format(localForm)
	}
	return p.render(w, code, templates.Message(p.frame, view))
}

// mayChange reports whether nothing of a message has left, as far as its record says.
func mayChange(story *status.Story) bool {
	for _, p := range story.Parts {
		if p.State != sms.Queued || p.Doubts > 0 {
			return false
		}
	}
	return story.Record.State == sms.Scheduled || story.Record.State == sms.Queued
}

// cancelMessage withdraws a message.
func (c *Console) cancelMessage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.changeMessage(w, r, p, "", func(ctx context.Context, changes Changes, m *sms.Message) (string, error) {
		return p.T("The message is cancelled."), changes.Cancel(ctx, p.account.ID, m.ID)
	})
}

// rescheduleMessage gives a message another date.
func (c *Console) rescheduleMessage(w http.ResponseWriter, r *http.Request, p *page) error {
	written := r.FormValue("date")
	return c.changeMessage(w, r, p, written, func(ctx context.Context, changes Changes, m *sms.Message) (string, error) {
		at, err := p.moment("scheduledDate", written)
		if err != nil {
			return "", err
		}
		date := ""
		if !at.IsZero() {
			date = at.Format(time.RFC3339)
		}
		due, err := changes.Reschedule(ctx, p.account.ID, m.ID, date)
		return p.T("The message goes at %s.", p.frame.Clock(due)), err
	})
}

// changeMessage finds the message of the path and changes it; what is wrong is said on its page.
func (c *Console) changeMessage(w http.ResponseWriter, r *http.Request, p *page, date string, change func(context.Context, Changes, *sms.Message) (string, error)) error {
	ctx, cancel := p.context()
	defer cancel()
	changes := c.parts.Changes(p.session.Actor(), p.account)
	m, err := changes.Find(ctx, p.account.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	notice, err := change(ctx, changes, m)
	if errors := p.fields(err); errors != nil {
		return c.showMessage(w, p, statusOf(sms.CodeOf(err)), templates.MessageView{Errors: errors, Date: date})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/messages/"+r.PathValue("id"), notice)
}
