package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

var accountRoutes = []route{
	{http.MethodGet, "/operator/accounts", operate, (*Console).accounts},
	{http.MethodPost, "/operator/accounts", operate, (*Console).createAccount},
	{http.MethodGet, "/operator/accounts/{name}", operate, (*Console).account},
	{http.MethodPost, "/operator/accounts/{name}/credit", operate, (*Console).adjustCredit},
	{http.MethodPost, "/operator/accounts/{name}/plan", operate, (*Console).changePlan},
	{http.MethodPost, "/operator/accounts/{name}/settings", operate, (*Console).changeSettings},
	{http.MethodPost, "/operator/accounts/{name}/password", operate, (*Console).newAccountPassword},
	{http.MethodPost, "/operator/accounts/{name}/suspend", operate, (*Console).suspendAccount},
	{http.MethodPost, "/operator/accounts/{name}/resume", operate, (*Console).resumeAccount},
}

func (c *Console) accounts(w http.ResponseWriter, r *http.Request, p *page) error {
	return p.showAccounts(w, http.StatusOK, templates.AccountsView{Search: seen(r, "q"), After: seen(r, "after"), Plan: "production"})
}

func (p *page) showAccounts(w http.ResponseWriter, status int, v templates.AccountsView) error {
	page, err := ask(p, admin.FindAccounts, admin.AccountQuery{Search: v.Search, After: v.After})
	if err != nil {
		return err
	}
	for _, a := range page.Accounts {
		v.Accounts = append(v.Accounts, accountLine(a))
	}
	if page.Next != "" {
		v.Next = "/operator/accounts?" + url.Values{"q": {v.Search}, "after": {page.Next}}.Encode()
	}
	return p.render(w, status, templates.Accounts(p.frame, v))
}

func accountLine(a admin.Account) templates.AccountLine {
	return templates.AccountLine{Name: a.Name, ID: int64(a.AccountID), Plan: a.Plan, PerMinute: a.PerMinute, PerSecond: a.PerSecond, Suspended: a.Suspended,
		Created: a.CreatedAt, Credit: a.Credit.Credit, Reserved: a.Reserved, Available: a.Available}
}

func (c *Console) createAccount(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.AccountsView{New: form(r, "name"), Credit: form(r, "credit"), Plan: form(r, "plan")}
	credit, err := readMoney(v.Credit, "credit")
	var made admin.NewAccount
	if err == nil {
		made, err = ask(p, admin.CreateAccount, admin.AccountRequest{Name: v.New, Credit: credit, Plan: v.Plan})
	}
	if err != nil {
		return p.wrong(w, err, func(e templates.Errors) error {
			v.Errors = e
			return p.showAccounts(w, http.StatusUnprocessableEntity, v)
		})
	}
	return p.render(w, http.StatusOK, templates.AccountMade(p.frame, templates.AccountMadeView{Name: made.Name, Key: made.APIKey, Username: made.Username, Password: made.Password}))
}

// readMoney reads an amount with a point or a comma; empty is zero.
func readMoney(text, field string) (sms.Money, error) {
	if text == "" {
		return 0, nil
	}
	money, err := sms.ParseMoney(strings.Replace(text, ",", ".", 1))
	if err != nil {
		return 0, sms.InvalidField(field, "%s", err)
	}
	return money, nil
}

func accountPath(name string) string { return "/operator/accounts/" + url.PathEscape(name) }

func (c *Console) account(w http.ResponseWriter, r *http.Request, p *page) error {
	return p.showAccount(w, http.StatusOK, r.PathValue("name"), nil)
}

// showAccount shows one; change (nil: nothing) puts in what a form said and what is wrong with it.
func (p *page) showAccount(w http.ResponseWriter, status int, name string, change func(*templates.AccountView)) error {
	a, err := ask(p, admin.ShowAccount, admin.Named{Account: name})
	if err != nil {
		return err
	}
	v := templates.AccountView{AccountLine: accountLine(a), Settings: settingsOf(a.Settings), Errors: templates.Errors{}}
	if change != nil {
		change(&v)
	}
	return p.render(w, status, templates.Account(p.frame, v))
}

