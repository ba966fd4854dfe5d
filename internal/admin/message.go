package admin

import (
	"net/netip"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// MessageName names a message, by the id of the answer that accepted it or the one that its caller chose.
type MessageName struct {
	ID string `json:"id"`
}

// Line is one thing that happened to a message.
type Line struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

// SendRequest sends one message in the name of an account.
type SendRequest struct {
	Account     string `json:"account"`
	Destination string `json:"destination"`
	Sender      string `json:"sender"`
	Body        string `json:"body"`
	MessageID   string `json:"messageId"`
	Scheduled   string `json:"scheduledDate"`
	Priority    string `json:"priority"`
	Simulation  bool   `json:"simulation"`
}

// Sent is the answer to SendRequest.
type Sent struct {
	MessageID  string   `json:"messageId"`
	Simulation bool     `json:"simulation"`
	Accepted   bool     `json:"accepted"`
	Unicode    bool     `json:"unicode"`
	Parts      int      `json:"parts"`
	Reasons    []string `json:"reasons"`
	Running    bool     `json:"serverRunning"` // else it leaves when a server starts
}

// StatusRequest asks what became of a message of an account.
type StatusRequest struct {
	Account   string `json:"account"`
	MessageID string `json:"messageId"`
}

// MessageStatus is what became of a message, in the words of the contract.
type MessageStatus struct {
	Status      string `json:"deliveryStatus"`
	Description string `json:"deliveryStatusDescription"`
}

func (s *Service) showMessage(c call, in MessageName) ([]Line, error) {
	life, err := s.Messages.Life(c, in.ID)
	if sms.CodeOf(err) == sms.NotFound {
		if lines, e := s.inboundLife(c, in.ID); lines != nil || e != nil {
			return lines, e
		}
	}
	lines := make([]Line, len(life))
	for i, line := range life {
		lines[i] = Line(line)
	}
	return lines, err
}

func (s *Service) cancelMessage(c call, in MessageName) (Nothing, error) {
	m, err := s.Changes.Find(c, 0, in.ID)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.Changes.Cancel(c, m.Account, m.ID)
}

func (s *Service) send(c call, in SendRequest) (Sent, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Sent{}, err
	}
	if account.Suspended {
		return Sent{}, sms.Errorf(sms.Forbidden, "account %q is suspended", in.Account)
	}
	caller := auth.Caller{Account: account, Credential: c.actor, Address: netip.AddrFrom4([4]byte{127, 0, 0, 1}), Operations: sms.Operations}
	answer, err := s.Sender.Accept(c, caller, "command", &intake.Request{
		Destination: in.Destination, Sender: in.Sender, Body: in.Body, MessageID: in.MessageID,
		ScheduledDate: in.Scheduled, Priority: in.Priority, Simulation: in.Simulation,
	})
	return Sent{MessageID: answer.MessageID, Simulation: answer.Simulation, Accepted: answer.Accepted,
		Unicode: answer.Unicode, Parts: answer.Parts, Reasons: answer.Reasons, Running: s.served(c)}, err
}

// served reports whether a server runs that can send.
func (s *Service) served(c call) bool {
	if s.Carriers != nil || !s.Shared {
		return s.Carriers != nil
	}
	nodes, err := s.Store.Nodes(c)
	return err == nil && slices.ContainsFunc(nodes, func(n store.NodeInfo) bool { return n.Serving && n.Alive })
}

func (s *Service) status(c call, in StatusRequest) (MessageStatus, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return MessageStatus{}, err
	}
	found, err := s.Messages.Find(c, account.ID, []string{in.MessageID})
	if err != nil {
		return MessageStatus{}, err
	}
	if len(found) == 0 {
		return MessageStatus{}, sms.Errorf(sms.NotFound, "account %q has no message %s", in.Account, in.MessageID)
	}
	return MessageStatus{found[0].DeliveryStatus, found[0].DeliveryStatusDescription}, nil
}
