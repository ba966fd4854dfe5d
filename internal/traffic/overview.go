package traffic

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Overview is the messages that were accepted today and in the days before, as they stand now.
type Overview struct {
	Today, Yesterday sms.Traffic
	Hours            []Hour        // of today, also those to come: 24, or 23 or 25 when the clocks change
	Days             []Day         // the last seven, today the last
	Carriers         []ByCarrier   // of today, the one with most messages first
	Accounts         []ByAccount   // of AllAccounts: those with most messages today
	Waiting          int64         // in their queues now, of what was accepted since the day a week ago
	Scheduled        int64         // held until their dates, likewise
	Balance          sms.Balance   // of the account, or of all
	Median, Slow     time.Duration // times to delivery of today: half, and 95 of 100, were as fast; zero: nothing was delivered
}

// Hour is one hour of today, and the same hour of yesterday.
type Hour struct {
	Start     time.Time
	Today     sms.Traffic
	Yesterday sms.Traffic
}

// Day is one day.
type Day struct {
	Start time.Time
	sms.Traffic
}

// ByCarrier is what stands with one carrier; without ID and name: refused before one was chosen.
type ByCarrier struct {
	ID   sms.CarrierID
	Name string // empty: it is configured no more
	sms.Traffic
}

// ByAccount is what one account sent.
type ByAccount struct {
	ID   sms.AccountID
	Name string
	sms.Traffic
}

const (
	shownDays     = 7
	shownAccounts = 10
)

// Overview is that of an account, or of AllAccounts, for the day of a zone. A day consists of the hours of UTC that begin in it:
// in zones that are half an hour off, it begins half an hour late.
func (r *Reader) Overview(ctx context.Context, account sms.AccountID, zone *time.Location) (*Overview, error) {
	today := dayOf(r.now(), zone)
	days := make([]time.Time, 0, shownDays+1) // from the first to the end of yesterday
	for i := shownDays - 1; i >= 0; i-- {
		days = append(days, dayOf(today.AddDate(0, 0, -i).Add(12*time.Hour), zone))
	}
	next := dayOf(today.AddDate(0, 0, 1).Add(12*time.Hour), zone)
	o := &Overview{}
	before, err := r.parts.Store.TrafficByDay(ctx, account, days)
	if err != nil {
		return nil, err
	}
	for i, counts := range before {
		o.Days = append(o.Days, Day{days[i], counts})
	}
	hours, err := r.parts.Store.Traffic(ctx, account, days[shownDays-2], next)
	if err != nil {
		return nil, err
	}
	o.Days = append(o.Days, Day{Start: today})
	o.addHours(hours, today, next)
	o.addUp()
	o.Carriers = r.byCarrier(hours, today)
	return o, r.complete(ctx, o, account, today, next)
}

// dayOf is the beginning of the day in which a moment is.
func dayOf(at time.Time, zone *time.Location) time.Time {
	year, month, day := at.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// addHours puts counts into the hours of today to which they belong.
func (o *Overview) addHours(hours []store.HourTraffic, today, next time.Time) {
	first := today.Truncate(time.Hour)
	if first.Before(today) {
		first = first.Add(time.Hour)
	}
	yesterday := map[string]sms.Traffic{}
	now := map[time.Time]sms.Traffic{}
	for _, h := range hours {
		if h.Hour.Before(first) {
			at := h.Hour.In(today.Location()).Format("15:04")
			sum := yesterday[at]
			sum.Add(h.Traffic)
			yesterday[at] = sum
			o.Yesterday.Add(h.Traffic)
			continue
		}
		sum := now[h.Hour]
		sum.Add(h.Traffic)
		now[h.Hour] = sum
		o.Today.Add(h.Traffic)
	}
	for at := first; at.Before(next); at = at.Add(time.Hour) {
		local := at.In(today.Location())
		o.Hours = append(o.Hours, Hour{local, now[at.UTC()], yesterday[local.Format("15:04")]})
	}
}

// addUp makes the figures that follow from others.
func (o *Overview) addUp() {
	o.Days[len(o.Days)-1].Traffic = o.Today
	for _, d := range o.Days {
		o.Waiting += d.Queued()
		o.Scheduled += d.Scheduled
	}
	o.Median, _ = o.Today.Quantile(0.5)
	o.Slow, _ = o.Today.Quantile(0.95)
}

func (r *Reader) byCarrier(hours []store.HourTraffic, today time.Time) []ByCarrier {
	names := map[sms.CarrierID]string{}
	for _, c := range r.parts.Directory.Carriers() {
		names[c.ID] = c.Name
	}
	sums := map[sms.CarrierID]*ByCarrier{}
	for _, h := range hours {
		if h.Hour.Before(today) {
			continue
		}
		if sums[h.Carrier] == nil {
			sums[h.Carrier] = &ByCarrier{ID: h.Carrier, Name: names[h.Carrier]}
		}
		sums[h.Carrier].Add(h.Traffic)
	}
	var list []ByCarrier
	for _, c := range sums {
		if c.Accepted > 0 {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b ByCarrier) int { return cmp.Or(cmp.Compare(b.Accepted, a.Accepted), cmp.Compare(a.ID, b.ID)) })
	return list
}

// complete adds what is not among the counts of one account.
func (r *Reader) complete(ctx context.Context, o *Overview, account sms.AccountID, today, next time.Time) (err error) {
	if account != AllAccounts {
		o.Balance, err = r.parts.Store.Balance(ctx, account)
		return err
	}
	o.Waiting = max(0, r.parts.Store.Backlog()-o.Scheduled)
	all, err := r.parts.Store.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		o.Balance.Credit += a.Credit
		o.Balance.Reserved += a.Reserved
	}
	busiest, err := r.busiest(ctx, today, next)
	for _, a := range busiest {
		name := ""
		if known, ok := r.parts.Directory.Account(a.Account); ok {
			name = known.Name
		}
		o.Accounts = append(o.Accounts, ByAccount{a.Account, name, a.Traffic})
	}
	return err
}
