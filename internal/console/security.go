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

// Access says from where an account may be used, who was refused, and what was changed.
type Access interface {
	ChangeAllowList(ctx context.Context, by settings.By, action string, account *sms.Account, change func(*sms.AllowList)) (sms.AllowList, error)
	AllowAddress(ctx context.Context, by settings.By, account *sms.Account, entry settings.Entry) (sms.AllowList, error)
	Try(account *sms.Account, key *sms.Key, address string) (settings.Verdict, error)
	Refusals(ctx context.Context, account *sms.Account) ([]sms.AccessRefusal, error)
	Audit(ctx context.Context, account *sms.Account, cursor string, limit int) ([]sms.AuditLine, string, error)
}

var securityRoutes = []route{
	{http.MethodGet, "/settings/security", develop, (*Console).security},
	{http.MethodPost, "/settings/security/entries", develop, (*Console).addEntry},
	{http.MethodPost, "/settings/security/entries/remove", develop, (*Console).removeEntry},
	{http.MethodPost, "/settings/security/switch", develop, (*Console).switchAllowList},
	{http.MethodGet, "/settings/audit", develop, (*Console).audit},
}

const securityPath = "/settings/security"

func (c *Console) security(w http.ResponseWriter, r *http.Request, p *page) error {
	view := templates.SecurityView{TryAddress: strings.TrimSpace(r.URL.Query().Get("address")), TryKey: r.URL.Query().Get("key")}
	if view.TryAddress != "" {
		verdict, err := c.try(r.Context(), p, view.TryAddress, view.TryKey)
		if err != nil {
			if view.Errors = p.fields(err); view.Errors == nil {
				return err
			}
		} else {
			view.Verdict = verdict
		}
	}
	return c.showSecurity(w, r, p, view)
}

// try says whether an address would get in, with a key or, without, by password.
func (c *Console) try(ctx context.Context, p *page, address, id string) (*templates.VerdictView, error) {
	var key *sms.Key
	if id != "" {
		found, err := c.parts.Settings.Key(ctx, p.account, id)
		if err != nil {
			return nil, err
		}
		key = &found
	}
	v, err := c.parts.Settings.Try(p.account, key, address)
	if err != nil {
		return nil, err
	}
	view := &templates.VerdictView{Address: v.Address.String(), Allowed: v.Allowed, Reason: v.Reason}
	for _, e := range []*sms.AllowEntry{v.ByAccount, v.ByKey} {
		if e != nil {
			view.By = append(view.By, entryRow(*e))
		}
	}
	return view, nil
}

func entryRow(e sms.AllowEntry) templates.EntryRow {
	return templates.EntryRow{CIDR: e.Prefix.String(), Shown: settings.Shown(e.Prefix), Note: e.Note}
}

// showSecurity completes the view: the list, the keys to try with, the refusals.
func (c *Console) showSecurity(w http.ResponseWriter, r *http.Request, p *page, view templates.SecurityView) error {
	list := p.account.AllowList
	view.Enabled, view.From = list.Enabled, p.from.String()
	view.FromListed = auth.Matching(list, p.from) != nil
	for _, e := range list.Entries {
		view.Entries = append(view.Entries, entryRow(e))
	}
	keys, err := c.parts.Settings.Keys(r.Context(), p.account)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for i := range keys {
		names[auth.ShownKey(keys[i].ID)] = keys[i].ID
		if settings.KeyStatus(&keys[i], time.Now()) == keyActive {
			view.Keys = append(view.Keys, templates.Option{Value: keys[i].ID, Text: keys[i].Name})
		}
	}
	refusals, err := c.parts.Settings.Refusals(r.Context(), p.account)
	if err != nil {
		return err
	}
	for _, f := range refusals {
		row := templates.RefusalRow{AccessRefusal: f, KeyID: names[f.Credential]}
		row.Allowable = f.Reason == sms.NotOnAccountList && !auth.Permits(list, f.Address)
		view.Refusals = append(view.Refusals, row)
	}
	return p.render(w, formStatus(view.Errors), templates.Security(p.frame, view))
}

