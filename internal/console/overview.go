package console

import (
	"context"
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/traffic"
)

var overviewRoutes = []route{
	{http.MethodGet, "/{$}", look, (*Console).overview},
	{http.MethodGet, "/overview/events", look, (*Console).overviewEvents},
	{http.MethodGet, "/operator", operate, (*Console).overview},
	{http.MethodGet, "/operator/events", operate, (*Console).overviewEvents},
}

// Overviews says how it goes, for an account or for all (traffic.AllAccounts).
type Overviews interface {
	Overview(ctx context.Context, account sms.AccountID, zone *time.Location) (*traffic.Overview, error)
	Problems(ctx context.Context, account sms.AccountID) ([]traffic.Problem, error)
	Steps(ctx context.Context, account sms.AccountID) (traffic.Steps, error)
}

// overview answers the page of an account, or that of the platform.
func (c *Console) overview(w http.ResponseWriter, _ *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	view, err := p.overviewView(ctx)
	if err != nil {
		return err
	}
	return p.render(w, http.StatusOK, templates.Overview(p.frame, view))
}

// overviewEvents sends the parts of the page again whenever they have changed.
func (c *Console) overviewEvents(w http.ResponseWriter, _ *http.Request, p *page) error {
	return c.stream(w, p, func(ctx context.Context) ([]templates.LivePart, error) {
		view, err := p.overviewView(ctx)
		if err != nil {
			return nil, err
		}
		return view.Parts(p.frame), nil
	})
}

// overviewView is what the page shows now.
func (p *page) overviewView(ctx context.Context) (v templates.OverviewView, err error) {
	of, known := p.scope(), p.console.parts.Overviews
	o, err := known.Overview(ctx, of.account, p.frame.Zone)
	if err != nil {
		return v, err
	}
	problems, err := known.Problems(ctx, of.account)
	if err != nil {
		return v, err
	}
	v = templates.OverviewView{Operator: of.account == traffic.AllAccounts, MaySend: p.may(send) && p.account != nil, Today: o.Days[len(o.Days)-1].Start,
		Figures: p.figures(o), Hours: p.byHour(o), Days: p.byDay(o), Carriers: p.byCarrier(o), Accounts: p.byAccount(o)}
	for _, problem := range problems {
		v.Problems = append(v.Problems, p.problem(problem))
	}
	if v.Operator || sentInDays(o) {
		return v, nil
	}
	steps, err := known.Steps(ctx, of.account)
	if err == nil && !steps.Done() {
		v.Steps = p.steps(steps)
	}
	return v, err
}

func sentInDays(o *traffic.Overview) bool {
	for _, d := range o.Days {
		if d.Accepted+d.Refused > 0 {
			return true
		}
	}
	return false
}

// figures are the numbers on top.
func (p *page) figures(o *traffic.Overview) []templates.FigureView {
	f, rate, median := p.frame, "–", "–"
	if r, ok := o.Today.Rate(); ok {
		rate = f.Percent(r)
	}
	slow := p.T("nothing delivered yet today")
	if o.Median > 0 {
		median, slow = f.Span(o.Median), p.T("95 of 100 within %s", f.Span(o.Slow))
	}
	held := p.T("in their queues")
	if o.Scheduled > 0 {
		held = p.T("and %s held until their date", f.Number(o.Scheduled))
	}
	accepted := p.T("yesterday %s", f.Number(o.Yesterday.Accepted))
	if o.Today.Refused > 0 {
		accepted += " · " + p.T("%s refused", f.Number(o.Today.Refused))
	}
	credit := p.T("Credit")
	if p.scope().account == traffic.AllAccounts {
		credit = p.T("Credit of all accounts")
	}
	return []templates.FigureView{
		{Name: p.T("Accepted today"), Value: f.Number(o.Today.Accepted), Below: accepted},
		{Name: p.T("Delivered messages"), Value: rate, Below: p.T("%s of what has ended today", f.Number(o.Today.Delivered))},
		{Name: p.T("Median time to delivery"), Value: median, Below: slow},
		{Name: p.T("Waiting now"), Value: f.Number(o.Waiting), Below: held},
		{Name: p.T("Spent today"), Value: f.Money(o.Today.Charged), Below: p.T("%s parts", f.Number(o.Today.Parts))},
		{Name: credit, Value: f.Money(o.Balance.Available()), Below: p.T("and %s reserved", f.Money(o.Balance.Reserved))},
	}
}

