package console

import (
	"net/http"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

// senderRuleRoutes are the pages of what countries ask of senders.
var senderRuleRoutes = []route{
	{http.MethodGet, "/operator/sender-rules", operate, (*Console).senderRules},
	{http.MethodPost, "/operator/sender-rules", operate, (*Console).setSenderRule},
	{http.MethodPost, "/operator/sender-rules/remove", operate, (*Console).removeSenderRule},
	{http.MethodPost, "/operator/sender-rules/import", operate, (*Console).importSenderRules},
}

func (c *Console) senderRules(w http.ResponseWriter, _ *http.Request, p *page) error {
	return p.showSenderRules(w, http.StatusOK, templates.SenderRulesView{Errors: templates.Errors{}})
}

func (p *page) showSenderRules(w http.ResponseWriter, status int, v templates.SenderRulesView) error {
	rules, err := ask(p, admin.ListSenderRules, admin.Nothing{})
	if err != nil {
		return err
	}
	for _, rule := range rules {
		v.Rules = append(v.Rules, templates.SenderRuleLine{Country: rule.Country, Rule: string(rule.Rule), Note: rule.Note})
	}
	return p.render(w, status, templates.SenderRules(p.frame, v))
}

func (c *Console) setSenderRule(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.SenderRulesView{Country: form(r, "country"), Rule: form(r, "rule"), Note: form(r, "note")}
	err := tell(p, admin.SetSenderRule, admin.SenderRule{Country: v.Country, Rule: sms.SenderRuleKind(v.Rule), Note: v.Note})
	if err != nil {
		return p.wrong(w, err, func(e templates.Errors) error {
			v.Errors = e
			return p.showSenderRules(w, http.StatusUnprocessableEntity, v)
		})
	}
	return p.done(w, r, "/operator/sender-rules", p.T("The rule is set."))
}

func (c *Console) removeSenderRule(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := tell(p, admin.RemoveSenderRule, admin.SenderRule{Country: form(r, "country")}); err != nil {
		return err
	}
	return p.done(w, r, "/operator/sender-rules", p.T("The rule is removed."))
}

func (c *Console) importSenderRules(w http.ResponseWriter, r *http.Request, p *page) error {
	text, err := uploaded(r, "file", "text")
	if err != nil {
		return err
	}
	v := templates.SenderRulesView{Errors: templates.Errors{}}
	if strings.TrimSpace(text) == "" {
		v.Errors["file"] = p.T("choose a file first")
		return p.showSenderRules(w, http.StatusUnprocessableEntity, v)
	}
	done, err := ask(p, admin.ImportSenderRules, admin.CSVPart{Text: text})
	if err != nil {
		return p.wrong(w, err, func(e templates.Errors) error {
			v.Errors = e
			return p.showSenderRules(w, http.StatusUnprocessableEntity, v)
		})
	}
	if done.Failed > 0 {
		for _, line := range done.Errors[:min(len(done.Errors), 20)] {
			v.Faults = append(v.Faults, p.T("Line %d: %s", line.Line, line.Message))
		}
		return p.showSenderRules(w, http.StatusUnprocessableEntity, v)
	}
	return p.done(w, r, "/operator/sender-rules", p.T("%d rules are imported.", done.Added))
}
