package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
)

// Webhooks changes the webhook of an account, and tries it.
type Webhooks interface {
	Find(ctx context.Context, account *sms.Account) (*sms.Webhook, error)
	Create(ctx context.Context, by outbox.By, account *sms.Account, c outbox.Change) (*sms.Webhook, error)
	Replace(ctx context.Context, by outbox.By, account *sms.Account, c outbox.Change) (*sms.Webhook, error)
	Rotate(ctx context.Context, by outbox.By, account *sms.Account, overlap time.Duration) (*sms.Webhook, error)
	Remove(ctx context.Context, by outbox.By, account *sms.Account) error
	Test(ctx context.Context, by outbox.By, account *sms.Account) (outbox.Trial, error)
}

var webhookRoutes = []route{
	{http.MethodGet, "/settings/webhook", develop, (*Console).webhook},
	{http.MethodPost, "/settings/webhook", develop, (*Console).saveWebhook},
	{http.MethodPost, "/settings/webhook/enable", develop, (*Console).enableWebhook},
	{http.MethodPost, "/settings/webhook/rotate", develop, (*Console).rotateSecret},
	{http.MethodPost, "/settings/webhook/remove", develop, (*Console).removeWebhook},
	{http.MethodPost, "/settings/webhook/test", develop, (*Console).testWebhook},
	{http.MethodGet, "/settings/webhook/events", develop, (*Console).events},
	{http.MethodGet, "/settings/webhook/events/{id}", develop, (*Console).event},
	{http.MethodPost, "/settings/webhook/events/{id}/replay", develop, (*Console).replayEvent},
	{http.MethodPost, "/settings/webhook/replay", develop, (*Console).replayEvents},
}

const webhookPath = "/settings/webhook"

// hookBy is who asks, for the outbox.
func (p *page) hookBy() outbox.By { return outbox.By{Actor: p.session.Actor()} }

func (c *Console) webhook(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showWebhook(w, r, p, templates.WebhookView{})
}

// showWebhook completes the view with the webhook as it is.
func (c *Console) showWebhook(w http.ResponseWriter, r *http.Request, p *page, view templates.WebhookView) error {
	hook, err := c.parts.Webhooks.Find(r.Context(), p.account)
	if err != nil && sms.CodeOf(err) != sms.NotFound {
		return err
	}
	if err == nil {
		view.Hook = shownHook(hook)
		if view.Errors == nil {
			view.URL, view.Interim = hook.URL, hook.Interim
		}
	}
	return p.render(w, formStatus(view.Errors), templates.Webhook(p.frame, view))
}

// shownHook is a webhook without its secrets.
func shownHook(h *sms.Webhook) *templates.HookView {
	view := &templates.HookView{URL: h.URL, Interim: h.Interim, Created: h.Created, FailingSince: h.FailingSince, DisabledAt: h.DisabledAt}
	if h.OldSecret != nil && h.OldUntil.After(time.Now()) {
		view.OldUntil = h.OldUntil
	}
	return view
}

// saveWebhook makes the webhook, whose secret is on the page that answers, or changes the one that is there.
func (c *Console) saveWebhook(w http.ResponseWriter, r *http.Request, p *page) error {
	view := templates.WebhookView{URL: strings.TrimSpace(r.PostFormValue("url")), Interim: r.PostFormValue("interim") == "yes"}
	change := outbox.Change{URL: view.URL, Interim: &view.Interim}
	_, err := c.parts.Webhooks.Replace(r.Context(), p.hookBy(), p.account, change)
	if err == nil {
		return p.done(w, r, webhookPath, p.T("The webhook is changed; events go to the new address from now on."))
	}
	if sms.CodeOf(err) == sms.NotFound {
		var hook *sms.Webhook
		if hook, err = c.parts.Webhooks.Create(r.Context(), p.hookBy(), p.account, change); err == nil {
			return p.render(w, http.StatusOK, templates.WebhookSecret(p.frame, templates.SecretView{Secret: outbox.ShownSecret(hook.Secret), URL: hook.URL}))
		}
	}
	wrong := p.fields(err)
	if wrong == nil {
		return err
	}
	view.Errors = templates.Errors{"url": wrong["callbackUrl"], "": wrong[""]}
	return c.showWebhook(w, r, p, view)
}

// enableWebhook has events sent again to a webhook that was disabled.
func (c *Console) enableWebhook(w http.ResponseWriter, r *http.Request, p *page) error {
	hook, err := c.parts.Webhooks.Find(r.Context(), p.account)
	if err != nil {
		return err
	}
	if _, err := c.parts.Webhooks.Replace(r.Context(), p.hookBy(), p.account, outbox.Change{URL: hook.URL}); err != nil {
		return err
	}
	return p.done(w, r, webhookPath, p.T("The webhook is on again. What failed meanwhile can be told again below."))
}

// rotateSecret makes a new secret, which is on the page that answers, and on no other.
func (c *Console) rotateSecret(w http.ResponseWriter, r *http.Request, p *page) error {
	overlap, ok := overlaps[r.PostFormValue("overlap")]
	if !ok {
		return sms.InvalidField("overlap", "is none of those offered")
	}
	hook, err := c.parts.Webhooks.Rotate(r.Context(), p.hookBy(), p.account, overlap)
	if err != nil {
		return err
	}
	view := templates.SecretView{Secret: outbox.ShownSecret(hook.Secret), URL: hook.URL, Again: true, OldUntil: shownHook(hook).OldUntil}
	return p.render(w, http.StatusOK, templates.WebhookSecret(p.frame, view))
}

// removeWebhook ends the webhook, when the name of the account was typed.
func (c *Console) removeWebhook(w http.ResponseWriter, r *http.Request, p *page) error {
	if strings.TrimSpace(r.PostFormValue("confirm")) != p.account.Name {
		hook, err := c.parts.Webhooks.Find(r.Context(), p.account)
		if err != nil {
			return err
		}
		return c.showWebhook(w, r, p, templates.WebhookView{URL: hook.URL, Interim: hook.Interim,
			Errors: templates.Errors{"confirm": p.T("This is not the name of the account.")}})
	}
	if err := c.parts.Webhooks.Remove(r.Context(), p.hookBy(), p.account); err != nil {
		return err
	}
	return p.done(w, r, webhookPath, p.T("The webhook is removed; events are not told any more."))
}

// testWebhook sends a test event now and shows what was sent and what came back.
func (c *Console) testWebhook(w http.ResponseWriter, r *http.Request, p *page) error {
	t, err := c.parts.Webhooks.Test(r.Context(), p.hookBy(), p.account)
	if err != nil {
		return err
	}
	view := &templates.HookTrialView{URL: t.URL, Body: indented(t.Body), Status: t.Status, Response: printable(t.Response), Error: t.Error, Duration: t.Duration}
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "Content-Type"} {
		view.Header = append(view.Header, strings.ToLower(name)+": "+t.Header.Get(name))
	}
	return c.showWebhook(w, r, p, templates.WebhookView{Trial: view})
}

// localTime reads what an input of type datetime-local sends, in the viewer's zone.
func (p *page) localTime(field, text string) (time.Time, error) {
	at, err := time.ParseInLocation("2006-01-02T15:04", text, p.frame.Zone)
	if err != nil {
		return time.Time{}, sms.InvalidField(field, "must be a day and a time")
	}
	return at, nil
}

func eventsPath(status, cursor string) string {
	query := url.Values{}
	if status != "" {
		query.Set("status", status)
	}
	if cursor != "" {
		query.Set("before", cursor)
	}
	if len(query) == 0 {
		return webhookPath + "/events"
	}
	return webhookPath + "/events?" + query.Encode()
}