// again shows the account with what is wrong with a form.
func (p *page) accountWrong(w http.ResponseWriter, name string, err error, change func(*templates.AccountView)) error {
	return p.wrong(w, err, func(e templates.Errors) error {
		return p.showAccount(w, http.StatusUnprocessableEntity, name, func(v *templates.AccountView) {
			v.Errors = e
			if change != nil {
				change(v)
			}
		})
	})
}

func (c *Console) adjustCredit(w http.ResponseWriter, r *http.Request, p *page) error {
	name, text := r.PathValue("name"), form(r, "amount")
	amount, err := readMoney(text, "amount")
	if form(r, "direction") == "take" {
		amount = -amount
	}
	if err == nil && (strings.HasPrefix(text, "-") || amount == 0) {
		err = sms.InvalidField("amount", "must be more than 0")
	}
	var after admin.Credit
	if err == nil {
		after, err = ask(p, admin.AdjustCredit, admin.CreditRequest{Account: name, Amount: amount})
	}
	if err != nil {
		return p.accountWrong(w, name, err, func(v *templates.AccountView) { v.Amount, v.Direction = text, form(r, "direction") })
	}
	return p.done(w, r, accountPath(name), p.T("The credit is %s now.", p.frame.Money(after.Credit)))
}

func (c *Console) changePlan(w http.ResponseWriter, r *http.Request, p *page) error {
	name, plan := r.PathValue("name"), form(r, "plan")
	pairs := []string{"plan=" + plan}
	if plan == "custom" {
		pairs = []string{"per-minute=" + form(r, "per-minute"), "per-second=" + form(r, "per-second")}
	}
	if err := tell(p, admin.SetAccount, admin.SetRequest{Account: name, Pairs: pairs}); err != nil {
		return p.accountWrong(w, name, err, func(v *templates.AccountView) { v.Plan = plan })
	}
	return p.done(w, r, accountPath(name), p.T("The plan is changed."))
}

// changeSettings sends what differs from how it is, so that the audit log names that only.
func (c *Console) changeSettings(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	before, err := ask(p, admin.ShowAccount, admin.Named{Account: name})
	if err != nil {
		return err
	}
	settings := settingsOf(before.Settings)
	var pairs []string
	for i, s := range settings {
		if value := form(r, s.Key); value != s.Value {
			pairs = append(pairs, s.Key+"="+value)
			settings[i].Value = value
		}
	}
	if len(pairs) == 0 {
		return p.done(w, r, accountPath(name), p.T("Nothing was changed."))
	}
	if err := tell(p, admin.SetAccount, admin.SetRequest{Account: name, Pairs: pairs}); err != nil {
		return p.accountWrong(w, name, err, func(v *templates.AccountView) { v.Settings = settings })
	}
	return p.done(w, r, accountPath(name), p.T("The settings are changed."))
}

func (c *Console) newAccountPassword(w http.ResponseWriter, r *http.Request, p *page) error {
	operation := admin.NewPassword
	if form(r, "kind") == "smpp" {
		operation = admin.NewSMPPPassword
	}
	login, err := ask(p, operation, admin.Named{Account: r.PathValue("name")})
	if err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.AccountMade(p.frame,
		templates.AccountMadeView{Name: r.PathValue("name"), Username: login.Username, Password: login.Password, Again: true}))
}

func (c *Console) suspendAccount(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	if form(r, "confirm") != name {
		return p.accountWrong(w, name, sms.InvalidField("confirm", "must be the name of the account"), nil)
	}
	if err := tell(p, admin.SuspendAccount, admin.Named{Account: name}); err != nil {
		return err
	}
	return p.done(w, r, accountPath(name), p.T("The account is suspended: what it asks for is refused."))
}

func (c *Console) resumeAccount(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	if err := tell(p, admin.ResumeAccount, admin.Named{Account: name}); err != nil {
		return err
	}
	return p.done(w, r, accountPath(name), p.T("The account is active again."))
}
