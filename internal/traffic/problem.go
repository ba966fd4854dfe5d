package traffic

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Severity says how urgent a problem is.
type Severity int

// The severities, the worst first.
const (
	Bad  Severity = iota + 1 // messages or events do not arrive, or are about not to
	Warn                     // it will be bad unless somebody does something
)

// Kind is what is wrong. Each says which fields of Problem it uses beside Severity and Since.
type Kind string

// The kinds.
const (
	CarrierDown      Kind = "carrier down"       // Subject: the carrier; Detail: why, for operators
	CarrierPartly    Kind = "carrier partly"     // Subject; Count sessions of Limit are bound; Detail
	CarrierRefuses   Kind = "carrier refuses"    // Subject; Detail: it does not accept the credentials
	CarrierBroken    Kind = "carrier broken"     // Subject; Detail: its address cannot be used
	CarrierThrottles Kind = "carrier throttles"  // Subject; Limit: parts a second that it takes
	NoCarrier        Kind = "no carrier"         // nothing can leave: there is none
	WebhookFails     Kind = "webhook fails"      // Subject: its URL
	WebhookOff       Kind = "webhook off"        // Subject: its URL; it was switched off after failing for days
	CreditLow        Kind = "credit low"         // Amount is available; Use: what an average day takes
	CreditGone       Kind = "credit gone"        // Amount is available; Count messages were refused today
	Waiting          Kind = "messages wait"      // Count messages since Since; Subject: the carrier
	KeyExpires       Kind = "key expires"        // Subject: its name; Until: when
	Suspended        Kind = "suspended"          // the account
	CallersRefused   Kind = "callers refused"    // Count times, last from Subject, at Until
	BacklogNearLimit Kind = "backlog near limit" // Count messages wait of Limit
	BacklogFull      Kind = "backlog full"       // likewise; new ones are refused
)

// Problem is one thing that somebody should know of.
type Problem struct {
	Severity Severity
	Kind     Kind
	Account  string // whose it is, of the problems of the platform; empty: nobody's alone
	Subject  string
	Detail   string
	Since    time.Time // zero: it is not known
	Until    time.Time
	Count    int64
	Limit    int64
	Amount   sms.Money
	Use      sms.Money
}

const (
	usedDays      = 7
	patience      = 10 * time.Minute // that messages may wait for a carrier
	worrying      = time.Hour        // after which it is bad
	failingAfter  = 2 * time.Minute  // a webhook that fails once is tried again
	startGrace    = 20 * time.Second // that a carrier may take to bind
	expiresWithin = 7 * 24 * time.Hour
	manyRefused   = 10
	fewMoney      = sms.Euro
	cent          = sms.Euro / 100
	shownProblems = 50
)

// Problems are what is wrong now with an account, or with the platform, the worst first. None means that all is well.
func (r *Reader) Problems(ctx context.Context, account sms.AccountID) (found []Problem, err error) {
	looks := []func(context.Context) ([]Problem, error){r.carriers, r.accounts, r.backlog}
	if account != AllAccounts {
		whose, ok := r.parts.Directory.Account(account)
		if !ok {
			return nil, sms.Errorf(sms.NotFound, "there is no such account")
		}
		looks = r.ofAccount(whose)
	}
	looks = append(looks, func(ctx context.Context) ([]Problem, error) { return r.webhooks(ctx, account) },
		func(ctx context.Context) ([]Problem, error) { return r.waiting(ctx, account) })
	for _, look := range looks {
		problems, err := look(ctx)
		if err != nil {
			return nil, err
		}
		found = append(found, problems...)
	}
	slices.SortStableFunc(found, func(a, b Problem) int { return cmp.Compare(a.Severity, b.Severity) })
	return found[:min(len(found), shownProblems)], nil
}

// ofAccount are the looks at what concerns one account alone.
func (r *Reader) ofAccount(whose *sms.Account) []func(context.Context) ([]Problem, error) {
	return []func(context.Context) ([]Problem, error){
		func(context.Context) ([]Problem, error) {
			if !whose.Suspended {
				return nil, nil
			}
			return []Problem{{Severity: Bad, Kind: Suspended, Subject: whose.Name}}, nil
		},
		func(ctx context.Context) ([]Problem, error) { return r.credit(ctx, whose.ID) },
		func(ctx context.Context) ([]Problem, error) { return r.keys(ctx, whose.ID) },
		func(ctx context.Context) ([]Problem, error) { return r.refusals(ctx, whose.ID) },
		func(context.Context) ([]Problem, error) {
			if r.parts.MaxBacklog == 0 || r.parts.Store.Backlog() < r.parts.MaxBacklog {
				return nil, nil
			}
			return []Problem{{Severity: Bad, Kind: BacklogFull}}, nil
		},
	}
}

