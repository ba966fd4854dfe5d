package browser

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everybody are the roles of an account, the one that sees most first.
var everybody = []string{"owner", "developer", "sender", "viewer"}

// planned is a page of the console and who looks at it. The first of the roles looks at it in both themes and both widths,
// the others in one of the four.
type planned struct {
	route string // as the console's table has it
	path  string // with what stands in place of its parameters; empty: as the route
	roles []string
}

// plan is every page of the console that people look at.
func plan(p *platform, message string) []planned {
	return []planned{
		{route: "/messages", roles: everybody},
		{route: "/messages", path: "/messages?status=ERROR&campaign=spring", roles: everybody[:1]},
		{route: "/messages/{id}", path: "/messages/" + message, roles: everybody},
		{route: "/inbound", roles: everybody},
		{route: "/send", roles: everybody[:3]},
		{route: "/operator/messages", roles: []string{"operator"}},
		{route: "/operator/messages/{id}", path: "/operator/messages/" + message, roles: []string{"operator"}},
	}
}

// unseen are answers to GET that are no pages to look at.
var unseen = map[string]string{
	"/messages/export":          "a file",
	"/operator/messages/export": "a file",
}

var getRoute = regexp.MustCompile(`\{http\.MethodGet, "([^"]+)",`)

// TestEveryPageIsPlanned holds the plan against the console's table, so that no page is forgotten.
func TestEveryPageIsPlanned(t *testing.T) {
	files, err := filepath.Glob("../../internal/console/*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := unseenAndPlanned()
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range getRoute.FindAllStringSubmatch(string(source), -1) {
			found++
			if !slices.Contains(seen, route[1]) {
				t.Errorf("nobody looks at %s (%s): it belongs into plan, or with a reason into unseen", route[1], filepath.Base(file))
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d pages found: the search is broken", found)
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
		name += "-" + strings.NewReplacer("=", "-", "&", "-").Replace(query)
	}
	return name
}

// walksOf gives each role its pages.
func walksOf(p *platform, pages []planned) (walks []walk) {
	turn := 0
	for _, role := range []string{"owner", "operator", "developer", "sender", "viewer"} {
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
			one.Pages = append(one.Pages, stop{Name: page.name(), Path: path, Views: views})
		}
		walks = append(walks, one)
	}
	return walks
}

// TestPages looks at every page as every role that it is for.
func TestPages(t *testing.T) {
	p := newPlatform(t)
	message := p.furnish()
	walkPages(t, p.Addr, walksOf(p, plan(p, message)))
}
