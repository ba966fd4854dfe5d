package admin

import (
	"time"

	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
)

// Webhook is where an account wants its events. The secret is never in it.
type Webhook struct {
	Account       string     `json:"account"`
	ID            string     `json:"id"`
	CallbackURL   string     `json:"callbackUrl"`
	Status        string     `json:"status"` // ACTIVE or DISABLED
	InterimEvents bool       `json:"interimEvents"`
	CreatedAt     time.Time  `json:"createdAt"`
	FailingSince  *time.Time `json:"failingSince,omitempty"`
	DisabledAt    *time.Time `json:"disabledAt,omitempty"`
	Attempts      []Attempt  `json:"attempts,omitempty"` // the last ones, the newest event first
}

// Attempt is what came of one attempt to send an event.
type Attempt struct {
	EventID  string    `json:"eventId"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
	Status   int       `json:"status,omitempty"` // of HTTP; 0: no answer came
	Error    string    `json:"error,omitempty"`
	Response string    `json:"response,omitempty"`
}

const shownAttempts = 10

func (s *Service) listWebhooks(c call, _ Nothing) ([]Webhook, error) {
	accounts, err := s.Store.Accounts(c)
	if err != nil {
		return nil, err
	}
	hooks := []Webhook{}
	for i := range accounts {
		hook, err := s.Store.Webhook(c, accounts[i].ID)
		if err != nil {
			return nil, err
		}
		if hook != nil {
			hooks = append(hooks, shownWebhook(accounts[i].Name, hook))
		}
	}
	return hooks, nil
}

func (s *Service) showWebhook(c call, in Named) (Webhook, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Webhook{}, err
	}
	hooks := outbox.NewHooks(s.Store, sms.NewPublicIDs(s.Secret), false)
	hook, err := hooks.Find(c, account)
	if err != nil {
		return Webhook{}, err
	}
	attempts, _, err := hooks.Attempts(c, account, outbox.Page{Limit: shownAttempts})
	if err != nil {
		return Webhook{}, err
	}
	out := shownWebhook(account.Name, hook)
	for _, a := range attempts {
		if a.Receiver != "" { // by SMPP
			continue
		}
		out.Attempts = append(out.Attempts, Attempt{hooks.ID(a.Event), a.Number, a.At, a.Status, a.Error, string(a.Response)})
	}
	return out, nil
}

func shownWebhook(account string, h *sms.Webhook) Webhook {
	status := "ACTIVE"
	if !outbox.Active(h) {
		status = "DISABLED"
	}
	return Webhook{Account: account, ID: h.ID, CallbackURL: h.URL, Status: status, InterimEvents: h.Interim, CreatedAt: h.Created,
		FailingSince: optional(h.FailingSince), DisabledAt: optional(h.DisabledAt)}
}
