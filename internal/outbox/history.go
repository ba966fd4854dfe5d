package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// History is what was told, and what came of it.
type History interface {
	Events(ctx context.Context, account sms.AccountID, page store.EventPage) ([]sms.Event, error)
	Attempts(ctx context.Context, account sms.AccountID, page store.EventPage) ([]sms.Attempt, error)
	ReplayEvents(ctx context.Context, account sms.AccountID, r store.Replay) (int, error)
}

const eventPrefix = "evt_"

// EventID is the id of an event as its account sees it: the webhook-id of each attempt.
func EventID(ids *sms.PublicIDs, id sms.ID) string { return eventPrefix + ids.Format(id) }

// ID is the same, of the server's.
func (h *Hooks) ID(id sms.ID) string { return EventID(h.ids, id) }

// MessageID is the id of a message as its account sees it.
func (h *Hooks) MessageID(id sms.ID) string { return h.ids.Format(id) }

func newID() string { return "whk_" + rand.Text() }

// eventOf reads such an id.
func (h *Hooks) eventOf(text string) (sms.ID, bool) {
	rest, ok := strings.CutPrefix(text, eventPrefix)
	if !ok {
		return 0, false
	}
	return h.ids.Parse(rest)
}

// WayNames are the ways of an event as accounts see them.
var WayNames = [...]string{sms.ByWebhook: "WEBHOOK", sms.BySMPP: "SMPP", sms.ByCallback: "CALLBACK"}

// StageNames are the stages of an event as accounts see them.
var StageNames = [...]string{sms.EventWaiting: "WAITING", sms.EventDelivered: "DELIVERED", sms.EventFailed: "FAILED"}

// Page asks for some of what was told.
type Page struct {
	Status  string // of StageNames; empty: any
	EventID string // attempts only: of this event; empty: of all
	Cursor  string // where the last page ended; empty: the newest
	Limit   int
}

// Events are those of an account, the newest first, and the cursor of the next page; empty: there is none.
func (h *Hooks) Events(ctx context.Context, account *sms.Account, p Page) ([]sms.Event, string, error) {
	page, err := h.page(p)
	if err != nil {
		return nil, "", err
	}
	page.Limit++
	events, err := h.store.Events(ctx, account.ID, page)
	if err != nil || len(events) <= p.Limit {
		return events, "", err
	}
	events = events[:p.Limit]
	return events, h.ID(events[p.Limit-1].ID), nil
}

// Attempts are those of an account, of the newest event first, and the cursor of the next page; empty: there is none.
func (h *Hooks) Attempts(ctx context.Context, account *sms.Account, p Page) ([]sms.Attempt, string, error) {
	page, err := h.page(p)
	if err != nil {
		return nil, "", err
	}
	page.Limit++
	attempts, err := h.store.Attempts(ctx, account.ID, page)
	if err != nil || len(attempts) <= p.Limit {
		return attempts, "", err
	}
	attempts = attempts[:p.Limit]
	last := attempts[p.Limit-1]
	return attempts, h.ID(last.Event) + "." + strconv.Itoa(last.Number), nil
}

func (h *Hooks) page(p Page) (page store.EventPage, err error) {
	page.Limit = p.Limit
	for stage, name := range StageNames {
		if name == p.Status {
			wanted := sms.EventStage(stage)
			page.Stage = &wanted
		}
	}
	if p.Status != "" && page.Stage == nil {
		return page, sms.InvalidField("status", "must be WAITING, DELIVERED or FAILED")
	}
	if p.EventID != "" {
		id, ok := h.eventOf(p.EventID)
		if !ok {
			return page, sms.InvalidField("eventId", "is not the id of an event")
		}
		page.Event = id
	}
	if p.Cursor != "" {
		text, number, _ := strings.Cut(p.Cursor, ".")
		id, ok := h.eventOf(text)
		page.Before = id
		page.Number, err = strconv.Atoi(number)
		if !ok || err != nil && number != "" {
			return page, sms.InvalidField("cursor", "is not one that an answer gave")
		}
	}
	return page, nil
}

// Replay says which events are told again: one, or those of a time that failed.
type Replay struct {
	EventID   string
	From, To  time.Time // both inclusive, by the time at which the event was made
	Delivered bool      // those that came through too
}

// ReplayBy is Replay with a line in the audit log.
func (h *Hooks) ReplayBy(ctx context.Context, by By, account *sms.Account, r Replay) (int, error) {
	what := r.EventID
	if what == "" {
		what = fmt.Sprintf("%s to %s", r.From.UTC().Format(time.RFC3339), r.To.UTC().Format(time.RFC3339))
	}
	if r.Delivered && r.EventID == "" {
		what += ", delivered ones too"
	}
	n, err := h.Replay(ctx, account, r)
	if err != nil {
		return 0, err
	}
	return n, h.store.Note(ctx, by.deed("webhook replay", account, fmt.Sprintf("%s: %d events", what, n)))
}

// Event is one of an account, and the body that is sent for it; no body: what it is about is not kept any more. sms.NotFound
// when the account has none with this id.
func (h *Hooks) Event(ctx context.Context, account *sms.Account, id string) (e sms.Event, body []byte, err error) {
	at, ok := h.eventOf(id)
	if !ok {
		return e, nil, errNoEvent
	}
	events, err := h.store.Events(ctx, account.ID, store.EventPage{Before: at + 1, Limit: 1})
	if err != nil {
		return e, nil, err
	}
	if len(events) == 0 || events[0].ID != at {
		return e, nil, errNoEvent
	}
	if e = events[0]; e.Message == nil && e.Inbound == nil {
		return e, nil, nil
	}
	body, err = bodyOf(h.ids, &e)
	return e, body, err
}

var errNoEvent = sms.Errorf(sms.NotFound, "this account has no such event")

// Replay has events told again, each the way it goes, and answers how many. Without an active webhook those of a webhook
// are left out; when that leaves none, the error says so: sms.NotFound when there is no webhook, sms.Conflict when it is
// disabled. sms.NotFound too for an event that is not there or waits anyway.
func (h *Hooks) Replay(ctx context.Context, account *sms.Account, r Replay) (int, error) {
	hook, missing := h.Find(ctx, account)
	if missing != nil && !errors.Is(missing, errNoWebhook) {
		return 0, missing
	}
	if missing == nil && !Active(hook) {
		missing = sms.Errorf(sms.Conflict, "the webhook is disabled: PUT makes it active again")
	}
	again := store.Replay{From: sms.MakeID(r.From, 0, 0), To: sms.MakeID(r.To, sms.MaxNode, math.MaxInt), Delivered: r.Delivered, NoWebhook: missing != nil}
	if r.EventID != "" {
		id, ok := h.eventOf(r.EventID)
		if !ok {
			return 0, sms.InvalidField("eventId", "is not the id of an event")
		}
		again.From, again.To, again.Delivered = id, id, true
	}
	n, err := h.store.ReplayEvents(ctx, account.ID, again)
	switch {
	case err != nil || n > 0:
		return n, err
	case missing != nil:
		return 0, missing
	case r.EventID != "":
		return 0, sms.Errorf(sms.NotFound, "this account has no such event, or it waits to be told anyway")
	}
	return 0, nil
}
