package admin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/country"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
)

// RouteRequest adds a route. What is empty fits every message.
type RouteRequest struct {
	Carrier  string    `json:"carrier"`
	Prefix   string    `json:"prefix,omitempty"`  // digits, with "+" or without
	Country  string    `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Sender   string    `json:"sender,omitempty"`
	Account  string    `json:"account,omitempty"`
	Priority int       `json:"priority"`
	Weight   int       `json:"weight"`
	Cost     sms.Money `json:"cost"`
}

// Route is a route as it is stored.
type Route struct {
	ID sms.RouteID `json:"id"`
	RouteRequest
}

// RouteName names a route.
type RouteName struct {
	ID sms.RouteID `json:"id"`
}

// RouteQuestion asks which way a message would go.
type RouteQuestion struct {
	Destination string `json:"destination"`
	Sender      string `json:"sender,omitempty"`
	Account     string `json:"account,omitempty"`
}

// RouteAnswer is the decision and how it came to be.
type RouteAnswer struct {
	Carrier string   `json:"carrier"` // empty: there is none, and the message would be refused with NO_ROUTE
	Steps   []string `json:"steps"`   // in words
	// The same for who says it in other words.
	Number     string           `json:"number"`
	Country    string           `json:"country,omitempty"` // of the number; empty: none
	ByCost     bool             `json:"byCost"`            // the account goes by cost
	Waits      bool             `json:"waits"`             // none is in turn: it waits for Carrier
	Candidates []RouteCandidate `json:"candidates"`        // in the order in which they are tried, then those that are passed over
}

// RouteCandidate is a carrier that a message may go by, and what speaks for and against it.
type RouteCandidate struct {
	Carrier   string  `json:"carrier"`
	State     string  `json:"state"`
	Route     *Route  `json:"route,omitempty"` // absent: it is the default, as no route fits
	Known     bool    `json:"known"`           // a server runs that knows how it does
	InTurn    bool    `json:"inTurn"`
	Bound     bool    `json:"bound"`
	Why       string  `json:"why,omitempty"` // it is not in turn, or gets less than its turn
	Answers   int     `json:"answers"`       // in five minutes
	Refused   float64 `json:"refused"`       // share of them
	Receipts  int     `json:"receipts"`
	Delivered float64 `json:"delivered"`
}

// Bounds of what a route may say.
const (
	mostPriority = 1000
	mostWeight   = 1000
)

func (s *Service) addRoute(c call, in RouteRequest) (Route, error) {
	added, err := s.draftRoute(in)
	if err != nil {
		return Route{}, err
	}
	deed := c.deed("route add", in.Carrier, describe(s.shownRoute(added).RouteRequest))
	added.ID, err = s.Store.AddRoute(c, deed, added)
	return s.shownRoute(added), s.settled(c, err)
}

func (s *Service) draftRoute(in RouteRequest) (r sms.Route, err error) {
	carrier, ok := s.carrierNamed(in.Carrier)
	if !ok {
		return r, sms.InvalidField("carrier", "there is no carrier named %q; `staffetta carrier list` shows all", in.Carrier)
	}
	r = sms.Route{Carrier: carrier.ID, Country: strings.ToUpper(in.Country), Priority: in.Priority, Weight: in.Weight, Cost: in.Cost}
	if in.Prefix != "" {
		if r.Prefix, err = parsePrefix(in.Prefix); err != nil {
			return r, err
		}
	}
	if in.Account != "" {
		account, err := s.account(in.Account)
		if err != nil {
			return r, err
		}
		r.Account = account.ID
	}
	if in.Sender != "" {
		if r.Sender, err = sms.ParseSender(in.Sender); err != nil {
			return r, sms.InvalidField("sender", "%s", err)
		}
	}
	return r, checkRoute(r)
}

func checkRoute(r sms.Route) error {
	switch {
	case r.Country != "" && !country.Known(r.Country):
		return sms.InvalidField("country", "must be a country by its two letters, such as IT; %q is none that has numbers", r.Country)
	case r.Priority < 0 || r.Priority > mostPriority:
		return sms.InvalidField("priority", "must be 0 to %d; the lower goes first", mostPriority)
	case r.Weight < 1 || r.Weight > mostWeight:
		return sms.InvalidField("weight", "must be 1 to %d", mostWeight)
	case r.Cost < 0 || r.Cost > mostExpensive:
		return sms.InvalidField("cost", "must be 0 to %s €", mostExpensive)
	}
	return nil
}

func (s *Service) listRoutes(_ call, _ Nothing) ([]Route, error) {
	routes := []Route{}
	for _, r := range s.Directory.Routes() {
		routes = append(routes, s.shownRoute(r))
	}
	return routes, nil
}

func (s *Service) shownRoute(r sms.Route) Route {
	shown := Route{r.ID, RouteRequest{Country: r.Country, Sender: string(r.Sender), Priority: r.Priority, Weight: r.Weight, Cost: r.Cost}}
	if r.Prefix != "" {
		shown.Prefix = "+" + r.Prefix
	}
	if account, ok := s.Directory.Account(r.Account); ok {
		shown.Account = account.Name
	}
	shown.Carrier = fmt.Sprintf("(removed carrier %d)", r.Carrier)
	carriers := s.Directory.Carriers()
	if at := slices.IndexFunc(carriers, func(c sms.Carrier) bool { return c.ID == r.Carrier }); at >= 0 {
		shown.Carrier = carriers[at].Name
	}
	return shown
}

func (s *Service) removeRoute(c call, in RouteName) (Nothing, error) {
	routes := s.Directory.Routes()
	at := slices.IndexFunc(routes, func(r sms.Route) bool { return r.ID == in.ID })
	if at < 0 {
		return Nothing{}, sms.Errorf(sms.NotFound, "there is no route %d; `staffetta route list` shows all", in.ID)
	}
	was := s.shownRoute(routes[at])
	deed := c.deed("route remove", was.Carrier, describe(was.RouteRequest))
	return Nothing{}, s.settled(c, s.Store.RemoveRoute(c, deed, in.ID))
}

// describe says for whom a route is.
func describe(r RouteRequest) string {
	var conditions []string
	for _, c := range [...]struct{ name, value string }{{"account", r.Account}, {"sender", r.Sender}, {"prefix", r.Prefix}, {"country", r.Country}} {
		if c.value != "" {
			conditions = append(conditions, c.name+" "+c.value)
		}
	}
	if len(conditions) == 0 {
		conditions = []string{"all messages"}
	}
	return fmt.Sprintf("%s: priority %d, weight %d, cost %s €", strings.Join(conditions, ", "), r.Priority, r.Weight, r.Cost)
}

func (s *Service) explainRoute(_ call, in RouteQuestion) (RouteAnswer, error) {
	q := route.Query{Sender: sms.Sender(in.Sender)}
	var err error
	if q.Destination, err = sms.ParseNumber(in.Destination); err != nil {
		return RouteAnswer{}, sms.InvalidField("destination", "%s", err)
	}
	if in.Sender != "" {
		if q.Sender, err = sms.ParseSender(in.Sender); err != nil {
			return RouteAnswer{}, sms.InvalidField("sender", "%s", err)
		}
	}
	answer := RouteAnswer{Steps: []string{}, Candidates: []RouteCandidate{}, Number: q.Destination.String()}
	if in.Account != "" {
		account, err := s.account(in.Account)
		if err != nil {
			return RouteAnswer{}, err
		}
		q.Account, q.ByCost = account.ID, account.Settings.Routing == "cost"
	}
	s.explain(&answer, q)
	return answer, nil
}

func (s *Service) explain(answer *RouteAnswer, q route.Query) {
	say := func(format string, args ...any) { answer.Steps = append(answer.Steps, fmt.Sprintf(format, args...)) }
	where := country.Of(q.Destination)
	answer.Country, answer.ByCost = where, q.ByCost
	if where == "" {
		where = "no country"
	}
	say("%s is a number of %s", q.Destination, where)
	if q.ByCost {
		say("the account goes by cost: the cheapest route first, then priority and weight")
	}
	for _, c := range s.Router.Drained(q) {
		say("carrier %q by %s is passed over: it is being drained", c.Carrier.Name, s.reasonFor(c))
	}
	candidates := s.Router.Candidates(q)
	defer func() {
		for _, c := range append(candidates, s.Router.Drained(q)...) {
			answer.Candidates = append(answer.Candidates, s.shownCandidate(c))
		}
	}()
	for i, c := range candidates {
		say("%d. carrier %q by %s%s", i+1, c.Carrier.Name, s.reasonFor(c), s.standing(c))
	}
	switch {
	case len(candidates) == 0:
		say("no route fits and there is no default carrier: the message would be refused with NO_ROUTE")
	case !candidates[0].InTurn && s.Carriers != nil:
		answer.Carrier, answer.Waits = candidates[0].Carrier.Name, true
		say("none is in turn: the message would wait for %q, and go by another as soon as one is", answer.Carrier)
	case candidates[0].Carrier.State == sms.CarrierDisabled:
		answer.Carrier, answer.Waits = candidates[0].Carrier.Name, true
		say("all are disabled: the message would wait for %q", answer.Carrier)
	default:
		answer.Carrier = candidates[0].Carrier.Name
		say("the message would go by %q; if that refuses everything, by the next", answer.Carrier)
	}
}

func (s *Service) shownCandidate(c route.Candidate) RouteCandidate {
	shown := RouteCandidate{Carrier: c.Carrier.Name, State: c.Carrier.State.String(), Known: s.Carriers != nil, InTurn: c.InTurn, Bound: c.Standing.Bound,
		Why: c.Standing.Why, Answers: c.Standing.Answers, Refused: c.Standing.Refused, Receipts: c.Standing.Receipts, Delivered: c.Standing.Delivered}
	if c.Route.ID != 0 {
		by := s.shownRoute(c.Route)
		shown.Route = &by
	}
	return shown
}

func (s *Service) reasonFor(c route.Candidate) string {
	if c.Route.ID == 0 {
		return "default: no route fits"
	}
	return fmt.Sprintf("route %d (%s)", c.Route.ID, describe(s.shownRoute(c.Route).RouteRequest))
}

// standing says how the carrier does, where a server runs that knows.
func (s *Service) standing(c route.Candidate) string {
	switch {
	case c.Carrier.State == sms.CarrierDisabled:
		return "; it is disabled"
	case s.Carriers == nil:
		return ""
	case c.Standing.Why != "":
		return "; " + c.Standing.Why
	}
	text := "; bound"
	if c.Standing.Answers > 0 {
		text += fmt.Sprintf(", refused %.0f %% of %d in five minutes", 100*c.Standing.Refused, c.Standing.Answers)
	}
	if c.Standing.Receipts > 0 {
		text += fmt.Sprintf(", delivered %.0f %% of %d", 100*c.Standing.Delivered, c.Standing.Receipts)
	}
	return text
}
