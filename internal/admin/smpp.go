package admin

import (
	"time"

	"github.com/staffetta/staffetta/internal/smppapi"
	"github.com/staffetta/staffetta/internal/sms"
)

// Customers says who is bound by SMPP; only the server to which they are bound can.
type Customers interface {
	States() []smppapi.State
}

// SMPPSession is one bind of a customer.
type SMPPSession struct {
	Account   string    `json:"account"`
	SystemID  string    `json:"systemId"`
	Bind      string    `json:"bind"` // transceiver, transmitter or receiver
	Address   string    `json:"address"`
	Since     time.Time `json:"since"`
	Submitted uint64    `json:"submitted"` // messages that were accepted
	Refused   uint64    `json:"refused"`   // requests that were
	Delivered uint64    `json:"delivered"` // deliver_sm that the customer took
	Open      int       `json:"open"`      // requests without an answer
	InFlight  int       `json:"inFlight"`  // deliver_sm without an answer
}

func (s *Service) smppSessions(call, Nothing) ([]SMPPSession, error) {
	if s.Customers == nil && s.Shared {
		return nil, sms.Errorf(sms.Unavailable, "each server of a database has its own sessions: its /metrics counts them, its log names them")
	}
	if s.Customers == nil {
		return nil, sms.Errorf(sms.Unavailable, "no server runs on this data folder, so nobody is bound")
	}
	sessions := []SMPPSession{}
	for _, state := range s.Customers.States() {
		sessions = append(sessions, SMPPSession{Account: state.Name, SystemID: state.User, Bind: state.Bind.String(), Address: state.Address,
			Since: state.Since.UTC(), Submitted: state.Submitted, Refused: state.Refused, Delivered: state.Delivered,
			Open: state.Open, InFlight: state.InFlight})
	}
	return sessions, nil
}
