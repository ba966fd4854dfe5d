package templates

import (
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// RouteLine is one route; what is empty fits every message.
type RouteLine struct {
	ID                               int64
	Account, Sender, Prefix, Country string
	Priority, Weight                 int
	Cost                             sms.Money
	Carrier                          string
}

// RoutesView is the list of routes, the form for a new one and a question.
type RoutesView struct {
	Routes   []RouteLine
	Carriers []string
	Accounts []string // to be offered
	Ask      RouteQuestion

	Carrier, Prefix, Country, Sender, Account, Priority, Weight, Cost string // what the form said
	Errors                                                            Errors
}

// RouteQuestion asks by which carrier a message would go, and has the answer.
type RouteQuestion struct {
	Destination, Sender, Account string
	Answered                     bool
	Carrier                      string // empty: there is none
	Waits                        bool   // none is in turn: it waits for Carrier
	Number, Country              string
	ByCost                       bool
	Candidates                   []CandidateLine
	Errors                       Errors
}

// CandidateLine is a carrier that a message may go by.
type CandidateLine struct {
	Carrier, State       string
	Default              bool // no route fits, and it takes what no route names
	Route                RouteLine
	Known, InTurn, Bound bool
	Why                  string
	Answers, Receipts    int
	Refused, Delivered   float64
}

// reason says by what a candidate is one.
func (c CandidateLine) reason(f *Frame) string {
	if c.Default {
		return f.T("no route fits: it takes what no route names")
	}
	text := f.T("route %d: %s, priority %d, weight %d", c.Route.ID, c.Route.conditions(f), c.Route.Priority, c.Route.Weight)
	if c.Route.Cost > 0 {
		text += ", " + f.T("cost %s", f.Money(c.Route.Cost))
	}
	return text
}

// standing is how a candidate does, with a colour.
func (c CandidateLine) standing(f *Frame) (kind, text string) {
	switch {
	case c.State == "draining":
		return "warn", f.T("is being drained: it is passed over")
	case c.State == "disabled":
		return "calm", f.T("is disabled")
	case !c.Known:
		return "calm", f.T("nobody here knows how it does")
	case !c.Bound:
		return "bad", f.T("no session is bound")
	case !c.InTurn:
		return "warn", f.T("out of turn")
	}
	return "good", f.T("in turn")
}

// seen is what was seen of a candidate lately.
func (c CandidateLine) seen(f *Frame) string {
	var all []string
	if c.Answers > 0 {
		all = append(all, f.T("refused %s of %s in five minutes", f.Percent(c.Refused), f.Number(int64(c.Answers))))
	}
	if c.Receipts > 0 {
		all = append(all, f.T("delivered %s of %s", f.Percent(c.Delivered), f.Number(int64(c.Receipts))))
	}
	return strings.Join(all, ", ")
}

// conclusion is what becomes of the message.
func (q RouteQuestion) conclusion(f *Frame) string {
	switch {
	case q.Carrier == "":
		return f.T("No carrier takes it: the message would be refused with NO_ROUTE.")
	case q.Waits:
		return f.T("None is in turn: the message would wait for %s, and go by another as soon as one is.", q.Carrier)
	}
	return f.T("The message would go by %s; if that refuses everything, by the next.", q.Carrier)
}

// where is of which country the number is.
func (q RouteQuestion) where(f *Frame) string {
	text := f.T("%s is a number of no country.", q.Number)
	if q.Country != "" {
		text = f.T("%s is a number of %s.", q.Number, q.Country)
	}
	if q.ByCost {
		text += " " + f.T("The account goes by cost: the cheapest route first.")
	}
	return text
}

// conditions says for which messages a route is.
func (r RouteLine) conditions(f *Frame) string {
	var all []string
	for _, c := range []struct{ name, value string }{{f.T("account"), r.Account}, {f.T("sender"), r.Sender}, {f.T("prefix"), r.Prefix}, {f.T("country"), r.Country}} {
		if c.value != "" {
			all = append(all, c.name+" "+c.value)
		}
	}
	if len(all) == 0 {
		return f.T("all messages")
	}
	return strings.Join(all, ", ")
}

func (r RouteLine) remove() string {
	return "/operator/routes/" + strconv.FormatInt(r.ID, 10) + "/remove"
}

func carrierOptions(names []string) []Option {
	all := make([]Option, len(names))
	for i, name := range names {
		all[i] = Option{name, name}
	}
	return all
}
