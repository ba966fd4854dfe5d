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
	Carrier                      string
	Steps                        []string
	Errors                       Errors
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
