package console

import (
	"net/http"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

// Senders knows which senders accounts may use, and what countries ask of them.
type Senders interface {
	Senders(account sms.AccountID) []sms.AllowedSender
	SenderRules() []sms.SenderRule
}

var senderRoutes = []route{{http.MethodGet, "/settings/senders", look, (*Console).senders}}

// senders shows what the account may send as; operators set it.
func (c *Console) senders(w http.ResponseWriter, _ *http.Request, p *page) error {
	view := templates.SendersView{Listed: p.account.Settings.Senders == directory.OnlyListed, Rules: c.parts.Senders.SenderRules()}
	for _, s := range c.parts.Senders.Senders(p.account.ID) {
		view.Senders = append(view.Senders, templates.SenderRow{Sender: s.Key, Countries: s.Countries})
	}
	return p.render(w, http.StatusOK, templates.Senders(p.frame, view))
}
