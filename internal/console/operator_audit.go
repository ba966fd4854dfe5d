package console

import (
	"net/http"
	"net/url"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
)

// auditRoutes is the page of who did what on the platform.
var auditRoutes = []route{
	{http.MethodGet, "/operator/audit", operate, (*Console).auditLog},
}

// auditPage is how many lines a page of the audit log has.
const auditPage = 50

func (c *Console) auditLog(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.AuditLogView{Account: seen(r, "account"), Actor: seen(r, "actor"), Action: seen(r, "action")}
	found, err := ask(p, admin.ListAudit, admin.AuditQuery{Account: v.Account, Actor: v.Actor, Action: v.Action, Cursor: seen(r, "cursor"), Limit: auditPage})
	if err != nil {
		return err
	}
	for _, line := range found.Lines {
		v.Lines = append(v.Lines, templates.AuditLogLine{At: line.At, Actor: line.Actor, Action: line.Action, Target: line.Target, Detail: line.Detail})
	}
	if found.Next != "" {
		v.Older = "/operator/audit?" + url.Values{"account": {v.Account}, "actor": {v.Actor}, "action": {v.Action}, "cursor": {found.Next}}.Encode()
	}
	if v.Accounts, err = p.accountNames(); err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.AuditLog(p.frame, v))
}
