package console

import (
	"net/http"
	"strings"
	"time"

	// Zones are known on machines that have no data of them.
	_ "time/tzdata"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/console/words"
)

// stranger is a page for whom nobody knows yet: what the browser says of itself.
func (c *Console) stranger(r *http.Request) *page {
	f := &templates.Frame{Assets: c.urls, Path: r.URL.Path, Language: words.Choose(r.Header.Get("Accept-Language")), Zone: time.UTC}
	if language, ok := words.Parse(cookieOf(r, languageCookie)); ok {
		f.Language = language
	}
	if theme := cookieOf(r, themeCookie); theme == "light" || theme == "dark" {
		f.Theme = theme
	}
	if name := cookieOf(r, zoneCookie); name != "" && name != "Local" {
		if zone, err := time.LoadLocation(strings.ReplaceAll(name, "%2F", "/")); err == nil {
			f.Zone, f.ZoneSure = zone, true
		}
	}
	return &page{console: c, frame: f, request: r, from: auth.ClientAddress(peerAddress(r), r.Header["X-Forwarded-For"], c.parts.Proxies)}
}

// furnish adds to the frame what follows from who has signed in.
func (c *Console) furnish(p *page) {
	f := p.frame
	f.Email = p.session.Person.Email
	language, known := words.Parse(p.session.Person.Language)
	if _, chosen := words.Parse(cookieOf(p.request, languageCookie)); known && !chosen {
		f.Language = language
	}
	if p.account != nil {
		f.Account, f.Visiting = p.account.Name, p.session.Acting()
	}
	f.Menu = p.menu()
}

// menuEntry is a page in the menu, for those who may see it.
type menuEntry struct {
	title, path string
	needs       action
}

// menus is the menu in its order.
var menus = []struct {
	title   string
	entries []menuEntry
}{
	{"", []menuEntry{{"Overview", "/", look}, {"Messages", "/messages", look}, {"Inbound", "/inbound", look}, {"Send", "/send", send}}},
	{"Settings", []menuEntry{{"API keys", "/settings/keys", develop}, {"Security", "/settings/security", develop}, {"Webhook", "/settings/webhook", develop},
		{"Opt-outs", "/settings/opt-outs", look}, {"Senders", "/settings/senders", look}, {"People", "/settings/people", managePeople}, {"API reference", "/docs", look}}},
	{"Platform", []menuEntry{{"Platform overview", "/operator", operate}, {"All messages", "/operator/messages", operate}, {"Accounts", "/operator/accounts", operate},
		{"Carriers", "/operator/carriers", operate}, {"Routes", "/operator/routes", operate}, {"Prices", "/operator/prices", operate},
		{"Queue", "/operator/queue", operate}, {"Nodes", "/operator/nodes", operate}, {"Sender rules", "/operator/sender-rules", operate},
		{"All people", "/operator/people", operate}, {"Audit log", "/operator/audit", operate}}},
}

// menu is what the person sees of it.
func (p *page) menu() (groups []templates.MenuGroup) {
	for _, m := range menus {
		group := templates.MenuGroup{}
		if m.title != "" {
			group.Title = p.frame.T(m.title)
		}
		for _, e := range m.entries {
			if p.may(e.needs) {
				group.Entries = append(group.Entries, templates.MenuEntry{Title: p.frame.T(e.title), Path: e.path})
			}
		}
		if len(group.Entries) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// T is a text in the viewer's language.
func (p *page) T(text string, values ...any) string { return p.frame.T(text, values...) }
