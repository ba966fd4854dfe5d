package console

import (
	"net/http"
	"strconv"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

// wayRoutes are the pages of the routes that messages take.
var wayRoutes = []route{
	{http.MethodGet, "/operator/routes", operate, (*Console).ways},
	{http.MethodPost, "/operator/routes", operate, (*Console).addWay},
	{http.MethodPost, "/operator/routes/{id}/remove", operate, (*Console).removeWay},
}

// ways lists the routes, and explains one decision when the query asks for it.
func (c *Console) ways(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.RoutesView{Priority: "100", Weight: "1", Errors: templates.Errors{}, Ask: templates.RouteQuestion{Destination: seen(r, "destination"), Sender: seen(r, "sender"), Account: seen(r, "account")}}
	status := http.StatusOK
	if v.Ask.Destination != "" {
		answer, err := ask(p, admin.ExplainRoute, admin.RouteQuestion{Destination: v.Ask.Destination, Sender: v.Ask.Sender, Account: v.Ask.Account})
		switch sms.CodeOf(err) {
		case sms.Invalid:
			v.Ask.Errors, status = p.fields(err), http.StatusUnprocessableEntity
		case sms.NotFound:
			v.Ask.Errors, status = templates.Errors{"account": p.T("there is no such account")}, http.StatusUnprocessableEntity
		default:
			if err != nil {
				return err
			}
			v.Ask.Answered, v.Ask.Carrier, v.Ask.Waits, v.Ask.Number, v.Ask.Country, v.Ask.ByCost = true, answer.Carrier, answer.Waits, answer.Number, answer.Country, answer.ByCost
			for _, one := range answer.Candidates {
				v.Ask.Candidates = append(v.Ask.Candidates, candidateLine(one))
			}
		}
	}
	return p.showWays(w, status, v)
}

func candidateLine(c admin.RouteCandidate) templates.CandidateLine {
	line := templates.CandidateLine{Carrier: c.Carrier, State: c.State, Default: c.Route == nil, Known: c.Known, InTurn: c.InTurn, Bound: c.Bound, Why: c.Why,
		Answers: c.Answers, Refused: c.Refused, Receipts: c.Receipts, Delivered: c.Delivered}
	if c.Route != nil {
		line.Route = routeLine(*c.Route)
	}
	return line
}

func (p *page) showWays(w http.ResponseWriter, status int, v templates.RoutesView) error {
	all, err := ask(p, admin.ListRoutes, admin.Nothing{})
	if err != nil {
		return err
	}
	for _, one := range all {
		v.Routes = append(v.Routes, routeLine(one))
	}
	carriers, err := ask(p, admin.ListCarriers, admin.Nothing{})
	if err != nil {
		return err
	}
	for _, one := range carriers {
		v.Carriers = append(v.Carriers, one.Name)
	}
	if v.Accounts, err = p.accountNames(); err != nil {
		return err
	}
	return p.render(w, status, templates.Routes(p.frame, v))
}

func routeLine(r admin.Route) templates.RouteLine {
	return templates.RouteLine{ID: int64(r.ID), Account: r.Account, Sender: r.Sender, Prefix: r.Prefix, Country: r.Country, Priority: r.Priority, Weight: r.Weight, Cost: r.Cost, Carrier: r.Carrier}
}

func (c *Console) addWay(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.RoutesView{Carrier: form(r, "carrier"), Prefix: form(r, "prefix"), Country: form(r, "country"), Sender: form(r, "sender"), Account: form(r, "account"),
		Priority: form(r, "priority"), Weight: form(r, "weight"), Cost: form(r, "cost")}
	in, err := wayOf(v)
	if err == nil {
		err = tell(p, admin.AddRoute, in)
	}
	if sms.CodeOf(err) == sms.NotFound {
		err = sms.InvalidField("account", "there is no such account")
	}
	if err != nil {
		return p.wrong(w, err, func(e templates.Errors) error {
			v.Errors = e
			return p.showWays(w, http.StatusUnprocessableEntity, v)
		})
	}
	return p.done(w, r, "/operator/routes", p.T("The route is added."))
}

func wayOf(v templates.RoutesView) (in admin.RouteRequest, err error) {
	in = admin.RouteRequest{Carrier: v.Carrier, Prefix: v.Prefix, Country: v.Country, Sender: v.Sender, Account: v.Account}
	if in.Priority, err = strconv.Atoi(v.Priority); err != nil {
		return in, sms.InvalidField("priority", "must be a whole number")
	}
	if in.Weight, err = strconv.Atoi(v.Weight); err != nil {
		return in, sms.InvalidField("weight", "must be a whole number")
	}
	in.Cost, err = readMoney(v.Cost, "cost")
	return in, err
}

func (c *Console) removeWay(w http.ResponseWriter, r *http.Request, p *page) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNoPage
	}
	if err := tell(p, admin.RemoveRoute, admin.RouteName{ID: sms.RouteID(id)}); err != nil {
		return err
	}
	return p.done(w, r, "/operator/routes", p.T("The route is removed."))
}
