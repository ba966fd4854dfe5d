package admin

import (
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Queue is what waits, of all servers.
type Queue struct {
	Lanes     []QueueLane `json:"lanes"`     // for carriers, now
	More      bool        `json:"more"`      // there are more lanes: more accounts that wait
	Scheduled Held        `json:"scheduled"` // for its date
	Again     Held        `json:"again"`     // for its next attempt
}

// QueueLane is what of one account waits for one carrier at one priority.
type QueueLane struct {
	Carrier  string    `json:"carrier"`
	Account  string    `json:"account"`
	Priority string    `json:"priority"`
	Messages int       `json:"messages"`
	More     bool      `json:"more"`   // there are more than Messages
	Oldest   time.Time `json:"oldest"` // when the oldest was accepted
}

// Held is what waits for a moment.
type Held struct {
	Messages int       `json:"messages"`
	More     bool      `json:"more"`
	Next     time.Time `json:"next,omitzero"` // the nearest of these moments
}

func (s *Service) showQueue(c call, _ Nothing) (Queue, error) {
	waiting, more, err := s.Store.WaitingLanes(c)
	if err != nil {
		return Queue{}, err
	}
	scheduled, again, err := s.Store.Held(c)
	queue := Queue{Lanes: []QueueLane{}, More: more, Scheduled: held(scheduled), Again: held(again)}
	for _, l := range waiting {
		line := QueueLane{Carrier: fmt.Sprintf("(removed carrier %d)", l.Carrier), Account: fmt.Sprint(l.Account), Priority: priorityNames[l.Priority%sms.Priorities],
			Messages: l.Messages, More: l.More, Oldest: l.Oldest.Time()}
		if carrier, ok := s.carrierOf(l.Carrier); ok {
			line.Carrier = carrier.Name
		}
		if account, ok := s.Directory.Account(l.Account); ok {
			line.Account = account.Name
		}
		queue.Lanes = append(queue.Lanes, line)
	}
	return queue, err
}

func held(h store.Held) Held { return Held{h.Messages, h.More, h.Next} }

// Node is one process among those that share a database.
type Node struct {
	Number  int           `json:"number"`
	Epoch   int64         `json:"epoch"`
	Age     time.Duration `json:"heartbeatAge"` // 0 where there is one process only
	Serving bool          `json:"serving"`      // it sends; a command does not
	Alive   bool          `json:"alive"`
	Self    bool          `json:"self"` // it answers here
	Version string        `json:"version,omitempty"`
}

func (s *Service) listNodes(c call, _ Nothing) ([]Node, error) {
	stored, err := s.Store.Nodes(c)
	nodes := make([]Node, 0, len(stored))
	for _, n := range stored {
		node := Node{Number: n.Number, Epoch: n.Epoch, Age: n.Age, Serving: n.Serving, Alive: n.Alive, Self: n.Self, Version: n.Version}
		if n.Self {
			node.Version = s.Version
			node.Serving = s.Carriers != nil
		}
		nodes = append(nodes, node)
	}
	return nodes, err
}

// AccountQuery asks for accounts in order of name.
type AccountQuery struct {
	After  string `json:"after,omitempty"`  // the last name of the page before
	Search string `json:"search,omitempty"` // in the name, in whatever letters
	Limit  int    `json:"limit,omitempty"`  // 1 to 1000; 0: 50
}

// AccountPage is some accounts.
type AccountPage struct {
	Accounts []Account `json:"accounts"`
	Next     string    `json:"next,omitempty"` // what After shall be for the next page; empty: there is none
}

const (
	usualAccounts = 50
	mostAccounts  = 1000
)

func (s *Service) findAccounts(c call, in AccountQuery) (AccountPage, error) {
	if in.Limit == 0 {
		in.Limit = usualAccounts
	}
	if in.Limit < 1 || in.Limit > mostAccounts {
		return AccountPage{}, sms.InvalidField("limit", "must be 1 to %d", mostAccounts)
	}
	standing, err := s.Store.AccountsAfter(c, in.After, in.Search, in.Limit+1)
	if err != nil {
		return AccountPage{}, err
	}
	page := AccountPage{Accounts: []Account{}}
	for i := range standing {
		if i == in.Limit {
			page.Next = standing[i-1].Name
			break
		}
		page.Accounts = append(page.Accounts, shown(&standing[i].Account, standing[i].Balance))
	}
	return page, nil
}

func (s *Service) showAccount(c call, in Named) (Account, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Account{}, err
	}
	balance, err := s.Store.Balance(c, account.ID)
	return shown(account, balance), err
}

var priorityNames = [sms.Priorities]string{sms.High: "high", sms.Normal: "normal", sms.Low: "low"}
