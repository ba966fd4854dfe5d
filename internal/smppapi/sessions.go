package smppapi

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// sessions is who is bound, by account.
type sessions struct {
	mu       sync.Mutex
	accounts map[sms.AccountID]*account // kept once there: as many as there are accounts
	arrived  map[sms.AccountID]bool     // accounts of which a receiver bound since Arrived was asked
	wake     chan struct{}
}

// account is what the sessions of an account share on this server.
type account struct {
	sessions []*Session
	rate     bucket
}

func newSessions() sessions {
	return sessions{accounts: map[sms.AccountID]*account{}, arrived: map[sms.AccountID]bool{}, wake: make(chan struct{}, 1)}
}

// join takes one of the account's binds; false when it has no more.
func (s *sessions) join(h *Session) bool {
	settled := h.caller.Load().Account
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[settled.ID]
	if a == nil {
		a = &account{}
		s.accounts[settled.ID] = a
	}
	if len(a.sessions) >= settled.Settings.Binds() {
		return false
	}
	a.sessions = append(a.sessions, h)
	h.account = a
	return true
}

func (s *sessions) leave(h *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.account.sessions = slices.DeleteFunc(h.account.sessions, func(other *Session) bool { return other == h })
}

func (s *sessions) all() (all []*Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		all = append(all, a.sessions...)
	}
	return all
}

// announce remembers that an account has one more session that takes deliver_sm.
func (s *sessions) announce(h *Session) {
	if !h.receives() {
		return
	}
	s.mu.Lock()
	s.arrived[h.caller.Load().Account.ID] = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Receivers are the sessions of an account that take deliver_sm now: receivers and transceivers, the oldest first. Each
// may end at any moment.
func (s *Server) Receivers(of sms.AccountID) (bound []*Session) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	a := s.sessions.accounts[of]
	if a == nil {
		return nil
	}
	for _, h := range a.sessions {
		if wire := h.wire.Load(); wire != nil && h.receives() && wire.Err() == nil {
			bound = append(bound, h)
		}
	}
	return bound
}

// ReceiverNews has a value when an account has got a session that takes deliver_sm; Arrived says which.
func (s *Server) ReceiverNews() <-chan struct{} { return s.sessions.wake }

// Arrived are the accounts that have got such a session since it was called last.
func (s *Server) Arrived() (accounts []sms.AccountID) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	for account := range s.sessions.arrived {
		accounts = append(accounts, account)
	}
	clear(s.sessions.arrived)
	return accounts
}

// State is one bound session, for operators.
type State struct {
	Account   sms.AccountID
	Name      string // of the account
	User      string // system_id
	Bind      smpp.BindType
	Address   string
	Since     time.Time
	Submitted uint64 // accepted messages
	Refused   uint64 // refused requests
	Delivered uint64 // deliver_sm that the customer took
	Open      int    // requests of the customer without an answer
	InFlight  int    // deliver_sm without an answer
}

// States are the bound sessions of this server, by name of account and age.
func (s *Server) States() []State {
	var states []State
	for _, h := range s.sessions.all() {
		if h.wire.Load() != nil {
			states = append(states, h.state())
		}
	}
	slices.SortFunc(states, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), a.Since.Compare(b.Since))
	})
	return states
}
