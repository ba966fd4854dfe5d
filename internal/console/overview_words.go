package console

import (
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/traffic"
)

// problem is what is wrong in words, and the way to mend it. The link is for those who may follow it.
func (p *page) problem(of traffic.Problem) templates.TroubleView {
	v := templates.TroubleView{Kind: "warn", Badge: p.T("Soon"), Since: of.Since, Detail: of.Detail}
	if of.Severity == traffic.Bad {
		v.Kind, v.Badge = "bad", p.T("Now")
	}
	var needs action
	switch of.Kind {
	case traffic.CarrierDown, traffic.CarrierPartly, traffic.CarrierRefuses, traffic.CarrierBroken, traffic.CarrierThrottles, traffic.NoCarrier:
		v.Text, v.Mend = p.carrierProblem(of)
		v.Path, v.Link, needs = "/operator/carriers", p.T("Carriers"), operate
	case traffic.WebhookFails, traffic.WebhookOff:
		v.Text, v.Mend = p.webhookProblem(of)
		v.Path, v.Link, needs = "/settings/webhook", p.T("Webhook"), develop
	case traffic.CreditLow, traffic.CreditGone:
		v.Text, v.Mend = p.creditProblem(of)
	case traffic.KeyExpires:
		v.Text, v.Mend = p.T("The API key “%s” ends on %s.", of.Subject, p.frame.Date(of.Until)), p.T("Make another and change the programs that use it before that day.")
		v.Path, v.Link, needs = "/settings/keys", p.T("API keys"), develop
	case traffic.CallersRefused:
		v.Text = p.T("Callers with credentials of this account were not let in %s times, last at %s from %s.", p.frame.Number(of.Count), p.frame.Clock(of.Until), of.Subject)
		v.Mend = p.T("If they are your programs, let their address in. If they are not, replace the key that they use.")
		v.Path, v.Link, needs = "/settings/security", p.T("Security"), develop
	default:
		v.Text, v.Mend = p.queueProblem(of)
		v.Path, v.Link, needs = "/operator/queue", p.T("Queue"), operate
	}
	if of.Account != "" {
		v.Path, v.Link, needs = accountPath(of.Account), of.Account, operate
	}
	if v.Path == "" || !p.may(needs) {
		v.Path, v.Link = "", ""
	}
	return v
}

func (p *page) carrierProblem(of traffic.Problem) (text, mend string) {
	switch of.Kind {
	case traffic.CarrierDown:
		text = p.T("The carrier “%s” is not connected.", of.Subject)
		mend = p.T("It is tried again by itself; what has another route goes there. If it lasts, ask the carrier.")
	case traffic.CarrierPartly:
		text = p.T("Of the carrier “%s”, %s of %s sessions are connected.", of.Subject, p.frame.Number(of.Count), p.frame.Number(of.Limit))
		mend = p.T("The others are tried again by themselves. Perhaps it permits fewer: lower the sessions of its address.")
	case traffic.CarrierRefuses:
		text = p.T("The carrier “%s” does not accept the credentials.", of.Subject)
		mend = p.T("Correct the name or the password in its address, or ask the carrier whether the access is blocked.")
	case traffic.CarrierBroken:
		text, mend = p.T("The carrier “%s” cannot be started.", of.Subject), p.T("Correct its address.")
	case traffic.CarrierThrottles:
		text = p.T("The carrier “%s” takes only %s parts a second now.", of.Subject, p.frame.Number(of.Limit))
		mend = p.T("The pace follows it by itself. If messages wait, ask it for more, or add a route.")
	default:
		return p.T("There is no carrier: nothing can leave."), p.T("Add one.")
	}
	return text, mend
}

func (p *page) webhookProblem(of traffic.Problem) (text, mend string) {
	if of.Kind == traffic.WebhookOff {
		return p.T("The webhook %s is switched off: it did not answer for days.", of.Subject),
			p.T("Mend the receiver, switch the webhook on again, and replay what it missed.")
	}
	return p.T("The webhook %s takes no events.", of.Subject), p.T("Its attempts show what it answers. What waits comes later by itself.")
}

func (p *page) creditProblem(of traffic.Problem) (text, mend string) {
	mend = p.T("Add credit to it.")
	if of.Account == "" {
		mend = p.T("Ask the operator to add credit.")
	}
	if of.Kind == traffic.CreditGone {
		return p.T("There is no credit left: messages are refused."), mend
	}
	return p.T("%s of credit are left; an average day takes %s.", p.frame.Money(of.Amount), p.frame.Money(of.Use)), mend
}

func (p *page) queueProblem(of traffic.Problem) (text, mend string) {
	switch of.Kind {
	case traffic.Waiting:
		if of.Subject == "" {
			return p.T("%s messages wait to be sent.", p.frame.Number(of.Count)), p.T("Their carrier is configured no more: give them another route.")
		}
		return p.T("%s messages wait for the carrier “%s”.", p.frame.Number(of.Count), of.Subject),
			p.T("They leave by themselves as soon as the carrier takes them, or end when their validity does.")
	case traffic.Suspended:
		return p.T("The account is suspended: nobody can send."), p.T("Ask the operator.")
	case traffic.BacklogFull:
		return p.T("Too many messages wait: new ones are refused."), p.T("It ends by itself when carriers take messages again.")
	}
	return p.T("%s messages wait, of at most %s.", p.frame.Number(of.Count), p.frame.Number(of.Limit)),
		p.T("Find out for which carrier they wait. At the limit new messages are refused.")
}
