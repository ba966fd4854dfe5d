package admin

import (
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Inbound is a message from a handset.
type Inbound struct {
	MessageID   string    `json:"messageId"`
	ReceivedAt  time.Time `json:"receivedAt"`
	Source      string    `json:"source"` // empty: it is blanked
	Destination string    `json:"destination"`
	Text        string    `json:"text"`
	Parts       int       `json:"parts"`
	Came        int       `json:"receivedParts"`
	Stage       string    `json:"stage"` // WAITING for parts, UNROUTED, ROUTED, or ODD: it says that it is a receipt
}

// InboundPage asks for messages from handsets.
type InboundPage struct {
	Account string `json:"account"` // empty: those that are nobody's, and those that wait for parts
	Limit   int    `json:"limit"`
	Before  string `json:"before,omitempty"` // older than this one
}

var stageNames = [...]string{sms.InboundWaits: "WAITING", sms.InboundUnrouted: "UNROUTED", sms.InboundRouted: "ROUTED", sms.InboundOdd: "ODD"}

const mostListed = 1000

func (s *Service) listInbound(c call, in InboundPage) ([]Inbound, error) {
	var account sms.AccountID
	if in.Account != "" {
		found, err := s.account(in.Account)
		if err != nil {
			return nil, err
		}
		account = found.ID
	}
	if in.Limit < 1 || in.Limit > mostListed {
		return nil, sms.InvalidField("limit", "must be 1 to %d", mostListed)
	}
	ids := sms.NewPublicIDs(s.Secret)
	before, ok := ids.Parse(in.Before)
	if !ok && in.Before != "" {
		return nil, sms.InvalidField("before", "is not the id of a message")
	}
	messages, err := s.Store.InboundMessages(c, account, before, in.Limit)
	list := []Inbound{}
	for i := range messages {
		m := &messages[i]
		list = append(list, Inbound{ids.Format(m.ID), m.At, m.Source, m.Destination, m.Text, m.Parts, m.Came, stageNames[m.Stage]})
	}
	return list, err
}

// ResendRequest has messages from handsets told again: one, or those that could not be told.
type ResendRequest struct {
	Account   string `json:"account"`
	MessageID string `json:"messageId,omitempty"`
}

// Resent is how many messages are told again.
type Resent struct {
	Messages int `json:"messages"`
}

func (s *Service) resendInbound(c call, in ResendRequest) (Resent, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Resent{}, err
	}
	if in.MessageID == "" {
		n, err := s.Store.ResendInbound(c, account.ID, store.Resend{Failed: true})
		return Resent{n}, err
	}
	id, ok := sms.NewPublicIDs(s.Secret).Parse(in.MessageID)
	if !ok {
		return Resent{}, sms.InvalidField("messageId", "is not the id of a message")
	}
	n, err := s.Store.ResendInbound(c, account.ID, store.Resend{Message: id})
	if err == nil && n == 0 {
		err = sms.Errorf(sms.NotFound, "account %q has no such message from a handset, or it waits to be told anyway", in.Account)
	}
	return Resent{n}, err
}

// checkInbound judges where messages from handsets shall go.
func (s *Service) checkInbound(settings *sms.Settings) error {
	if settings.InboundWay() != sms.ByCallback {
		return nil
	}
	return outbox.CheckCallback(settings.Inbound, s.AllowPrivate)
}

// inboundLife tells the life of a message from a handset, line by line; nil when there is none of that id.
func (s *Service) inboundLife(c call, name string) ([]Line, error) {
	ids := sms.NewPublicIDs(s.Secret)
	id, ok := ids.Parse(name)
	if !ok {
		return nil, nil
	}
	m, err := s.Store.InboundMessage(c, id)
	if err != nil || m == nil {
		return nil, err
	}
	lines := []Line{{m.At, fmt.Sprintf("came from %s to %s through carrier %s", shownSource(m), m.Destination, s.carrierName(c, m.Carrier))}}
	if m.Parts > 1 {
		parts, err := s.Store.InboundParts(c, id)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			lines = append(lines, Line{p.At, fmt.Sprintf("part %d of %d came", p.Place, m.Parts)})
		}
	}
	switch m.Stage {
	case sms.InboundWaits:
		return append(lines, Line{time.Now().UTC(), fmt.Sprintf("waits for %d more parts", m.Parts-m.Came)}), nil
	case sms.InboundUnrouted:
		return append(lines, Line{time.Now().UTC(), "kept: the number is nobody's; `staffetta number add` gives it to an account"}), nil
	case sms.InboundOdd:
		return append(lines, Line{time.Now().UTC(), "kept: it says that it is a receipt, and names no message"}), nil
	}
	told, err := s.inboundTold(c, m)
	return append(lines, told...), err
}

func shownSource(m *sms.InboundMessage) string {
	if m.Source == "" {
		return "somebody"
	}
	return m.Source
}

func (s *Service) carrierName(c call, id sms.CarrierID) string {
	carriers, err := s.Store.Carriers(c)
	for _, carrier := range carriers {
		if err == nil && carrier.ID == id {
			return carrier.Name
		}
	}
	return fmt.Sprint(id)
}

// inboundTold says what came of telling a message.
func (s *Service) inboundTold(c call, m *sms.InboundMessage) ([]Line, error) {
	lines := []Line{{m.Event.Time(), fmt.Sprintf("put together of %d parts, for account %s", m.Came, s.accountName(m.Account))}}
	attempts, err := s.Store.Attempts(c, m.Account, store.EventPage{Event: m.Event, Limit: shownAttempts})
	if err != nil {
		return nil, err
	}
	for i := len(attempts) - 1; i >= 0; i-- {
		a := attempts[i]
		what := fmt.Sprintf("told, attempt %d: arrived", a.Number)
		if a.Error != "" {
			what = fmt.Sprintf("told, attempt %d: %s", a.Number, a.Error)
		}
		lines = append(lines, Line{a.At, what})
	}
	events, err := s.Store.Events(c, m.Account, store.EventPage{Before: m.Event + 1, Limit: 1})
	if err == nil && len(events) == 1 && events[0].ID == m.Event {
		lines = append(lines, standOf(&events[0]))
	}
	return lines, err
}

// standOf is where the telling of an event stands.
func standOf(e *sms.Event) Line {
	switch e.Stage {
	case sms.EventDelivered:
		return Line{e.Ended, "the account has it"}
	case sms.EventFailed:
		return Line{e.Ended, "could not be told; `staffetta inbound resend` tells it again"}
	}
	return Line{time.Now().UTC(), "waits to be told, at " + e.Due.UTC().Format(time.RFC3339)}
}
