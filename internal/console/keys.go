package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/sms"
)

// Settings is what an account changes about itself.
type Settings interface {
	Keys
	Logins
	Access
}

// Keys makes, changes and ends API keys.
type Keys interface {
	CreateKey(ctx context.Context, by settings.By, account *sms.Account, r settings.KeyRequest) (value string, key sms.Key, err error)
	Keys(ctx context.Context, account *sms.Account) ([]sms.Key, error)
	Key(ctx context.Context, account *sms.Account, id string) (sms.Key, error)
	RegenerateKey(ctx context.Context, by settings.By, account *sms.Account, id string, overlap time.Duration) (value string, key sms.Key, err error)
	ChangeKey(ctx context.Context, by settings.By, account *sms.Account, id string, change settings.KeyChange) (sms.Key, error)
	RevokeKey(ctx context.Context, by settings.By, account *sms.Account, id string) (sms.Key, error)
}

// Logins makes passwords.
type Logins interface {
	User(ctx context.Context, account *sms.Account) (sms.User, error)
	NewPassword(ctx context.Context, by settings.By, account *sms.Account) (username, password string, err error)
	NewSMPPPassword(ctx context.Context, by settings.By, account *sms.Account) (username, password string, err error)
}

var keysRoutes = []route{
	{http.MethodGet, "/settings/keys", develop, (*Console).keys},
	{http.MethodGet, "/settings/keys/new", develop, (*Console).newKey},
	{http.MethodPost, "/settings/keys", develop, (*Console).createKey},
	{http.MethodGet, "/settings/keys/{id}", develop, (*Console).key},
	{http.MethodPost, "/settings/keys/{id}/change", develop, (*Console).changeKey},
	{http.MethodPost, "/settings/keys/{id}/regenerate", develop, (*Console).regenerateKey},
	{http.MethodPost, "/settings/keys/{id}/revoke", develop, (*Console).revokeKey},
	{http.MethodPost, "/settings/password", develop, (*Console).newAPIPassword},
	{http.MethodPost, "/settings/smpp-password", develop, (*Console).newSMPPPassword},
}

// keys shows those in use, those that have ended, and the username.
func (c *Console) keys(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showKeys(w, r, p, templates.Errors{})
}

func (c *Console) showKeys(w http.ResponseWriter, r *http.Request, p *page, wrong templates.Errors) error {
	list, err := c.parts.Settings.Keys(r.Context(), p.account)
	if err != nil {
		return err
	}
	view := templates.KeysView{Errors: wrong}
	for i := range slices.Backward(list) {
		row := keyRow(&list[i])
		if row.Status == keyActive {
			view.Active = append(view.Active, row)
		} else {
			view.Ended = append(view.Ended, row)
		}
	}
	user, err := c.parts.Settings.User(r.Context(), p.account)
	if err != nil && sms.CodeOf(err) != sms.NotFound {
		return err
	}
	view.Username, view.PasswordSince, view.SMPP = user.Name, user.Changed, user.SMPPHash != ""
	return p.render(w, formStatus(wrong), templates.Keys(p.frame, view))
}

// postForm is the form of a request; repeated names are several values.
func postForm(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, &sms.Error{Code: sms.Invalid, Message: "the form could not be read", Cause: err}
	}
	return r.PostForm, nil
}