// addEntry puts an address or range on the list.
func (c *Console) addEntry(w http.ResponseWriter, r *http.Request, p *page) error {
	entry := settings.Entry{CIDR: strings.TrimSpace(r.PostFormValue("cidr")), Note: strings.TrimSpace(r.PostFormValue("note"))}
	_, err := c.parts.Settings.AllowAddress(r.Context(), p.by(), p.account, entry)
	if err == nil {
		return p.done(w, r, securityPath, p.T("%s is on the list.", entry.CIDR))
	}
	wrong := p.fields(err)
	if wrong == nil {
		return err
	}
	view := templates.SecurityView{CIDR: entry.CIDR, Note: entry.Note, Errors: templates.Errors{}}
	for field, text := range wrong {
		view.Errors[strings.TrimPrefix(field, "entries[0].")] = text
	}
	return c.showSecurity(w, r, p, view)
}

// removeEntry takes an entry off the list.
func (c *Console) removeEntry(w http.ResponseWriter, r *http.Request, p *page) error {
	prefix, err := auth.ParseAllowEntry(r.PostFormValue("cidr"))
	if err != nil {
		return sms.InvalidField("cidr", "%s", err)
	}
	return c.changeList(w, r, p, listChange{"allow-list remove", p.T("%s is off the list.", settings.Shown(prefix)), func(l *sms.AllowList) {
		l.Entries = slices.DeleteFunc(slices.Clone(l.Entries), func(e sms.AllowEntry) bool { return e.Prefix == prefix })
	}})
}

// switchAllowList has the list decide, or not.
func (c *Console) switchAllowList(w http.ResponseWriter, r *http.Request, p *page) error {
	if r.PostFormValue("to") == "off" {
		return c.changeList(w, r, p, listChange{"allow-list off", p.T("The list is off: every address gets in with right credentials."), func(l *sms.AllowList) { l.Enabled = false }})
	}
	return c.changeList(w, r, p, listChange{"allow-list on", p.T("The list is on: other addresses are refused with 403 from now on."), func(l *sms.AllowList) { l.Enabled = true }})
}

// listChange is a change of the list, as the audit log and the person read it.
type listChange struct {
	action, done string
	apply        func(*sms.AllowList)
}

// changeList changes the list. What would shut out the one who asks is done when they have said so.
func (c *Console) changeList(w http.ResponseWriter, r *http.Request, p *page, change listChange) error {
	after := p.account.AllowList
	change.apply(&after)
	if r.PostFormValue("force") != "yes" && !auth.Permits(after, p.from) && auth.Permits(p.account.AllowList, p.from) {
		return c.warn(w, r, p, after)
	}
	if _, err := c.parts.Settings.ChangeAllowList(r.Context(), p.by(), change.action, p.account, change.apply); err != nil {
		return err
	}
	return p.done(w, r, securityPath, change.done)
}

// warn asks before the list shuts out the address from which it is changed: 409, with the same form to be confirmed.
func (c *Console) warn(w http.ResponseWriter, r *http.Request, p *page, after sms.AllowList) error {
	form, err := postForm(r)
	if err != nil {
		return err
	}
	view := templates.ShutOutView{From: p.from.String(), Path: r.URL.Path, Nobody: len(after.Entries) == 0, Fields: oneEach(form)}
	return p.render(w, http.StatusConflict, templates.ShutOut(p.frame, view))
}

func oneEach(form url.Values) map[string]string {
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	return fields
}

const auditOnPage = 50

// audit shows what was done to the account.
func (c *Console) audit(w http.ResponseWriter, r *http.Request, p *page) error {
	cursor := r.URL.Query().Get("before")
	lines, next, err := c.parts.Settings.Audit(r.Context(), p.account, cursor, auditOnPage)
	if err != nil {
		return err
	}
	view := templates.AuditView{Lines: lines}
	if cursor != "" {
		view.First = "/settings/audit"
	}
	if next != "" {
		view.Older = "/settings/audit?before=" + url.QueryEscape(next)
	}
	return p.render(w, http.StatusOK, templates.Audit(p.frame, view))
}
