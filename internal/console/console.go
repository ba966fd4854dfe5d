package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// Sessions says who has signed in, and lets operators work in an account.
type Sessions interface {
	SessionOf(ctx context.Context, token string) (people.Session, error)
	Peek(ctx context.Context, token string) (people.Session, error) // the same, but it does not count as a use
	NeedsSetUp(ctx context.Context) (bool, error)
	ActAs(ctx context.Context, s people.Session, account sms.AccountID) error // zero: no more
	Logout(ctx context.Context, s people.Session) error
}

// Directory knows the accounts.
type Directory interface {
	Account(id sms.AccountID) (*sms.Account, bool)
	AccountNamed(name string) (*sms.Account, bool)
}

// Parts is what the console needs. Each page's file says what it asks of its own part.
type Parts struct {
	Sessions  Sessions
	Directory Directory
	// Operations are done in somebody's name: what operators do on their pages.
	Operations func(actor string) admin.Connection
	Sending    Sending
	// TestNumbers are those of the practice carrier; none when there is no such carrier.
	TestNumbers func() []TestNumber
	Overviews   Overviews
	Messages    Messages
	Streams     Streams
	// Changes are done in somebody's name to messages of an account.
	Changes func(actor string, account *sms.Account) Changes

	SignIn      SignIn
	SignOn      SignOn
	Me          Me
	Factor      Factor
	Folk        Folk
	FolkChanges FolkChanges
	Settings    Settings
	Webhooks    Webhooks
	Events      Events
	OptOuts     OptOuts
	Senders     Senders

	Proxies []netip.Prefix // peers whose X-Forwarded-For and X-Forwarded-Proto count
	Log     *slog.Logger
}

// Console is the door. Safe for concurrent use.
type Console struct {
	parts  Parts
	assets assets
	urls   templates.Assets
	mux    *http.ServeMux
	guard  *http.CrossOriginProtection

	streams *streams
}

// New makes the console. The error says what of it is broken; it cannot be for a reason outside of the program.
func New(parts Parts) (*Console, error) {
	c := &Console{parts: parts, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(), streams: newStreams()}
	var err error
	if c.assets, c.urls, err = loadAssets(); err != nil {
		return nil, err
	}
	c.mux.Handle("GET /static/", c.assets)
	for _, r := range routes {
		c.mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, q *http.Request) { c.enter(w, q, r) })
	}
	return c, nil
}

// Owns reports whether a request is for the console: it has a page at this path, or a browser asks for a page that nobody
// has. Everything else is for programs.
func (c *Console) Owns(r *http.Request) bool {
	if _, pattern := c.mux.Handler(r); pattern != "" {
		return true
	}
	return asksForPage(r)
}
