package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/sms"
)

// OptOuts is who does not want messages, and what words mean.
type OptOuts interface {
	List(ctx context.Context, account *sms.Account, q optout.Query) (list []sms.OptOut, next string, err error)
	Add(ctx context.Context, by optout.By, account *sms.Account, number, sender string) (o sms.OptOut, added bool, err error)
	Remove(ctx context.Context, by optout.By, account *sms.Account, number, sender string) error
	Import(ctx context.Context, by optout.By, account *sms.Account, from io.Reader) (optout.Imported, error)
	Export(ctx context.Context, account *sms.Account, q optout.Query, to io.Writer) error
	OptOutWords
}

// OptOutWords is what words mean, and what is answered to them.
type OptOutWords interface {
	Words(ctx context.Context, account *sms.Account) (sms.OptOutSettings, error)
	SetWord(ctx context.Context, by optout.By, account *sms.Account, rule sms.OptOutRule) error
	SetReply(ctx context.Context, by optout.By, account *sms.Account, r sms.OptOutReply) error
}

var optOutRoutes = []route{
	{http.MethodGet, "/settings/opt-outs", look, (*Console).optOuts},
	{http.MethodGet, "/settings/opt-outs/export", look, (*Console).exportOptOuts},
	{http.MethodPost, "/settings/opt-outs", changeOptOut, (*Console).addOptOut},
	{http.MethodPost, "/settings/opt-outs/remove", changeOptOut, (*Console).removeOptOut},
	{http.MethodPost, "/settings/opt-outs/import", changeOptOut, (*Console).importOptOuts},
	{http.MethodGet, "/settings/opt-outs/words", look, (*Console).optOutWords},
	{http.MethodPost, "/settings/opt-outs/words", develop, (*Console).setOptOutWord},
	{http.MethodPost, "/settings/opt-outs/replies", develop, (*Console).setOptOutReply},
}

const (
	optOutsPath   = "/settings/opt-outs"
	optOutsOnPage = 100
)

func (p *page) optOutBy(source string) optout.By {
	return optout.By{Actor: p.session.Actor(), Source: source}
}

func (c *Console) optOuts(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showOptOuts(w, r, p, templates.OptOutsView{})
}

// showOptOuts completes the view with what the query asks for. What is wrong with the query is said, and all is shown.
func (c *Console) showOptOuts(w http.ResponseWriter, r *http.Request, p *page, view templates.OptOutsView) error {
	q := optout.Query{Number: strings.TrimSpace(r.URL.Query().Get("number")), Sender: strings.TrimSpace(r.URL.Query().Get("sender")),
		Cursor: r.URL.Query().Get("after"), Limit: optOutsOnPage}
	view.SearchNumber, view.SearchSender, view.MayChange, view.MayDevelop = q.Number, q.Sender, p.may(changeOptOut), p.may(develop)
	list, next, err := c.parts.OptOuts.List(r.Context(), p.account, q)
	if wrong := p.fields(err); wrong != nil && view.Errors == nil {
		view.Errors = templates.Errors{"search-number": wrong["number"], "search-sender": wrong["sender"], "search": wrong["cursor"]}
		list, next, err = c.parts.OptOuts.List(r.Context(), p.account, optout.Query{Limit: optOutsOnPage})
	}
	if err != nil {
		return err
	}
	for _, o := range list {
		view.List = append(view.List, templates.OptOutRow{Number: o.Number.String(), Sender: o.Sender, Allowed: o.Allowed, Source: o.Source, At: o.At})
	}
	if q.Cursor != "" {
		view.First = optOutQuery(q, "")
	}
	if next != "" {
		view.Next = optOutQuery(q, next)
	}
	return p.render(w, formStatus(view.Errors), templates.OptOuts(p.frame, view))
}

func optOutQuery(q optout.Query, cursor string) string {
	query := url.Values{}
	for _, f := range []struct{ name, value string }{{"number", q.Number}, {"sender", q.Sender}, {"after", cursor}} {
		if f.value != "" {
			query.Set(f.name, f.value)
		}
	}
	if len(query) == 0 {
		return optOutsPath
	}
	return optOutsPath + "?" + query.Encode()
}

func (c *Console) addOptOut(w http.ResponseWriter, r *http.Request, p *page) error {
	number, sender := strings.TrimSpace(r.PostFormValue("number")), strings.TrimSpace(r.PostFormValue("sender"))
	o, added, err := c.parts.OptOuts.Add(r.Context(), p.optOutBy("console"), p.account, number, sender)
	switch {
	case err == nil && added:
		return p.done(w, r, optOutsPath, p.T("%s gets no more messages.", o.Number.String()))
	case err == nil:
		return p.done(w, r, optOutsPath, p.T("%s had opted out already.", o.Number.String()))
	}
	wrong := p.fields(err)
	if wrong == nil {
		return err
	}
	return c.showOptOuts(w, r, p, templates.OptOutsView{Number: number, Sender: sender, Errors: wrong})
}