// formStatus is the status of a page with a form.
func formStatus(wrong templates.Errors) int {
	if len(wrong) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

const keyActive = "ACTIVE" // of settings.KeyStatus

func keyRow(k *sms.Key) templates.KeyRow {
	now := time.Now()
	row := templates.KeyRow{ID: k.ID, Name: k.Name, Description: k.Description, Prefix: auth.ShownKey(k.ID), Status: settings.KeyStatus(k, now),
		Created: k.Created, Expires: k.Expires, Revoked: k.Revoked, LastUsed: k.LastUsed, LastFrom: k.LastFrom, Addresses: addressLines(k.AllowList)}
	for _, operation := range k.Operations {
		row.Operations = append(row.Operations, string(operation))
	}
	if k.OldUntil.After(now) && row.Status == keyActive {
		row.OldUntil = k.OldUntil
	}
	return row
}

// addressLines are the addresses of a list that is on, one on each line, with its note behind it.
func addressLines(list sms.AllowList) string {
	if !list.Enabled {
		return ""
	}
	var lines []string
	for _, e := range list.Entries {
		lines = append(lines, strings.TrimSpace(settings.Shown(e.Prefix)+" "+e.Note))
	}
	return strings.Join(lines, "\n")
}

// parseAddresses reads such lines; none: a list that is off.
func parseAddresses(text string) (sms.AllowList, error) {
	var entries []settings.Entry
	for line := range strings.Lines(text) {
		cidr, note, _ := strings.Cut(strings.TrimSpace(line), " ")
		if cidr != "" {
			entries = append(entries, settings.Entry{CIDR: cidr, Note: strings.TrimSpace(note)})
		}
	}
	list, err := settings.ParseAllowList(len(entries) > 0, entries)
	if err != nil {
		return list, sms.InvalidField("addresses", "one line is no address or range, or its note is too long")
	}
	return list, nil
}

// lifetimes are the expiries that are offered, by the value of their option.
var lifetimes = map[string]time.Duration{"30d": 30 * 24 * time.Hour, "90d": 90 * 24 * time.Hour, "1y": 365 * 24 * time.Hour, "never": 0}

func (c *Console) newKey(w http.ResponseWriter, _ *http.Request, p *page) error {
	return p.render(w, http.StatusOK, templates.NewKey(p.frame, templates.NewKeyView{Operations: []string{string(sms.OpSMS)}, Lifetime: "never", From: p.from.String()}))
}

// createKey makes a key. Its value is on the page that answers, and on no other.
func (c *Console) createKey(w http.ResponseWriter, r *http.Request, p *page) error {
	form, err := postForm(r)
	if err != nil {
		return err
	}
	view := templates.NewKeyView{Name: strings.TrimSpace(form.Get("name")), Description: strings.TrimSpace(form.Get("description")),
		Operations: form["operation"], Lifetime: form.Get("lifetime"), Addresses: form.Get("addresses"), From: p.from.String()}
	request, err := keyRequest(view)
	if err == nil {
		var value string
		var key sms.Key
		if value, key, err = c.parts.Settings.CreateKey(r.Context(), p.by(), p.account, request); err == nil {
			return p.render(w, http.StatusOK, templates.KeyMade(p.frame, templates.KeyMadeView{Key: keyRow(&key), Value: value, Base: p.base()}))
		}
	}
	if view.Errors = p.fields(err); view.Errors == nil {
		return err
	}
	return p.render(w, http.StatusUnprocessableEntity, templates.NewKey(p.frame, view))
}

func keyRequest(v templates.NewKeyView) (r settings.KeyRequest, err error) {
	r.Name, r.Description = v.Name, v.Description
	if r.Name == "" {
		return r, sms.InvalidField("name", "is missing")
	}
	for _, operation := range v.Operations {
		r.Operations = append(r.Operations, sms.Operation(operation))
	}
	if len(r.Operations) == 0 {
		return r, sms.InvalidField("operations", "choose at least one")
	}
	var ok bool
	if r.Lifetime, ok = lifetimes[v.Lifetime]; !ok {
		return r, sms.InvalidField("lifetime", "is none of those offered")
	}
	r.AllowList, err = parseAddresses(v.Addresses)
	return r, err
}

func (c *Console) key(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showKey(w, r, p, templates.KeyForm{})
}

// showKey shows one key with its forms, or what is wrong with them.
func (c *Console) showKey(w http.ResponseWriter, r *http.Request, p *page, form templates.KeyForm) error {
	key, err := c.parts.Settings.Key(r.Context(), p.account, r.PathValue("id"))
	if err != nil {
		return err
	}
	view := templates.KeyView{Key: keyRow(&key), Form: form, From: p.from.String()}
	if form.Errors == nil {
		view.Form.Addresses = view.Key.Addresses
	}
	return p.render(w, formStatus(form.Errors), templates.Key(p.frame, view))
}

// changeKey changes when a key expires and from where it may be used.
func (c *Console) changeKey(w http.ResponseWriter, r *http.Request, p *page) error {
	form := templates.KeyForm{Lifetime: r.PostFormValue("lifetime"), Addresses: r.PostFormValue("addresses")}
	list, err := parseAddresses(form.Addresses)
	change := settings.KeyChange{AllowList: &list, From: p.from}
	if span, ok := lifetimes[form.Lifetime]; ok {
		change.Expires = new(time.Time)
		if span > 0 {
			*change.Expires = time.Now().Add(span)
		}
	} else if form.Lifetime != "" && err == nil {
		err = sms.InvalidField("lifetime", "is none of those offered")
	}
	if err == nil {
		_, err = c.parts.Settings.ChangeKey(r.Context(), p.by(), p.account, r.PathValue("id"), change)
	}
	if err == nil {
		return p.done(w, r, keyPath(r), p.T("The key is changed."))
	}
	if form.Errors = p.fields(err); form.Errors == nil {
		return err
	}
	return c.showKey(w, r, p, form)
}

func keyPath(r *http.Request) string { return "/settings/keys/" + r.PathValue("id") }

// overlaps are how long the value before may go on, by the value of their option.
var overlaps = map[string]time.Duration{"0": 0, "1h": time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour}

// regenerateKey makes a new value, which is on the page that answers, and on no other.
func (c *Console) regenerateKey(w http.ResponseWriter, r *http.Request, p *page) error {
	overlap, ok := overlaps[r.PostFormValue("overlap")]
	if !ok {
		return sms.InvalidField("overlap", "is none of those offered")
	}
	value, key, err := c.parts.Settings.RegenerateKey(r.Context(), p.by(), p.account, r.PathValue("id"), overlap)
	if err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.KeyMade(p.frame, templates.KeyMadeView{Key: keyRow(&key), Value: value, Base: p.base(), Again: true}))
}

