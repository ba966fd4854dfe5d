package templates

import (
	"time"

	"github.com/a-h/templ"
)

// OverviewView is how it goes today, for one account or for all.
type OverviewView struct {
	Operator bool
	MaySend  bool
	Today    time.Time
	Steps    []StepView // empty: the account sends
	Problems []TroubleView
	Figures  []FigureView
	Hours    BarsView
	Days     BarsView
	Carriers []ShareRow
	Accounts []ShareRow
}

// StepView is one of the first steps of an account.
type StepView struct {
	Title, Text string
	Path        string // empty: somebody else does it
	Done        bool
}

// TroubleView is one problem, and the way to mend it.
type TroubleView struct {
	Kind, Badge string // "bad" or "warn", and its word
	Text, Mend  string
	Detail      string // what the other side said, in its words
	Path, Link  string // where to mend it; empty: not here
	Since       time.Time
}

// FigureView is one number.
type FigureView struct{ Name, Value, Below string }

// ShareRow is one row of a table with a small bar of what became of its messages.
type ShareRow struct {
	Name, Path                               string
	Accepted, Delivered, Sent, Waiting, Lost int64
	Rate, Median                             string
}

// LivePart is a part of a page that is sent again when it has changed. Its id is that of the element around it.
type LivePart struct {
	ID      string
	Content templ.Component
}

// Parts are those of the overview, in their order.
func (v OverviewView) Parts(f *Frame) []LivePart {
	parts := []LivePart{{"live-problems", overviewProblems(f, v)}}
	if !v.Operator {
		parts = append(parts, LivePart{"live-steps", overviewSteps(f, v)})
	}
	if len(v.Steps) > 0 { // empty charts would say nothing
		return append(parts, LivePart{"live-figures", overviewFigures(v)}, LivePart{"live-hours", templ.NopComponent},
			LivePart{"live-days", templ.NopComponent}, LivePart{"live-carriers", templ.NopComponent})
	}
	parts = append(parts, LivePart{"live-figures", overviewFigures(v)}, LivePart{"live-hours", overviewChart(f, v.Hours)},
		LivePart{"live-days", overviewChart(f, v.Days)},
		LivePart{"live-carriers", overviewShares(f, f.T("Today by carrier"), f.T("Carrier"), f.T("Nothing was accepted today."), v.Carriers)})
	if v.Operator {
		parts = append(parts, LivePart{"live-accounts", overviewShares(f, f.T("Today by account"), f.T("Account"), f.T("Nothing was accepted today."), v.Accounts)})
	}
	return parts
}

func (v OverviewView) title(f *Frame) string {
	if v.Operator {
		return f.T("Platform overview")
	}
	return f.T("Overview")
}

func (v OverviewView) events() string {
	if v.Operator {
		return "/operator/events"
	}
	return "/overview/events"
}

// lead says which day is meant.
func (v OverviewView) lead(f *Frame) string {
	return f.T("Today is %s, in the zone %s.", f.Date(v.Today), f.Zone.String())
}

// pieces are the bar of a row, in hundredths of its width.
func (r ShareRow) pieces() (all []box) {
	whole, x := float64(max(1, r.Delivered+r.Sent+r.Waiting+r.Lost)), 0.0
	for _, piece := range []struct {
		kind  string
		count int64
	}{{"good", r.Delivered}, {"busy", r.Sent}, {"warn", r.Waiting}, {"bad", r.Lost}} {
		width := float64(piece.count) / whole * 100
		if piece.count > 0 {
			all = append(all, box{Kind: piece.kind, X: decimal(x), Width: decimal(width)})
		}
		x += width
	}
	return all
}
