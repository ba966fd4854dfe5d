package outbox

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	longestURL = 2048

	// LongestOverlap is how long the secret before the last can go on signing.
	LongestOverlap = 7 * 24 * time.Hour
	// UsualOverlap is how long it does when nothing is said.
	UsualOverlap = 24 * time.Hour
)

// Hooks changes the webhook of an account. Safe for concurrent use.
type Hooks struct {
	store HookStore
	ids   *sms.PublicIDs
	guard guard
	open  bool   // http and private addresses will do
	trial sender // of tests
}

// HookStore is where webhooks and events live.
type HookStore interface {
	Webhook(ctx context.Context, account sms.AccountID) (*sms.Webhook, error)
	SaveWebhook(ctx context.Context, deed store.Deed, account sms.AccountID, change func(*sms.Webhook) (*sms.Webhook, error)) error
	Note(ctx context.Context, deed store.Deed) error
	History
}

// NewHooks makes what changes webhooks.
func NewHooks(from HookStore, ids *sms.PublicIDs, allowPrivate bool) *Hooks {
	return &Hooks{store: from, ids: ids, guard: newGuard(), open: allowPrivate, trial: newSender(allowPrivate)}
}

// Change says what a webhook shall be.
type Change struct {
	URL     string
	Interim *bool // states that are not final too; nil: as it is, ordinarily not
}

// By is who asks, as it stands in the audit log.
type By struct{ Actor string }

func (by By) deed(action string, account *sms.Account, detail string) store.Deed {
	return store.Deed{Actor: by.Actor, Action: action, Target: account.Name, Detail: detail}
}

var (
	errNoWebhook  = sms.Errorf(sms.NotFound, "this account has no webhook")
	errHasWebhook = sms.Errorf(sms.Conflict, "this account has a webhook already: PUT changes it")
)

// Create makes the webhook of an account. Its secret is in the answer, for the only time. Errors: sms.Invalid names what
// is wrong with the URL; sms.Conflict when there is one.
func (h *Hooks) Create(ctx context.Context, by By, account *sms.Account, c Change) (*sms.Webhook, error) {
	if err := h.check(c.URL); err != nil {
		return nil, err
	}
	made := &sms.Webhook{Account: account.ID, ID: newID(), URL: c.URL, Interim: c.Interim != nil && *c.Interim, Secret: newSecret(),
		Created: time.Now().UTC().Truncate(time.Millisecond)}
	err := h.store.SaveWebhook(ctx, by.deed("webhook create", account, shownURL(c.URL)), account.ID, func(old *sms.Webhook) (*sms.Webhook, error) {
		if old != nil {
			return nil, errHasWebhook
		}
		return made, nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Replace gives the webhook another URL, and makes it active again when it was disabled. The secret stays.
func (h *Hooks) Replace(ctx context.Context, by By, account *sms.Account, c Change) (*sms.Webhook, error) {
	if err := h.check(c.URL); err != nil {
		return nil, err
	}
	return h.change(ctx, by.deed("webhook set", account, shownURL(c.URL)), account, func(hook *sms.Webhook) {
		hook.URL, hook.FailingSince, hook.DisabledAt = c.URL, time.Time{}, time.Time{}
		if c.Interim != nil {
			hook.Interim = *c.Interim
		}
	})
}

// Rotate makes a new secret; until the overlap ends, the one before signs too. The new one is in the answer, for the only
// time.
func (h *Hooks) Rotate(ctx context.Context, by By, account *sms.Account, overlap time.Duration) (*sms.Webhook, error) {
	fresh := newSecret()
	return h.change(ctx, by.deed("webhook secret rotate", account, "overlap "+overlap.String()), account, func(hook *sms.Webhook) {
		hook.OldSecret, hook.OldUntil = nil, time.Time{}
		if overlap > 0 {
			hook.OldSecret, hook.OldUntil = hook.Secret, time.Now().UTC().Add(overlap).Truncate(time.Second)
		}
		hook.Secret = fresh
	})
}

// change alters the webhook that is there; sms.NotFound when there is none.
func (h *Hooks) change(ctx context.Context, deed store.Deed, account *sms.Account, alter func(*sms.Webhook)) (after *sms.Webhook, err error) {
	err = h.store.SaveWebhook(ctx, deed, account.ID, func(hook *sms.Webhook) (*sms.Webhook, error) {
		if hook == nil {
			return nil, errNoWebhook
		}
		alter(hook)
		after = hook
		return hook, nil
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// Remove ends the webhook; events that wait are not told any more. sms.NotFound when there is none.
func (h *Hooks) Remove(ctx context.Context, by By, account *sms.Account) error {
	return h.store.SaveWebhook(ctx, by.deed("webhook delete", account, ""), account.ID, func(hook *sms.Webhook) (*sms.Webhook, error) {
		if hook == nil {
			return nil, errNoWebhook
		}
		return nil, nil
	})
}

// Find is the webhook of an account; sms.NotFound when there is none.
func (h *Hooks) Find(ctx context.Context, account *sms.Account) (*sms.Webhook, error) {
	hook, err := h.store.Webhook(ctx, account.ID)
	if err == nil && hook == nil {
		err = errNoWebhook
	}
	return hook, err
}

// check judges the URL of a webhook.
func (h *Hooks) check(text string) error { return checkURL("callbackUrl", text, h.guard, h.open) }

// CheckCallback judges the URL to which messages from handsets shall go as forms; the error names the setting.
func CheckCallback(text string, allowPrivate bool) error {
	return checkURL("inbound", text, newGuard(), allowPrivate)
}

// checkURL judges a URL by what stands in it. A name is judged when it is connected to.
func checkURL(field, text string, guard guard, open bool) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return sms.InvalidField(field, "is missing")
	case err != nil || len(text) > longestURL || u.Hostname() == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return sms.InvalidField(field, "must be a URL of at most %d characters, such as https://example.com/sms", longestURL)
	case u.Scheme != "https" && !(open && u.Scheme == "http"):
		return sms.InvalidField(field, "must begin with https://")
	case u.User != nil:
		return sms.InvalidField(field, "must not hold a username or password: verify the signature instead")
	case u.Fragment != "":
		return sms.InvalidField(field, "must not hold a fragment (#)")
	}
	address, err := netip.ParseAddr(u.Hostname())
	if !open && (err == nil && !guard.permits(address) || strings.EqualFold(u.Hostname(), "localhost")) {
		return sms.InvalidField(field, "must not lead to an address inside of a network")
	}
	return nil
}

// shownURL is a URL without its query, which may hold a secret, for the audit log.
func shownURL(text string) string {
	before, _, _ := strings.Cut(text, "?")
	return before
}

// Active reports whether events are sent to a webhook.
func Active(hook *sms.Webhook) bool { return hook.DisabledAt.IsZero() }
