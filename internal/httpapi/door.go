package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/export"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/ratelimit"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// Authenticator says who is calling. Its errors are sms.Error of the codes Unauthenticated, Forbidden, Limited
// and Unavailable.
type Authenticator interface {
	Authenticate(ctx context.Context, credentials auth.Credentials, from netip.Addr) (auth.Caller, error)
}

// Limiter counts a request of a key (or user) against its plan.
type Limiter interface {
	Take(key string, plan sms.Plan) ratelimit.Decision
}

// Intake accepts messages. It returns when they are on durable storage, were refused by a rule, or cannot be.
type Intake interface {
	Accept(ctx context.Context, caller auth.Caller, door string, request *intake.Request) (intake.Answer, error)
	AcceptBulk(ctx context.Context, caller auth.Caller, door string, call *intake.Bulk) (intake.BulkAnswer, error)
	// Balance says what an account has and what of it is reserved.
	Balance(ctx context.Context, account sms.AccountID) (sms.Balance, error)
}

// Changes withdraws and moves messages that have not left. Its errors are sms.Error.
type Changes interface {
	Find(ctx context.Context, account sms.AccountID, messageID string) (*sms.Message, error)
	Cancel(ctx context.Context, account sms.AccountID, id sms.ID) error
	Reschedule(ctx context.Context, account sms.AccountID, id sms.ID, date string) (time.Time, error)
}

// Status finds messages of one account by the ids of the answers, in the order of ids; unknown ones are left out.
type Status interface {
	Find(ctx context.Context, account sms.AccountID, ids []string) ([]status.Status, error)
	// History answers a page of them, the newest first, and the cursor of the next one; empty: there is none.
	History(ctx context.Context, account sms.AccountID, q status.Query) (page []status.Status, next string, err error)
}

// Exports makes files of messages. Its errors are sms.Error; ID writes ids as the account sees them.
type Exports interface {
	Create(ctx context.Context, account *sms.Account, r export.Request) (id string, err error)
	List(ctx context.Context, account *sms.Account, page, limit int) ([]sms.Export, error)
	Link(ctx context.Context, account *sms.Account, id string) (path string, expires time.Time, err error)
	Renew(ctx context.Context, account *sms.Account, id string) (complete bool, err error)
	Open(ctx context.Context, t export.Ticket, from netip.Addr) (*export.File, error)
	ID(export sms.ID) string
}

// Settings changes the keys and the allow-list of one account. Its errors are sms.Error.
type Settings interface {
	Keys(ctx context.Context, account *sms.Account) ([]sms.Key, error)
	KeyOf(ctx context.Context, account *sms.Account, value string) (sms.Key, error)
	CreateKey(ctx context.Context, by settings.By, account *sms.Account, r settings.KeyRequest) (value string, key sms.Key, err error)
	RegenerateKey(ctx context.Context, by settings.By, account *sms.Account, id string, overlap time.Duration) (value string, key sms.Key, err error)
	RevokeKey(ctx context.Context, by settings.By, account *sms.Account, id string) (sms.Key, error)
	ReplaceAllowList(ctx context.Context, by settings.By, account *sms.Account, list sms.AllowList, from netip.Addr, force bool) (sms.AllowList, error)
}

// Webhooks changes where an account wants its events. Its errors are sms.Error.
type Webhooks interface {
	Find(ctx context.Context, account *sms.Account) (*sms.Webhook, error)
	Create(ctx context.Context, by outbox.By, account *sms.Account, c outbox.Change) (*sms.Webhook, error)
	Replace(ctx context.Context, by outbox.By, account *sms.Account, c outbox.Change) (*sms.Webhook, error)
	Rotate(ctx context.Context, by outbox.By, account *sms.Account, overlap time.Duration) (*sms.Webhook, error)
	Remove(ctx context.Context, by outbox.By, account *sms.Account) error
}

// Events knows what an account was told, and tells it again. Its errors are sms.Error; ID and MessageID write ids as the
// account sees them.
type Events interface {
	Events(ctx context.Context, account *sms.Account, p outbox.Page) (events []sms.Event, next string, err error)
	Attempts(ctx context.Context, account *sms.Account, p outbox.Page) (attempts []sms.Attempt, next string, err error)
	Replay(ctx context.Context, account *sms.Account, r outbox.Replay) (int, error)
	ID(event sms.ID) string
	MessageID(message sms.ID) string
}

// Readiness says whether the server can do its work.
type Readiness interface {
	// Store answers nil when the store takes writes.
	Store(ctx context.Context) error
	// Components names every other part. Anyone may read the answer: no addresses and no error texts.
	Components(ctx context.Context) []Component
}

// Component is one part of the server as /readyz shows it.
type Component struct {
	Name   string // such as "store" or "carrier/practice"
	Up     bool
	Detail string // such as "2 of 2 sessions bound"; may be empty
}

// Parts is what the door needs. All but Metrics and Proxies are required.
type Parts struct {
	Authenticator Authenticator
	Limiter       Limiter
	Intake        Intake
	Changes       Changes
	Status        Status
	Exports       Exports
	Settings      Settings
	Webhooks      Webhooks
	Events        Events
	Readiness     Readiness
	Metrics       http.Handler   // for clients on this machine; nil: /metrics is not served here
	Proxies       []netip.Prefix // peers whose X-Forwarded-For counts
	Log           *slog.Logger
}

// Door is the HTTP door. Safe for concurrent use; it starts no goroutine and owns no connection.
type Door struct {
	parts Parts
	mux   *http.ServeMux
	crowd budget
}

// New makes the door that serves every route of the table.
func New(parts Parts) *Door {
	d := &Door{parts: parts, mux: http.NewServeMux()}
	for path, resource := range resources(routes) {
		d.mux.HandleFunc(path, d.handle(resource))
	}
	d.mux.HandleFunc("/", d.handle(nil))
	return d
}
