package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type routeCommands struct {
	Add     routeAdd     `cmd:"" help:"Add a route."`
	List    routeList    `cmd:"" help:"List the routes."`
	Remove  routeRemove  `cmd:"" help:"Remove a route."`
	Explain routeExplain `cmd:"" help:"Say by which carrier a message would go, and why."`
}

type routeAdd struct {
	Carrier  string `required:"" placeholder:"NAME" help:"The carrier that it leads to."`
	Prefix   string `placeholder:"DIGITS" help:"For destinations that begin so, country code first, such as +39347."`
	Country  string `placeholder:"CODE" help:"For destinations in this country, such as IT."`
	Sender   string `placeholder:"SENDER" help:"For messages with this sender."`
	Account  string `placeholder:"NAME" help:"For messages of this account."`
	Priority int    `default:"100" help:"Among routes that fit equally well, the lower goes first; default 100."`
	Weight   int    `default:"1" help:"Among those of one priority, the share of the destinations; default 1."`
	Cost     euro   `default:"0" placeholder:"EUR" help:"What a part costs you by this route, for accounts with routing=cost."`
	output
}

func (routeAdd) Help() string {
	return `A message takes the route that fits it best: one for its account before one for all, then one for its sender, then the one with
the longest prefix, then one for its country. Among equals the lower priority goes first; those of one priority share the
destinations by weight, and a destination stays with its carrier. For an account with routing=cost the lower cost goes before
prefix, country and priority. A carrier that is not bound, refuses or does not deliver goes out of turn; a message whose carrier
refuses everything goes by the next route. What no route fits goes by the default carrier.

Examples:

    staffetta route add --carrier north --prefix +39 --priority 10
    staffetta route add --carrier south --prefix +39 --priority 20
    staffetta route add --carrier east --country DE --weight 3 --cost 0.021
    staffetta route add --carrier direct --account acme --sender ACME`
}

func (c routeAdd) Run(t *terminal) error {
	added, err := ask(t, making, admin.AddRoute, admin.RouteRequest{Carrier: c.Carrier, Prefix: c.Prefix, Country: c.Country,
		Sender: c.Sender, Account: c.Account, Priority: c.Priority, Weight: c.Weight, Cost: sms.Money(c.Cost)})
	if err != nil {
		return err
	}
	return c.print(t, added, func(w io.Writer) { fmt.Fprintf(w, "route %d\n", added.ID) })
}

type routeList struct{ output }

func (routeList) Help() string {
	return `Example:

    staffetta route list`
}

func (c routeList) Run(t *terminal) error {
	routes, err := ask(t, existing, admin.ListRoutes, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, routes, func(w io.Writer) {
		if len(routes) == 0 {
			fmt.Fprintln(w, "no routes: everything goes by the default carrier")
			return
		}
		fmt.Fprintln(w, "ID\tACCOUNT\tSENDER\tPREFIX\tCOUNTRY\tPRIORITY\tWEIGHT\tCOST €\tCARRIER")
		for _, r := range routes {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", r.ID, orAny(r.Account), orAny(r.Sender), orAny(r.Prefix), orAny(r.Country),
				r.Priority, r.Weight, r.Cost, r.Carrier)
		}
	})
}

// orAny shows a condition that is not set.
func orAny(value string) string {
	if value == "" {
		return "any"
	}
	return value
}

type routeRemove struct {
	ID int64 `arg:"" help:"The route, by its number in route list."`
}

func (routeRemove) Help() string {
	return `What waits for its carrier stays there, unless that is away.

Example:

    staffetta route remove 3`
}

func (c routeRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveRoute, admin.RouteName{ID: sms.RouteID(c.ID)})
	return err
}

type routeExplain struct {
	Destination string `arg:"" name:"dest" help:"The number that the message is for."`
	Account     string `placeholder:"NAME" help:"The account that sends it."`
	Sender      string `placeholder:"SENDER" help:"Its sender."`
	output
}

func (routeExplain) Help() string {
	return `The decision is that of the running server, with how the carriers do now; without one, that of the routes alone.

Example:

    staffetta route explain +393401234567 --account acme --sender ACME`
}

func (c routeExplain) Run(t *terminal) error {
	answer, err := ask(t, existing, admin.ExplainRoute, admin.RouteQuestion{Destination: c.Destination, Account: c.Account, Sender: c.Sender})
	if err != nil {
		return err
	}
	return c.print(t, answer, func(w io.Writer) {
		for _, step := range answer.Steps {
			fmt.Fprintln(w, step)
		}
	})
}
