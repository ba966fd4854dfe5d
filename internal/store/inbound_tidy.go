package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// inboundStep is how many messages from handsets one transaction works on.
const inboundStep = 50

// InboundCare sees to messages from handsets that nobody brings on: those whose parts do not come, those of numbers that
// were nobody's when they came, those of an earlier version, and those whose time is over. One goroutine.
type InboundCare struct {
	store    *Store
	version  int64 // of the numbers, when all that is nobody's was looked at last
	settled  bool  // and once more after that: a message may have been on its way into another server
	redacted map[sms.AccountID]sms.ID
}

// NewInboundCare makes the one of a store.
func NewInboundCare(s *Store) *InboundCare {
	return &InboundCare{store: s, redacted: map[sms.AccountID]sms.ID{}}
}

const inboundEvery = 30 * time.Second

// Run does what is due, now and every half minute, until ctx ends.
func (c *InboundCare) Run(ctx context.Context) error {
	tick := time.NewTicker(inboundEvery)
	defer tick.Stop()
	for {
		if err := c.Pass(ctx); err != nil && ctx.Err() == nil {
			c.store.log.Warn("messages from handsets could not be looked after", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Pass does what is due.
func (c *InboundCare) Pass(ctx context.Context) error {
	return errors.Join(c.store.steps(ctx, takeUpStored), c.store.steps(ctx, endInbound), c.routeNews(ctx), c.retain(ctx))
}

// steps repeats a piece of work until it finds nothing to do.
func (s *Store) steps(ctx context.Context, work func(s *Store, tx *Tx) (int, error)) error {
	for ctx.Err() == nil {
		step := &stepMember{store: s, work: work}
		if err := s.wait(ctx, step); err != nil || step.found < inboundStep {
			return err
		}
	}
	return ctx.Err()
}

type stepMember struct {
	answer
	store *Store
	work  func(s *Store, tx *Tx) (int, error)
	found int
}

func (m *stepMember) apply(tx *Tx) (err error) {
	m.found, err = m.work(m.store, tx)
	return err
}

// takeUpStored reads deliveries that an earlier version only kept.
func takeUpStored(s *Store, tx *Tx) (int, error) {
	rows, err := tx.Query(`SELECT id, `+partColumns+` FROM inbound WHERE message_id = 0 ORDER BY id LIMIT ?`+tx.dialect.lockRows, inboundStep)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	stored := map[int64]sms.Inbound{}
	var order []int64
	for rows.Next() {
		var id int64
		in, err := scanPart(rows, &id)
		if err != nil {
			return 0, err
		}
		stored[id], order = in, append(order, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, id := range order {
		in := stored[id]
		in.Source, in.Destination = sms.InboundAddress(in.Source), sms.InboundAddress(in.Destination)
		if err := s.receive(tx, &in, id); err != nil {
			return 0, err
		}
	}
	return len(order), nil
}

// endInbound completes what waited for its parts long enough, as far as it came, and removes what was nobody's for long.
func endInbound(s *Store, tx *Tx) (int, error) {
	ended, err := queryInbound(tx, `until <= ? ORDER BY until LIMIT ?`+tx.dialect.lockRows, tx.now.UnixMilli(), inboundStep)
	if err != nil {
		return 0, err
	}
	for i := range ended {
		m := &ended[i]
		if m.Stage != sms.InboundWaits {
			err = removeInbound(tx, m.ID)
			tx.after(func() { s.Counters.InboundDropped.Add(1) })
		} else if parts, e := partsOf(tx, m.ID); e != nil {
			err = e
		} else {
			tx.after(func() { s.Counters.InboundIncomplete.Add(1) })
			err = s.completeInbound(tx, m, parts)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

func removeInbound(tx *Tx, id sms.ID) error {
	if _, err := tx.Exec(`DELETE FROM inbound WHERE message_id = ?`, int64(id)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM inbound_message WHERE id = ?`, int64(id))
	return err
}

// RouteKept gives what came to a number while it was nobody's to whose it is now, the oldest first, and answers how many
// there were. The empty number: all numbers.
func (s *Store) RouteKept(ctx context.Context, number string) (routed int, err error) {
	after := sms.ID(0)
	for {
		step := &routeMember{store: s, number: number, after: after}
		if err := s.wait(ctx, step); err != nil {
			return routed, err
		}
		routed, after = routed+step.routed, step.last
		if step.met < inboundStep {
			return routed, nil
		}
	}
}

type routeMember struct {
	answer
	store       *Store
	number      string
	after, last sms.ID
	met, routed int
}

func (r *routeMember) apply(tx *Tx) error {
	r.met, r.routed, r.last = 0, 0, r.after
	where, args := `destination IN (?, ?) AND `, []any{r.number, strings.TrimPrefix(r.number, "+")}
	if r.number == "" {
		where, args = `account_id = 0 AND `, nil
	}
	kept, err := queryInbound(tx, where+`stage = 1 AND id > ? ORDER BY id LIMIT ?`+tx.dialect.lockRows, append(args, int64(r.after), inboundStep)...)
	if err != nil {
		return err
	}
	for i := range kept {
		m := &kept[i]
		r.met, r.last = r.met+1, m.ID
		if err := r.store.routeInbound(tx, m); err != nil {
			return err
		}
		if m.Stage != sms.InboundRouted {
			continue
		}
		r.routed++
		if _, err := tx.Exec(`UPDATE inbound_message SET account_id = ?, stage = ?, until = NULL, event_id = ? WHERE id = ?`,
			int64(m.Account), int64(m.Stage), int64(m.Event), int64(m.ID)); err != nil {
			return err
		}
	}
	routed := int64(r.routed)
	tx.after(func() { r.store.Counters.InboundRouted.Add(routed) })
	return nil
}

// routeNews routes what is nobody's after the numbers have changed: another server may have taken a message while the
// number was being added.
func (c *InboundCare) routeNews(ctx context.Context) error {
	var version int64
	err := c.store.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(version), 0) FROM service_number`).Scan(&version)
	})
	if err != nil || version == c.version && c.settled {
		return err
	}
	if _, err := c.store.RouteKept(ctx, ""); err != nil {
		return err
	}
	c.settled = version == c.version
	c.version = version
	return nil
}
