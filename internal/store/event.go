package store

import (
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// newEvent is one event as it is written.
type newEvent struct {
	id       sms.ID
	message  *sms.Message
	part     int
	state    sms.State
	seen     bool
	code     string
	reason   string
	price    sms.Money
	at       time.Time
	recorded time.Time
}

// tell writes the events of a change of a message's parts into the transaction of the change, when its account wants
// them. Those of one part each say which; when nothing of the message has left and all of it ends, there is one for all.
func (s *Store) tell(tx *Tx, m *sms.Message, before, after []sms.Part, reason string) error {
	if !m.Notify {
		return nil
	}
	wishes := s.wanted.by(m.Account)
	if !wishes.events {
		return nil
	}
	if endedUnsent(before, after) {
		price := sms.Money(0)
		for _, p := range after {
			price += m.PriceOf(p)
		}
		return s.tellOf(tx, m, sms.WholeMessage, after[0], price, reason)
	}
	for i, p := range after {
		if !worthTelling(before[i], p, wishes.interim) {
			continue
		}
		if err := s.tellOf(tx, m, i, p, m.PriceOf(p), reason); err != nil {
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

func (s *Store) tellOf(tx *Tx, m *sms.Message, part int, p sms.Part, price sms.Money, reason string) error {
	tx.told(m.Account)
	if p.State == sms.Delivered || p.State != sms.Unknown && !p.State.Final() {
		reason = ""
	}
	code := storable(p.Code)
	return tx.rows.addEvent(newEvent{id: s.ids.Next(tx.now), message: m, part: part, state: p.State, seen: p.Seen, code: code,
		reason: storable(reason), price: price, at: p.At, recorded: tx.now})
}

const insertEventSQL = `INSERT INTO event (id, account_id, message_id, part, state, seen, code, reason, price, at, due_at)`

func (r rowByRow) addEvent(e newEvent) error {
	_, err := r.tx.Exec(insertEventSQL+` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(e.id), int64(e.message.Account), int64(e.message.ID),
		e.part, int64(e.state), e.seen, e.code, e.reason, int64(e.price), e.moment(), e.recorded.UnixMilli())
	return err
}

// moment is when it happened.
func (e newEvent) moment() int64 {
	if e.at.IsZero() {
		return e.recorded.UnixMilli()
	}
	return e.at.UnixMilli()
}

// told notes that an account has a new event once this is committed.
func (tx *Tx) told(account sms.AccountID) {
	if tx.stirred == nil {
		tx.stirred = map[sms.AccountID]bool{}
	}
	tx.stirred[account] = true
}

// stir remembers which accounts have new events until somebody asks.
type stir struct {
	mu       sync.Mutex
	accounts map[sms.AccountID]bool
	wake     chan struct{}
}

func (s *stir) add(accounts map[sms.AccountID]bool) {
	s.mu.Lock()
	for account := range accounts {
		s.accounts[account] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// EventNews has a value when some account has new events; Stirred says which.
func (s *Store) EventNews() <-chan struct{} { return s.stir.wake }

// Stirred are the accounts that have got events since it was called last.
func (s *Store) Stirred() (accounts []sms.AccountID) {
	s.stir.mu.Lock()
	defer s.stir.mu.Unlock()
	for account := range s.stir.accounts {
		accounts = append(accounts, account)
	}
	clear(s.stir.accounts)
	return accounts
}