// carriers are those that do not do what they should.
func (r *Reader) carriers(context.Context) (found []Problem, err error) {
	states := r.parts.Carriers()
	if len(states) == 0 {
		return []Problem{{Severity: Bad, Kind: NoCarrier}}, nil
	}
	for _, c := range states {
		p := Problem{Severity: Bad, Subject: c.Name, Since: c.Since, Detail: c.LastError}
		switch fresh := r.now().Sub(c.Since) < startGrace; {
		case c.Off:
			continue
		case c.Refused && c.Bound < max(1, c.Sessions):
			p.Kind = CarrierRefuses
		case c.Sessions == 0 && c.LastError != "":
			p.Kind = CarrierBroken
		case c.Bound == 0 && !fresh:
			p.Kind = CarrierDown
		case c.Bound < c.Sessions && !fresh:
			p.Severity, p.Kind, p.Count, p.Limit = Warn, CarrierPartly, int64(c.Bound), int64(c.Sessions)
		case c.Slowed:
			p = Problem{Severity: Warn, Kind: CarrierThrottles, Subject: c.Name, Limit: int64(c.Limit)}
		default:
			continue
		}
		found = append(found, p)
	}
	return found, nil
}

// accounts are those whose credit ends.
func (r *Reader) accounts(ctx context.Context) (found []Problem, err error) {
	use, err := r.use(ctx)
	if err != nil {
		return nil, err
	}
	all, err := r.parts.Store.Accounts(ctx)
	for _, a := range all {
		if a.Suspended {
			continue
		}
		if p, ok := shortOf(a.Available(), use[a.ID].Charged/usedDays, use[a.ID].Refused); ok {
			p.Account = a.Name
			found = append(found, p)
		}
	}
	return found, err
}

// credit is whether that of an account suffices.
func (r *Reader) credit(ctx context.Context, account sms.AccountID) ([]Problem, error) {
	balance, err := r.parts.Store.Balance(ctx, account)
	if err != nil {
		return nil, err
	}
	spent, err := r.parts.Store.Spending(ctx, account, r.now().Add(-usedDays*24*time.Hour), r.now().Add(-24*time.Hour))
	if err != nil || len(spent) == 0 {
		return nil, err
	}
	p, ok := shortOf(balance.Available(), spent[0].Charged/usedDays, spent[0].Refused)
	if !ok {
		return nil, nil
	}
	return []Problem{p}, nil
}

// shortOf is what is wrong with a credit: an account that pays nothing needs none.
func shortOf(available, use sms.Money, refused int64) (Problem, bool) {
	p := Problem{Severity: Bad, Kind: CreditGone, Amount: available, Use: use / cent * cent, Count: refused}
	switch {
	case use == 0 && refused == 0:
		return p, false
	case available <= 0:
		return p, true
	case use > 0 && (available < use || available < fewMoney):
		p.Severity, p.Kind = Warn, CreditLow
		return p, true
	}
	return p, false
}

// keys are those that end soon.
func (r *Reader) keys(ctx context.Context, account sms.AccountID) (found []Problem, err error) {
	keys, err := r.parts.Store.Keys(ctx, account)
	now := r.now()
	for _, k := range keys {
		if k.Revoked.IsZero() && k.Expires.After(now) && k.Expires.Before(now.Add(expiresWithin)) {
			found = append(found, Problem{Severity: Warn, Kind: KeyExpires, Subject: cmp.Or(k.Name, k.ID), Until: k.Expires})
		}
	}
	return found, err
}

// refusals are whether somebody tries in vain to get in.
func (r *Reader) refusals(ctx context.Context, account sms.AccountID) ([]Problem, error) {
	if r.parts.Refusals == nil {
		return nil, nil
	}
	refused, err := r.parts.Refusals(ctx, account, r.now().Add(-24*time.Hour))
	if err != nil || refused.Times < manyRefused {
		return nil, err
	}
	return []Problem{{Severity: Warn, Kind: CallersRefused, Subject: refused.From, Count: refused.Times, Until: refused.Last}}, nil
}

func (r *Reader) backlog(context.Context) ([]Problem, error) {
	waiting, most := r.parts.Store.Backlog(), r.parts.MaxBacklog
	switch {
	case most == 0 || waiting < most-most/5:
		return nil, nil
	case waiting >= most:
		return []Problem{{Severity: Bad, Kind: BacklogFull, Count: waiting, Limit: most}}, nil
	}
	return []Problem{{Severity: Warn, Kind: BacklogNearLimit, Count: waiting, Limit: most}}, nil
}

// webhooks are those to which nothing comes through.
func (r *Reader) webhooks(ctx context.Context, account sms.AccountID) (found []Problem, err error) {
	troubled, err := r.parts.Store.TroubledWebhooks(ctx, account)
	for _, h := range troubled {
		p := Problem{Severity: Bad, Kind: WebhookFails, Subject: h.URL, Since: h.FailingSince}
		if account == AllAccounts {
			if whose, ok := r.parts.Directory.Account(h.Account); ok {
				p.Account = whose.Name
			}
		}
		switch {
		case !h.DisabledAt.IsZero():
			p.Kind, p.Since = WebhookOff, h.DisabledAt
		case r.now().Sub(h.FailingSince) < failingAfter:
			continue
		}
		found = append(found, p)
	}
	return found, err
}
