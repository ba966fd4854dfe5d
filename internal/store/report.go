package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Report stores what a carrier says about a part: the new status and what it means for the credit are one
// transaction. It does not wait: done is called with nil after the commit, or with why the store does not take it.
// A report whose message is not known yet is parked and matched when the answer to its submit_sm is recorded.
func (s *Store) Report(r sms.Report, done func(error)) {
	s.enqueue(&reportMember{store: s, report: r, done: done})
}

type reportMember struct {
	store  *Store
	report sms.Report
	done   func(error)
}

func (r *reportMember) settle(err error) { r.done(err) }
func (r *reportMember) apply(tx *Tx) error {
	s := r.store
	found, err := tx.rows.awaited(r.report.Carrier, r.report.Ref)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return s.report(tx, r.report, bestCandidate(found, r.report.Destination))
	}
	if s.repeats.has(r.report) {
		tx.after(func() { s.Counters.ReportsRepeated.Add(1) })
		return nil
	}
	similar, err := s.similar(tx, r.report)
	if err != nil {
		return err
	}
	if similar == nil {
		return s.park(tx, r.report)
	}
	return s.report(tx, r.report, similar)
}

// awaitedPart is a part whose receipt is awaited, and the carrier's id under which it was noted.
type awaitedPart struct {
	record *sms.Record
	part   int
	ref    string
}

// similar finds the part that a report is about by another notation of its id; the destination must agree.
func (s *Store) similar(tx *Tx, r sms.Report) (*awaitedPart, error) {
	if r.Destination == 0 || r.Exact {
		return nil, nil
	}
	for _, ref := range s.habits.notations(r.Carrier, r.Ref) {
		found, err := tx.rows.awaited(r.Carrier, ref)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].record.Message.Destination == r.Destination {
				tx.after(func() {
					s.Counters.ReportsMatchedByForm.Add(1)
					s.habits.learn(r.Carrier, r.Ref, ref)
				})
				return &found[i], nil
			}
		}
	}
	return nil, nil
}

// bestCandidate prefers the newest message to the destination of the report, then the newest at all: carriers use
// their ids again.
func bestCandidate(found []awaitedPart, destination sms.Number) *awaitedPart {
	for i := range found {
		if found[i].record.Message.Destination == destination {
			return &found[i]
		}
	}
	return &found[0]
}

// report applies a report to its part and writes what changed.
func (s *Store) report(tx *Tx, r sms.Report, found *awaitedPart) error {
	m := found.record.Message
	if found.part >= len(m.Progress) {
		return nil
	}
	parts := m.Standing()
	after, changed := r.Apply(parts[found.part])
	if !changed {
		tx.after(func() { s.Counters.ReportsRepeated.Add(1) })
		return nil
	}
	parts[found.part] = after
	if after.State.Final() {
		if err := s.forgetRef(tx, r, found); err != nil {
			return err
		}
	}
	if after.Whole {
		if err := s.reportWhole(tx, r, found, parts); err != nil {
			return err
		}
	}
	state, final := standing(found.record, parts, r.At), time.Time{}
	what, bill := turn{message: m, from: found.record.State, to: state, before: m.Standing(), after: parts, reason: r.Words}, billOf(m, m.Standing(), parts)
	tx.traffic.turned(what, m.Carrier, r.At, bill.Charged)
	if err := tx.balances.settle(tx, m.Account, bill); err != nil {
		return err
	}
	if state.Final() {
		final = r.At
	}
	if state != found.record.State {
		tx.reached[state]++
		tx.moved(found.record.State, state)
	}
	if err := s.tell(tx, what); err != nil {
		return err
	}
	return tx.rows.writeReport(found.record, state, final, parts)
}

// reportWhole applies a report that speaks for all parts to the others; parts is changed.
func (s *Store) reportWhole(tx *Tx, r sms.Report, found *awaitedPart, parts []sms.Part) error {
	for i, p := range parts {
		after, changed := r.Apply(p)
		if i == found.part || !p.Whole || !changed {
			continue
		}
		parts[i] = after
		if !after.State.Final() || p.Ref == "" {
			continue
		}
		if err := tx.rows.forget(openRef{r.Carrier, p.Ref, found.record.Message.ID, i}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) forgetRef(tx *Tx, r sms.Report, found *awaitedPart) error {
	tx.after(func() { s.repeats.add(r) })
	return tx.rows.forget(openRef{r.Carrier, found.ref, found.record.Message.ID, found.part})
}

// standing is what a message becomes when a report has changed one of its parts. While other parts may be leaving it
// stays queued, and the outcome of that attempt decides; when they only wait for their next attempt, there is none
// once a part has failed.
func standing(record *sms.Record, parts []sms.Part, at time.Time) sms.State {
	next := sms.Standing(parts)
	waits := !record.Message.Due.IsZero()
	switch {
	case record.State == sms.Queued && !waits, !record.State.CanBecome(next):
		return record.State
	case next.Final():
		sms.Abandon(parts, next, at)
	}
	return next
}
