package console

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// Messages finds messages and tells what happened to them; account 0 is all accounts.
type Messages interface {
	Search(ctx context.Context, account sms.AccountID, q status.Search) (status.Found, error)
	Story(ctx context.Context, account sms.AccountID, id string) (*status.Story, error)
	Inbound(ctx context.Context, account sms.AccountID, q status.InboundSearch) (status.InboundFound, error)
}

// Streams writes what a search finds as CSV. begin is called once it is sure that there will be a file.
type Streams interface {
	Write(ctx context.Context, actor string, account sms.AccountID, q status.Search, begin func() io.Writer) error
}

var messagesRoutes = []route{
	{http.MethodGet, "/messages", look, (*Console).messages},
	{http.MethodGet, "/messages/export", look, (*Console).exportMessages},
	{http.MethodGet, "/messages/{id}", look, (*Console).message},
	{http.MethodPost, "/messages/{id}/cancel", send, (*Console).cancelMessage},
	{http.MethodPost, "/messages/{id}/reschedule", send, (*Console).rescheduleMessage},
	{http.MethodGet, "/inbound", look, (*Console).inbound},
	{http.MethodGet, "/operator/messages", operate, (*Console).messages},
	{http.MethodGet, "/operator/messages/export", operate, (*Console).exportMessages},
	{http.MethodGet, "/operator/messages/{id}", operate, (*Console).message},
}

// messagesOnPage is how many a list shows at once.
const messagesOnPage = 50

// scope is whose messages a page is about: those of the session's account or, on operators' pages, of all.
type scope struct {
	account sms.AccountID // zero: all
	path    string        // of the list
}

func (p *page) scope() scope {
	if p.route.needs == operate {
		return scope{0, "/operator/messages"}
	}
	return scope{p.account.ID, "/messages"}
}

// messages answers the list, or with htmx what is found alone.
func (c *Console) messages(w http.ResponseWriter, r *http.Request, p *page) error {
	of, form := p.scope(), messageForm(r.URL.Query())
	view := templates.MessagesView{Path: of.path, Operator: of.account == 0, Partial: p.partial(), Form: form,
		Export: withQuery(of.path+"/export", formQuery(form))}
	q, err := p.search(form)
	if err == nil {
		q.Cursor, q.Newer = r.URL.Query().Get("before"), false
		if after := r.URL.Query().Get("after"); after != "" {
			q.Cursor, q.Newer = after, true
		}
		err = c.find(p, &view, of, q)
	}
	status := http.StatusOK
	if err != nil {
		if view.Errors = p.fields(err); view.Errors == nil {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	if p.partial() {
		w.Header().Set("Hx-Replace-Url", withQuery(of.path, formQuery(form)))
		return p.render(w, status, templates.MessagesFound(p.frame, view))
	}
	return p.render(w, status, templates.Messages(p.frame, view))
}

// find puts a page of a search into the view.
func (c *Console) find(p *page, view *templates.MessagesView, of scope, q status.Search) error {
	ctx, cancel := p.context()
	defer cancel()
	found, err := c.parts.Messages.Search(ctx, of.account, q)
	if err != nil {
		return err
	}
	view.Looked, view.Forward = found.Looked, q.Newer
	view.Newer, view.Older = neighbours(of.path, formQuery(view.Form), found.Newer, found.Older)
	for _, h := range found.Hits {
		row := templates.MessageRow{Path: of.path + "/" + h.Status.MessageID, Record: h.Record, Price: h.Status.Price}
		if of.account == 0 {
			row.Account = c.accountName(h.Record.Message.Account)
		}
		view.Rows = append(view.Rows, row)
	}
	return nil
}

func (c *Console) accountName(id sms.AccountID) string {
	if account, ok := c.parts.Directory.Account(id); ok {
		return account.Name
	}
	return ""
}

// neighbours are the paths of the pages beside one; empty: there is none.
func neighbours(path string, query url.Values, newer, older string) (newerPath, olderPath string) {
	if newer != "" {
		query.Set("after", newer)
		newerPath = withQuery(path, query)
		query.Del("after")
	}
	if older != "" {
		query.Set("before", older)
		olderPath = withQuery(path, query)
	}
	return newerPath, olderPath
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func messageForm(q url.Values) templates.MessageForm {
	field := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return templates.MessageForm{Number: field("number"), Text: q.Get("text"), Status: field("status"), Sender: field("sender"),
		Campaign: field("campaign"), ID: field("id"), From: field("from"), To: field("to")}
}

// formQuery is a form as it stands in a path: what is empty is left out.
func formQuery(m templates.MessageForm) url.Values {
	query := url.Values{}
	for _, f := range []struct{ name, value string }{{"number", m.Number}, {"text", m.Text}, {"status", m.Status}, {"sender", m.Sender},
		{"campaign", m.Campaign}, {"id", m.ID}, {"from", m.From}, {"to", m.To}} {
		if f.value != "" {
			query.Set(f.name, f.value)
		}
	}
	return query
}

// search is what a form asks for. Its moments are of the viewer's zone, to the minute: the last one is included.
func (p *page) search(m templates.MessageForm) (q status.Search, err error) {
	q = status.Search{Number: m.Number, Text: m.Text, Status: m.Status, Sender: m.Sender, Campaign: m.Campaign, ID: m.ID, Limit: messagesOnPage}
	if q.From, err = p.moment("from", m.From); err != nil {
		return q, err
	}
	if q.To, err = p.moment("to", m.To); err == nil && !q.To.IsZero() {
		q.To = q.To.Add(time.Minute - time.Millisecond)
	}
	return q, err
}

// The forms of <input type="datetime-local">.
const (
	localForm        = "2006-01-02T15:04"
	localFormSeconds = "2006-01-02T15:04:05"
)

// moment reads a moment in the viewer's zone; empty: the zero time.
func (p *page) moment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{localForm, localFormSeconds} {
		if at, err := time.ParseInLocation(form, text, p.frame.Zone); err == nil && at.Year() >= 1970 && at.Year() <= 2200 {
			return at, nil
		}
	}
	return time.Time{}, sms.InvalidField(field, "must be a date and a time")
}

// exportMessages writes what a search finds as a file. Where it fails half way, the connection breaks, so that nobody
// takes the file for whole.
func (c *Console) exportMessages(w http.ResponseWriter, r *http.Request, p *page) error {
	q, err := p.search(messageForm(r.URL.Query()))
	if err != nil {
		return err
	}
	begun := false
	err = c.parts.Streams.Write(r.Context(), p.session.Actor(), p.scope().account, q, func() io.Writer {
		begun = true
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="messages-`+time.Now().In(p.frame.Zone).Format("20060102-150405")+`.csv"`)
		return patient{w, http.NewResponseController(w)}
	})
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// patient gives a browser time for each piece of a file, not for all of it.
type patient struct {
	to         io.Writer
	connection *http.ResponseController
}

const pieceTimeout = time.Minute

// Write writes a piece and sends it.
func (p patient) Write(piece []byte) (int, error) {
	_ = p.connection.SetWriteDeadline(time.Now().Add(pieceTimeout)) // not every writer of a test has one
	n, err := p.to.Write(piece)
	if err == nil {
		_ = p.connection.Flush() // likewise
	}
	return n, err
}
