package traffic

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// waiting are the carriers for which messages wait for too long. The counts say for whom and since which hour; in the present
// hour an account's oldest message says it to the second.
func (r *Reader) waiting(ctx context.Context, account sms.AccountID) (found []Problem, err error) {
	now := r.now()
	hours, err := r.parts.Store.Queued(ctx, account, now.Add(-48*time.Hour), now.Add(time.Hour))
	if err != nil {
		return nil, err
	}
	waits := map[sms.CarrierID]*Problem{}
	for _, h := range hours {
		if waits[h.Carrier] == nil {
			since, err := r.since(ctx, account, h)
			if err != nil {
				return nil, err
			}
			waits[h.Carrier] = &Problem{Kind: Waiting, Since: since}
		}
		waits[h.Carrier].Count += h.Count
	}
	states := map[sms.CarrierID]CarrierState{}
	for _, c := range r.parts.Carriers() {
		states[c.ID] = c
	}
	for id, p := range waits {
		age := now.Sub(p.Since)
		if age < patience {
			continue
		}
		p.Severity, p.Subject = Warn, states[id].Name
		if age >= worrying || states[id].Bound == 0 {
			p.Severity = Bad
		}
		found = append(found, *p)
	}
	slices.SortFunc(found, func(a, b Problem) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Subject, b.Subject)) })
	return found, nil
}

// since is from when on some of an hour's messages wait at the latest: its end, or in the present and the last hour the moment
// of the oldest one.
func (r *Reader) since(ctx context.Context, account sms.AccountID, h store.HourQueued) (time.Time, error) {
	end := h.Hour.Add(time.Hour)
	if account == AllAccounts || r.now().Sub(end) > time.Hour {
		return end, nil
	}
	oldest, err := r.parts.Store.History(ctx, account, store.Span{First: sms.MakeID(h.Hour, 0, 0), Last: sms.MakeID(end, 0, 0) - 1,
		States: []sms.State{sms.Queued}, OldestFirst: true, Limit: 1})
	if err != nil || len(oldest) == 0 {
		return end, err
	}
	return oldest[0].Message.ID.Time(), nil
}
