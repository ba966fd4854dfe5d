package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
)

// Events is what an account was told, and what came of it.
type Events interface {
	Events(ctx context.Context, account *sms.Account, p outbox.Page) ([]sms.Event, string, error)
	Event(ctx context.Context, account *sms.Account, id string) (e sms.Event, body []byte, err error)
	Attempts(ctx context.Context, account *sms.Account, p outbox.Page) ([]sms.Attempt, string, error)
	ReplayBy(ctx context.Context, by outbox.By, account *sms.Account, r outbox.Replay) (int, error)
	ID(id sms.ID) string
	MessageID(id sms.ID) string
}

const (
	eventsOnPage   = 50
	attemptsOnPage = 50 // of one event, which has ten unless it was replayed
)

// events lists what was told, or is to be, the newest first.
func (c *Console) events(w http.ResponseWriter, r *http.Request, p *page) error {
	status, cursor := r.URL.Query().Get("status"), r.URL.Query().Get("before")
	list, next, err := c.parts.Events.Events(r.Context(), p.account, outbox.Page{Status: status, Cursor: cursor, Limit: eventsOnPage})
	if err != nil {
		return err
	}
	hour := time.Now().In(p.frame.Zone).Truncate(time.Minute)
	view := templates.EventsView{Status: status, From: hour.Add(-24 * time.Hour).Format("2006-01-02T15:04"), To: hour.Format("2006-01-02T15:04")}
	return c.showEvents(w, p, view, eventList{list, next, cursor})
}

type eventList struct {
	events       []sms.Event
	next, cursor string
}

func (c *Console) showEvents(w http.ResponseWriter, p *page, view templates.EventsView, l eventList) error {
	for i := range l.events {
		view.Events = append(view.Events, c.eventRow(&l.events[i]))
	}
	if l.cursor != "" {
		view.First = eventsPath(view.Status, "")
	}
	if l.next != "" {
		view.Older = eventsPath(view.Status, l.next)
	}
	return p.render(w, formStatus(view.Errors), templates.Events(p.frame, view))
}

func (c *Console) eventRow(e *sms.Event) templates.EventRow {
	row := templates.EventRow{ID: c.parts.Events.ID(e.ID), At: e.ID.Time(), What: "INBOUND", Stage: outbox.StageNames[e.Stage], Way: outbox.WayNames[e.Way],
		Attempts: e.Attempts, Due: e.Due, Ended: e.Ended}
	if e.Kind == sms.DeliveryEvent {
		row.What, row.MessageID = outbox.DeliveryStatus(e), c.parts.Events.MessageID(e.MessageID)
	}
	return row
}

// event shows one with its body and what came of each attempt.
func (c *Console) event(w http.ResponseWriter, r *http.Request, p *page) error {
	id := r.PathValue("id")
	e, body, err := c.parts.Events.Event(r.Context(), p.account, id)
	if err != nil {
		return err
	}
	attempts, _, err := c.parts.Events.Attempts(r.Context(), p.account, outbox.Page{EventID: id, Limit: attemptsOnPage})
	if err != nil {
		return err
	}
	view := templates.EventView{Event: c.eventRow(&e)}
	if e.Way == sms.ByWebhook {
		view.Body = indented(body)
	}
	for i := range attempts {
		a := &attempts[i]
		view.Attempts = append(view.Attempts, templates.AttemptRow{Number: a.Number, At: a.At, Duration: a.Duration, Status: a.Status, Error: a.Error,
			Receiver: a.Receiver, Response: printable(a.Response)})
	}
	return p.render(w, http.StatusOK, templates.Event(p.frame, view))
}

func (c *Console) replayEvent(w http.ResponseWriter, r *http.Request, p *page) error {
	id := r.PathValue("id")
	if _, err := c.parts.Events.ReplayBy(r.Context(), p.hookBy(), p.account, outbox.Replay{EventID: id}); err != nil {
		return offHere(err)
	}
	return p.done(w, r, webhookPath+"/events/"+id, p.T("The event is told again."))
}

// replayEvents has what was made in a time told again.
func (c *Console) replayEvents(w http.ResponseWriter, r *http.Request, p *page) error {
	view := templates.EventsView{From: r.PostFormValue("from"), To: r.PostFormValue("to"), Delivered: r.PostFormValue("delivered") == "yes"}
	n, err := c.replayRange(r.Context(), p, view)
	if err == nil {
		return p.done(w, r, eventsPath("", ""), p.T("%s events are told again.", p.frame.Number(int64(n))))
	}
	if view.Errors = p.fields(err); view.Errors == nil {
		return err
	}
	list, next, err := c.parts.Events.Events(r.Context(), p.account, outbox.Page{Limit: eventsOnPage})
	if err != nil {
		return err
	}
	return c.showEvents(w, p, view, eventList{list, next, ""})
}

func (c *Console) replayRange(ctx context.Context, p *page, v templates.EventsView) (int, error) {
	from, err := p.localTime("from", v.From)
	if err != nil {
		return 0, err
	}
	to, err := p.localTime("to", v.To)
	if err != nil {
		return 0, err
	}
	if to.Before(from) {
		return 0, sms.InvalidField("to", "must not be before the beginning")
	}
	replay := outbox.Replay{From: from, To: to.Add(time.Minute - time.Millisecond), Delivered: v.Delivered} // the minute itself included
	n, err := c.parts.Events.ReplayBy(ctx, p.hookBy(), p.account, replay)
	return n, offHere(err)
}

// offHere says of a webhook that is off how it is turned on in the console.
func offHere(err error) error {
	if sms.CodeOf(err) == sms.Conflict {
		return sms.Errorf(sms.Conflict, "the webhook is off: turn it on first, on its page")
	}
	return err
}

// indented is a body as people read it.
func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return printable(body)
	}
	return b.String()
}

// printable is what somebody answered, as text.
func printable(octets []byte) string {
	text := strings.ToValidUTF8(string(octets), string(utf8.RuneError))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}
