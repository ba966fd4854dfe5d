package console

import "net/http"

var signInRoutes = []route{
	{http.MethodPost, "/logout", yourself, (*Console).logout},
	{http.MethodPost, "/operator/act", operate, (*Console).actAs},
	{http.MethodPost, "/operator/act/stop", operate, (*Console).stopActing},
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Sessions.Logout(r.Context(), p.session); err != nil {
		return err
	}
	dropCookie(w, sessionCookie)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return p.done(w, r, "/login", p.T("Signed out."))
}

// actAs lets an operator work in an account with an owner's rights; the audit log has it.
func (c *Console) actAs(w http.ResponseWriter, r *http.Request, p *page) error {
	account, ok := c.parts.Directory.AccountNamed(r.PostFormValue("account"))
	if !ok {
		return errNoAccount
	}
	if err := c.parts.Sessions.ActAs(r.Context(), p.session, account.ID); err != nil {
		return err
	}
	return p.done(w, r, "/", p.T("You work in the account %s now.", account.Name))
}

func (c *Console) stopActing(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.parts.Sessions.ActAs(r.Context(), p.session, 0); err != nil {
		return err
	}
	return p.done(w, r, "/operator/accounts", p.T("You have left the account."))
}