func (c *Console) removeOptOut(w http.ResponseWriter, r *http.Request, p *page) error {
	number := r.PostFormValue("number")
	if err := c.parts.OptOuts.Remove(r.Context(), p.optOutBy("console"), p.account, number, r.PostFormValue("sender")); err != nil {
		return err
	}
	return p.done(w, r, optOutsPath, p.T("%s can get messages again.", number))
}

// importOptOuts reads an uploaded CSV file as it comes.
func (c *Console) importOptOuts(w http.ResponseWriter, r *http.Request, p *page) error {
	missing := templates.OptOutsView{Errors: templates.Errors{"file": p.T("Choose a CSV file.")}}
	parts, err := r.MultipartReader()
	if err != nil {
		return c.showOptOuts(w, r, p, missing)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return c.showOptOuts(w, r, p, missing)
		}
		if err != nil {
			return err
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return c.showOptOuts(w, r, p, missing)
		}
		return c.importFrom(w, r, p, part)
	}
}

func (c *Console) importFrom(w http.ResponseWriter, r *http.Request, p *page, file io.Reader) error {
	done, err := c.parts.OptOuts.Import(r.Context(), p.optOutBy("import"), p.account, file)
	if err != nil {
		if sms.CodeOf(err) != sms.Invalid {
			return err
		}
		return c.showOptOuts(w, r, p, templates.OptOutsView{Errors: templates.Errors{"file": p.fields(err)["$"]}})
	}
	if done.Failed == 0 {
		return p.done(w, r, optOutsPath, p.T("Imported: %[1]s new, %[2]s known already.", p.frame.Number(done.Added), p.frame.Number(done.Known)))
	}
	view := templates.ImportView{Added: done.Added, Known: done.Known, Failed: done.Failed}
	for _, wrong := range done.Wrong {
		view.Wrong = append(view.Wrong, templates.WrongLine{Line: wrong.Line, Text: wrong.Message})
	}
	return p.render(w, http.StatusOK, templates.OptOutsImported(p.frame, view))
}

// exportOptOuts writes all of them as CSV, as they are read.
func (c *Console) exportOptOuts(w http.ResponseWriter, r *http.Request, p *page) error {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="opt-outs-`+time.Now().UTC().Format(time.DateOnly)+`.csv"`)
	begun := &begunWriter{to: w}
	err := c.parts.OptOuts.Export(r.Context(), p.account, optout.Query{}, begun)
	if err != nil && begun.wrote {
		panic(http.ErrAbortHandler) // the file must not look whole
	}
	return err
}

// begunWriter knows whether anything was written.
type begunWriter struct {
	to    io.Writer
	wrote bool
}

func (b *begunWriter) Write(octets []byte) (int, error) {
	b.wrote = true
	return b.to.Write(octets)
}

func (c *Console) optOutWords(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showWords(w, r, p, templates.WordsView{})
}

func (c *Console) showWords(w http.ResponseWriter, r *http.Request, p *page, view templates.WordsView) error {
	all, err := c.parts.OptOuts.Words(r.Context(), p.account)
	if err != nil {
		return err
	}
	view.Words, view.Replies, view.Aliases, view.MayDevelop = all.Words, all.Replies, all.Aliases, p.may(develop)
	return p.render(w, formStatus(view.Errors), templates.OptOutWords(p.frame, view))
}

// setOptOutWord gives a word a meaning; the empty one is that from before anybody said anything.
func (c *Console) setOptOutWord(w http.ResponseWriter, r *http.Request, p *page) error {
	rule := sms.OptOutRule{Word: strings.TrimSpace(r.PostFormValue("word")), Number: strings.TrimSpace(r.PostFormValue("number")),
		Action: sms.OptOutAction(r.PostFormValue("action")), Language: strings.TrimSpace(r.PostFormValue("language"))}
	err := c.parts.OptOuts.SetWord(r.Context(), p.optOutBy("console"), p.account, rule)
	if err == nil {
		return p.done(w, r, optOutsPath+"/words", p.T("The word %s is set.", strconv.Quote(rule.Word)))
	}
	if wrong := p.fields(err); wrong != nil {
		return c.showWords(w, r, p, templates.WordsView{Word: rule, Errors: wrong})
	}
	return err
}

// setOptOutReply says what is answered; an empty text: nothing.
func (c *Console) setOptOutReply(w http.ResponseWriter, r *http.Request, p *page) error {
	reply := sms.OptOutReply{Action: sms.OptOutAction(r.PostFormValue("reply-action")), Language: strings.TrimSpace(r.PostFormValue("reply-language")),
		Text: strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n"))}
	err := c.parts.OptOuts.SetReply(r.Context(), p.optOutBy("console"), p.account, reply)
	if err == nil && reply.Text == "" {
		return p.done(w, r, optOutsPath+"/words", p.T("The answer is removed."))
	}
	if err == nil {
		return p.done(w, r, optOutsPath+"/words", p.T("The answer is set."))
	}
	if wrong := p.fields(err); wrong != nil {
		return c.showWords(w, r, p, templates.WordsView{Reply: reply, Errors: templates.Errors{"reply-action": wrong["action"],
			"reply-language": wrong["language"], "text": wrong["text"]}})
	}
	return err
}
