package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/status"
)

// inbound answers what handsets wrote to the account, or with htmx what is found alone.
func (c *Console) inbound(w http.ResponseWriter, r *http.Request, p *page) error {
	query := r.URL.Query()
	view := templates.InboundView{Number: strings.TrimSpace(query.Get("number")), Text: query.Get("text")}
	q := status.InboundSearch{Number: view.Number, Text: view.Text, Limit: messagesOnPage, Cursor: query.Get("before")}
	if after := query.Get("after"); after != "" {
		q.Cursor, q.Newer = after, true
	}
	code := http.StatusOK
	err := c.findInbound(p, &view, q)
	if err != nil {
		if view.Errors = p.fields(err); view.Errors == nil {
			return err
		}
		code = http.StatusUnprocessableEntity
	}
	if p.partial() {
		w.Header().Set("Hx-Replace-Url", withQuery("/inbound", inboundQuery(view)))
		return p.render(w, code, templates.InboundFound(p.frame, view))
	}
	return p.render(w, code, templates.Inbound(p.frame, view))
}

func (c *Console) findInbound(p *page, view *templates.InboundView, q status.InboundSearch) error {
	ctx, cancel := p.context()
	defer cancel()
	found, err := c.parts.Messages.Inbound(ctx, p.account.ID, q)
	if err != nil {
		return err
	}
	view.Looked, view.Forward = found.Looked, q.Newer
	view.Newer, view.Older = neighbours("/inbound", inboundQuery(*view), found.Newer, found.Older)
	for _, h := range found.Hits {
		view.Rows = append(view.Rows, h.Message)
	}
	return nil
}

func inboundQuery(v templates.InboundView) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"number": v.Number, "text": v.Text} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}