// stacks are the series of the charts, from the bottom up.
func (p *page) stacks(counts []sms.Traffic) []templates.Series {
	all := []templates.Series{{Name: p.T("Delivered messages"), Kind: "good"}, {Name: p.T("With the carrier"), Kind: "busy"},
		{Name: p.T("Waiting"), Kind: "warn"}, {Name: p.T("Not delivered"), Kind: "bad"}}
	for _, t := range counts {
		for i, n := range []int64{t.Delivered, t.Sent, t.Queued() + t.Scheduled, t.Lost()} {
			all[i].Values = append(all[i].Values, max(0, n))
		}
	}
	return all
}

func (p *page) byHour(o *traffic.Overview) templates.BarsView {
	v := templates.BarsView{Title: p.T("Today by hour"), Unit: p.T("Hour")}
	var counts []sms.Traffic
	before := templates.Series{Name: p.T("Yesterday")}
	for _, h := range o.Hours {
		v.Labels = append(v.Labels, h.Start.Format("15:04"))
		counts = append(counts, h.Today)
		before.Values = append(before.Values, h.Yesterday.Accepted)
	}
	v.Series, v.Before = p.stacks(counts), before
	return v
}

func (p *page) byDay(o *traffic.Overview) templates.BarsView {
	v := templates.BarsView{Title: p.T("The last seven days"), Unit: p.T("Day")}
	var counts []sms.Traffic
	for _, d := range o.Days {
		v.Labels = append(v.Labels, p.frame.Weekday(d.Start))
		counts = append(counts, d.Traffic)
	}
	v.Series = p.stacks(counts)
	return v
}

func (p *page) byCarrier(o *traffic.Overview) (rows []templates.ShareRow) {
	for _, c := range o.Carriers {
		name := c.Name
		if name == "" {
			name = p.T("no longer configured")
		}
		rows = append(rows, p.share(name, "", c.Traffic))
	}
	return rows
}

func (p *page) byAccount(o *traffic.Overview) (rows []templates.ShareRow) {
	for _, a := range o.Accounts {
		rows = append(rows, p.share(a.Name, accountPath(a.Name), a.Traffic))
	}
	return rows
}

// share is one row of a table with its small bar.
func (p *page) share(name, path string, t sms.Traffic) templates.ShareRow {
	row := templates.ShareRow{Name: name, Path: path, Accepted: t.Accepted, Delivered: t.Delivered, Sent: t.Sent,
		Waiting: max(0, t.Queued()+t.Scheduled), Lost: t.Lost(), Rate: "–", Median: "–"}
	if rate, ok := t.Rate(); ok {
		row.Rate = p.frame.Percent(rate)
	}
	if median, ok := t.Quantile(0.5); ok {
		row.Median = p.frame.Span(median)
	}
	return row
}

// steps are the first ones of an account; those that others must do are not links.
func (p *page) steps(done traffic.Steps) []templates.StepView {
	all := []templates.StepView{
		{Title: p.T("Create an API key"), Text: p.T("Programs send with it. People need none."), Path: "/settings/keys", Done: done.Key},
		{Title: p.T("Send a first message"), Text: p.T("The page shows its parts and its price while you write."), Path: "/send", Done: done.Sent},
		{Title: p.T("Set a webhook"), Text: p.T("It hears what becomes of each message. It can wait."), Path: "/settings/webhook", Done: done.Webhook},
	}
	for i, needs := range []action{develop, send, develop} {
		if !p.may(needs) {
			all[i].Path = ""
		}
	}
	return all
}
