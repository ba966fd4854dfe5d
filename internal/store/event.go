package store

import (
	"slices"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// newEvent is one event as it is written.
type newEvent struct {
	id       sms.ID
	kind     sms.EventKind
	message  *sms.Message
	way      sms.Way
	part     int
	state    sms.State
	seen     bool
	code     string
	reason   string
	price    sms.Money
	at       time.Time
	recorded time.Time
}

// turn is what happened to a message in a transaction.
type turn struct {
	message       *sms.Message
	from, to      sms.State
	before, after []sms.Part
	reason        string // why it failed; empty: it did not
}

// tell writes the events of what happened to a message into the transaction in which it did, when its account wants them.
func (s *Store) tell(tx *Tx, t turn) error {
	if t.message.Submission.Receipts != 0 {
		if err := s.tellReceipt(tx, t); err != nil {
			return err
		}
	}
	if !t.message.Notify {
		return nil
	}
	return s.tellWebhook(tx, t.message, t.before, t.after, t.reason)
}

// tellWebhook writes events of parts, each of which says which; when nothing of the message has left and all of it ends,
// there is one for all.
func (s *Store) tellWebhook(tx *Tx, m *sms.Message, before, after []sms.Part, reason string) error {
	wishes := s.wanted.by(m.Account)
	if !wishes.events {
		return nil
	}
	if endedUnsent(before, after) {
		return s.tellOf(tx, newEvent{message: m, part: sms.WholeMessage, price: priceOf(m, after)}, after[0], reason)
	}
	for i, p := range after {
		if !worthTelling(before[i], p, wishes.interim) {
			continue
		}
		if err := s.tellOf(tx, newEvent{message: m, part: i, price: m.PriceOf(p)}, p, reason); err != nil {
			return err
		}
	}
	return nil
}

func worthTelling(before, after sms.Part, interim bool) bool {
	if after.State.Final() {
		return !before.State.Final()
	}
	if !interim {
		return false
	}
	return after.Seen && !before.Seen || after.State != before.State && (after.State == sms.Sent || after.State == sms.Unknown)
}

// endedUnsent reports whether a message of several parts ends without any of them having left.
func endedUnsent(before, after []sms.Part) bool {
	for i, p := range after {
		if before[i].State != sms.Queued || !p.State.Final() || p.State != after[0].State || p.Ref != "" {
			return false
		}
	}
	return len(after) > 1
}

func priceOf(m *sms.Message, parts []sms.Part) (price sms.Money) {
	for _, p := range parts {
		price += m.PriceOf(p)
	}
	return price
}

// tellReceipt writes the one event of what happened to a message as a whole: its customer submitted it as one, into how
// many parts it was cut.
func (s *Store) tellReceipt(tx *Tx, t turn) error {
	m, seen := t.message, firstSeen(t.before, t.after)
	if !t.worthReceipt(seen) {
		return nil
	}
	p := decisive(t.to, t.after)
	p.State, p.Seen = t.to, seen
	return s.tellOf(tx, newEvent{message: m, way: sms.BySMPP, part: sms.WholeMessage, price: priceOf(m, t.after)}, p, t.reason)
}

// worthReceipt reports whether what happened is news that registered_delivery asks for: SMPP 3.4 §5.2.17.
func (t *turn) worthReceipt(seen bool) bool {
	news := t.from != t.to || t.to == sms.Sent && seen
	return news && !t.from.Final() && t.to != sms.Queued && t.message.Submission.Receipts.Want(t.to)
}

// firstSeen reports whether a carrier says now that a part is on its way, and had not said that of any.
func firstSeen(before, after []sms.Part) bool {
	isSeen := func(p sms.Part) bool { return p.Seen }
	return slices.ContainsFunc(after, isSeen) && !slices.ContainsFunc(before, isSeen)
}

// decisive is the part that made its message what it is; of several the last one.
func decisive(state sms.State, parts []sms.Part) (found sms.Part) {
	for _, p := range parts {
		if p.State == state && !p.At.Before(found.At) {
			found = p
		}
	}
	return found
}

// tellOf writes an event of what a part, or the message, has become.
func (s *Store) tellOf(tx *Tx, e newEvent, p sms.Part, reason string) error {
	tx.told(EventQueue{e.message.Account, e.way})
	if p.State == sms.Unknown || p.State != sms.Delivered && p.State.Final() {
		e.reason = storable(reason)
	}
	e.id, e.state, e.seen, e.code, e.at, e.recorded = s.ids.Next(tx.now), p.State, p.Seen, storable(p.Code), p.At, tx.now
	return tx.rows.addEvent(e)
}

const insertEventSQL = `INSERT INTO event (id, account_id, message_id, part, state, seen, code, reason, price, at, due_at, way, kind)`

func (r rowByRow) addEvent(e newEvent) error {
	_, err := r.tx.Exec(insertEventSQL+` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(e.id), int64(e.message.Account), int64(e.message.ID),
		e.part, int64(e.state), e.seen, e.code, e.reason, int64(e.price), e.moment(), e.recorded.UnixMilli(), int64(e.way), int64(e.kind))
	return err
}

// moment is when it happened.
func (e newEvent) moment() int64 {
	if e.at.IsZero() {
		return e.recorded.UnixMilli()
	}
	return e.at.UnixMilli()
}

// EventQueue is the events of one account that go one way.
type EventQueue struct {
	Account sms.AccountID
	Way     sms.Way
}

// told notes that a queue has a new event once this is committed.
func (tx *Tx) told(q EventQueue) {
	if tx.stirred == nil {
		tx.stirred = map[EventQueue]bool{}
	}
	tx.stirred[q] = true
}

// stir remembers which queues have new events until somebody asks.
type stir struct {
	mu     sync.Mutex
	queues map[EventQueue]bool
	wake   chan struct{}
}

func (s *stir) add(queues map[EventQueue]bool) {
	s.mu.Lock()
	for q := range queues {
		s.queues[q] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// EventNews has a value when some queue has new events; Stirred says which.
func (s *Store) EventNews() <-chan struct{} { return s.stir.wake }

// Stirred are the queues that have got events since it was called last.
func (s *Store) Stirred() (queues []EventQueue) {
	s.stir.mu.Lock()
	defer s.stir.mu.Unlock()
	for q := range s.stir.queues {
		queues = append(queues, q)
	}
	clear(s.stir.queues)
	return queues
}
