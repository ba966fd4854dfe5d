package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/console"
)

// everybody are the roles of an account, the one that sees most first.
var everybody = []string{"owner", "developer", "sender", "viewer"}

// planned is a page of the console and who looks at it. The first of the roles looks at it in both themes and both widths,
// the others in one of the four.
type planned struct {
	route string // as the console's table has it
	path  string // with what stands in place of its parameters; empty: as the route
	leads bool   // it leads on to another page, which is looked at
	roles []string
}

// nobody has not signed in.
const nobody = "stranger"

// plan is every page of the console that people look at.
func plan(p *platform, message string) []planned {
	operators, owners, developers := []string{"operator"}, everybody[:1], everybody[:2]
	return []planned{
		{route: "/login", roles: []string{nobody}},
		{route: "/forgot", roles: []string{nobody}},
		{route: "/welcome", path: "/welcome?token=" + p.invitation, leads: true, roles: []string{nobody}},
		{route: "/me", roles: append([]string{"owner", "operator"}, everybody[1:]...)},
		{route: "/{$}", roles: everybody},
		{route: "/operator", roles: operators},
		{route: "/settings/keys", roles: developers},
		{route: "/settings/keys/new", roles: developers},
		{route: "/settings/keys/{id}", path: "/settings/keys/" + p.keyID, roles: developers},
		{route: "/settings/security", roles: developers},
		{route: "/settings/security", path: "/settings/security?address=203.0.113.9&key=", roles: owners},
		{route: "/settings/audit", roles: developers},
		{route: "/settings/webhook", roles: developers},
		{route: "/settings/webhook/events", roles: developers},
		{route: "/settings/webhook/events/{id}", path: "/settings/webhook/events/" + p.eventID, roles: developers},
		{route: "/settings/opt-outs", roles: everybody},
		{route: "/settings/opt-outs/words", roles: everybody},
		{route: "/settings/senders", roles: everybody},
		{route: "/settings/people", roles: owners},
		{route: "/settings/people/{person}", path: "/settings/people/2", roles: owners},
		{route: "/operator/people", roles: operators},
		{route: "/operator/people/{person}", path: "/operator/people/2", roles: operators},
		{route: "/messages", roles: everybody},
		{route: "/messages", path: "/messages?status=failed&campaign=spring", roles: owners},
		{route: "/messages/{id}", path: "/messages/" + message, roles: everybody},
		{route: "/inbound", roles: everybody},
		{route: "/send", roles: everybody[:3]},
		{route: "/operator/accounts", roles: operators},
		{route: "/operator/accounts/{name}", path: "/operator/accounts/acme", roles: operators},
		{route: "/operator/carriers", roles: operators},
		{route: "/operator/carriers/{name}", path: "/operator/carriers/practice", roles: operators},
		{route: "/operator/routes", roles: operators},
		{route: "/operator/routes", path: "/operator/routes?account=acme&sender=MyCompany&destination=%2B41791234567", roles: operators},
		{route: "/operator/prices", roles: operators},
		{route: "/operator/queue", roles: operators},
		{route: "/operator/nodes", roles: operators},
		{route: "/operator/sender-rules", roles: operators},
		{route: "/operator/audit", roles: operators},
		{route: "/operator/messages", roles: operators},
		{route: "/operator/messages/{id}", path: "/operator/messages/" + message, roles: operators},
	}
}

// unseen are answers to GET that are no pages to look at.
var unseen = map[string]string{
	"/login/code":               "needs a second factor: TestSecondFactor",
	"/me/two-factor":            "needs a second factor that is begun: TestSecondFactor",
	"/setup":                    "needs a server without people: TestFirstStart",
	"/oidc/start":               "leads to a provider of single sign-on",
	"/oidc/callback":            "comes from a provider of single sign-on",
	"/operator/prices.csv":      "a file",
	"/settings/opt-outs/export": "a file",
	"/overview/events":          "a stream of events",
	"/operator/events":          "a stream of events",
	"/messages/export":          "a file",
	"/operator/messages/export": "a file",
}

// TestEveryPageIsPlanned holds the plan against the console's table, so that no page is forgotten.
func TestEveryPageIsPlanned(t *testing.T) {
	seen := unseenAndPlanned()
	for _, path := range console.Pages() {
		if !slices.Contains(seen, path) {
			t.Errorf("nobody looks at %s: it belongs into plan, or with a reason into unseen", path)
		}
	}
	for _, path := range seen {
		if !slices.Contains(console.Pages(), path) {
			t.Errorf("%s is planned, and is no page", path)
		}
	}
}

func unseenAndPlanned() (routes []string) {
	for route := range unseen {
		routes = append(routes, route)
	}
	for _, page := range plan(&platform{}, "") {
		routes = append(routes, page.route)
	}
	return routes
}

// name is that of a page's pictures.
func (p planned) name() string {
	name := strings.NewReplacer("/", "-", "{$}", "home", "{", "", "}", "").Replace(strings.TrimPrefix(p.route, "/"))
	if _, query, ok := strings.Cut(p.path, "?"); ok {
		if name += "-" + strings.NewReplacer("=", "-", "&", "-").Replace(query); p.leads {
			name, _, _ = strings.Cut(name, "-token")
		}
	}
	return name
}

// walksOf gives each role its pages.
func walksOf(p *platform, pages []planned) (walks []walk) {
	turn := 0
	for _, role := range []string{nobody, "owner", "operator", "developer", "sender", "viewer"} {
		one := walk{Name: role, Person: p.people[role]}
		for _, page := range pages {
			at := slices.Index(page.roles, role)
			if at < 0 {
				continue
			}
			views := everyView
			if at > 0 {
				turn++
				views = everyView[turn%len(everyView):][:1]
			}
			path := page.path
			if path == "" {
				path = strings.ReplaceAll(page.route, "{$}", "")
			}
			one.Pages = append(one.Pages, stop{Name: page.name(), Path: path, Leads: page.leads, Views: views})
		}
		walks = append(walks, one)
	}
	return append(walks, inItalian(walks, "owner"), inItalian(walks, "operator"))
}

// inItalian is the walk of a role on a phone, where the longer words have the least room.
func inItalian(walks []walk, role string) walk {
	at := slices.IndexFunc(walks, func(w walk) bool { return w.Name == role })
	one := walk{Name: role + "-it", Person: walks[at].Person, Locale: "it-IT", Pages: slices.Clone(walks[at].Pages)}
	for i := range one.Pages {
		one.Pages[i].Views = []view{{"light", 390}}
	}
	return one
}

// TestPages looks at every page as every role that it is for.
func TestPages(t *testing.T) {
	p := newPlatform(t)
	message := p.furnish()
	walkPages(t, p.Addr, walksOf(p, plan(p, message)))
}