// revokeKey ends a key, when its name was typed.
func (c *Console) revokeKey(w http.ResponseWriter, r *http.Request, p *page) error {
	key, err := c.parts.Settings.Key(r.Context(), p.account, r.PathValue("id"))
	if err != nil {
		return err
	}
	if strings.TrimSpace(r.PostFormValue("confirm")) != key.Name {
		return c.showKey(w, r, p, templates.KeyForm{Errors: templates.Errors{"confirm": p.T("This is not the name of the key.")}})
	}
	if _, err := c.parts.Settings.RevokeKey(r.Context(), p.by(), p.account, key.ID); err != nil {
		return err
	}
	return p.done(w, r, "/settings/keys", p.T("The key “%s” is revoked. Who uses it is refused from now on.", key.Name))
}

func (c *Console) newAPIPassword(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.replacePassword(w, r, p, templates.PasswordMadeView{}, c.parts.Settings.NewPassword)
}

func (c *Console) newSMPPPassword(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.replacePassword(w, r, p, templates.PasswordMadeView{SMPP: true}, c.parts.Settings.NewSMPPPassword)
}

// makePassword is one of the two kinds.
type makePassword func(ctx context.Context, by settings.By, account *sms.Account) (username, password string, err error)

// replacePassword makes a password when the username was typed. It is on the page that answers, and on no other.
func (c *Console) replacePassword(w http.ResponseWriter, r *http.Request, p *page, view templates.PasswordMadeView, generate makePassword) error {
	user, err := c.parts.Settings.User(r.Context(), p.account)
	if err != nil {
		return err
	}
	field := "confirm"
	if view.SMPP {
		field = "confirm-smpp"
	}
	if strings.TrimSpace(r.PostFormValue(field)) != user.Name {
		return c.showKeys(w, r, p, templates.Errors{field: p.T("This is not the username.")})
	}
	view.Base = p.base()
	if view.Username, view.Password, err = generate(r.Context(), p.by(), p.account); err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.PasswordMade(p.frame, view))
}
