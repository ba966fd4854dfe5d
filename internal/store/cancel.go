package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/internal/sms"
)

// reasonCancelled is what the customer reads of a message that was cancelled.
const reasonCancelled = "cancelled"

// Cancel withdraws a message of which nothing has left: one that is held until its date, or one that waits for its
// carrier and is not under a mark. Its price is given back and its account told, in the same transaction. After the
// commit, and before Cancel returns, withdrawn is called with one that waited, which may be in memory: it answers whether
// somebody is about to ask for a mark of it, and must not block. Such a mark is refused with a WithdrawnError.
//
// Errors are of class NotFound, for a message that is not the account's, and Conflict, when it is too late.
func (s *Store) Cancel(ctx context.Context, account sms.AccountID, id sms.ID, withdrawn func(*sms.Message) (taken bool)) error {
	return s.CancelBy(ctx, Deed{}, account, id, withdrawn)
}

// CancelBy is Cancel with a line in the audit log, in the same transaction, of who did it; a deed of nobody has none.
func (s *Store) CancelBy(ctx context.Context, deed Deed, account sms.AccountID, id sms.ID, withdrawn func(*sms.Message) (taken bool)) error {
	return s.wait(ctx, &cancelMember{store: s, deed: deed, account: account, id: id, withdrawn: withdrawn})
}

type cancelMember struct {
	answer
	store     *Store
	deed      Deed
	account   sms.AccountID
	id        sms.ID
	withdrawn func(*sms.Message) (taken bool)
	queued    *sms.Message // it waited for its carrier
}

func (c *cancelMember) needs(n *needs) {
	n.messages, n.accounts = append(n.messages, c.id), append(n.accounts, c.account)
}

func (c *cancelMember) apply(tx *Tx) error {
	c.queued = nil
	record, err := ownRecord(tx, c.account, c.id)
	if err != nil {
		return err
	}
	if err := tx.rows.flush(); err != nil { // a mark may be of this group
		return err
	}
	if err := c.store.mayCancel(tx, record); err != nil {
		return err
	}
	m := record.Message
	tx.rows.reread(m.ID, sms.Cancelled)
	if _, err := tx.Exec(`UPDATE message SET state = ?, due_at = NULL, final_at = ?, reason = ? WHERE id = ?`,
		int64(sms.Cancelled), tx.now.UnixMilli(), reasonCancelled, int64(m.ID)); err != nil {
		return err
	}
	if record.State == sms.Queued && m.Due.IsZero() {
		c.queued = m
		tx.withdrawn = append(tx.withdrawn, m.ID)
	}
	if err := c.deed.noteBy(tx); err != nil {
		return err
	}
	return c.store.settleCancelled(tx, record)
}

// settleCancelled gives the price back, and tells who wants to know.
func (s *Store) settleCancelled(tx *Tx, record *sms.Record) error {
	m := record.Message
	before, after := m.Standing(), m.Standing()
	for i := range after {
		after[i].State, after[i].At = sms.Cancelled, tx.now
	}
	tx.reached[sms.Cancelled]++
	tx.moved(record.State, sms.Cancelled)
	if err := tx.balances.settle(tx, m.Account, billOf(m, before, after)); err != nil {
		return err
	}
	what := turn{message: m, from: record.State, to: sms.Cancelled, before: before, after: after, reason: reasonCancelled}
	tx.traffic.turned(what, m.Carrier, tx.now, 0)
	return s.tell(tx, what)
}

func (c *cancelMember) settle(err error) {
	if err == nil && c.queued != nil && !c.withdrawn(c.queued) {
		c.store.withdrawn.remove(c.queued.ID)
	}
	c.answer.settle(err)
}

// ownRecord reads a message of an account.
func ownRecord(tx *Tx, account sms.AccountID, id sms.ID) (*sms.Record, error) {
	record, err := loadRecord(tx, id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && record.Message.Account != account {
		return nil, sms.Errorf(sms.NotFound, "this account has no such message")
	}
	return record, err
}

// mayCancel answers nil when surely nothing of a message has left.
func (s *Store) mayCancel(tx *Tx, record *sms.Record) error {
	m := record.Message
	switch {
	case record.State == sms.Scheduled:
		return nil
	case record.State != sms.Queued:
		return tooLate(record.State)
	case slices.ContainsFunc(m.Progress, func(p sms.Part) bool { return p.State != sms.Queued || p.Doubts > 0 }):
		return tooLate(sms.Sending)
	case !m.Due.IsZero(): // it waits for its next attempt, in nobody's memory
		return nil
	}
	var node int
	if err := tx.QueryRow(`SELECT node FROM message WHERE id = ?`, int64(m.ID)).Scan(&node); err != nil {
		return err
	}
	if node != s.claim.Load().node { // who may ask for a mark at any moment
		return sms.Errorf(sms.Conflict, "the message can no longer be changed: it is queued at another node")
	}
	marks, err := markedMessages(tx, node, 1<<30)
	for _, mark := range marks {
		if slices.Contains(mark.messages, m.ID) {
			return tooLate(sms.Sending)
		}
	}
	return err
}

func tooLate(state sms.State) error {
	return sms.Errorf(sms.Conflict, "the message can no longer be changed: it is %s", state)
}

// WithdrawnError is the refusal of a mark of messages of which some were cancelled meanwhile. No mark is made.
type WithdrawnError struct{ IDs []sms.ID }

func (w *WithdrawnError) Error() string { return "a message was cancelled before it was marked" }

// withdrawn are messages that were cancelled while somebody in this process may be about to ask for their mark.
type withdrawn struct {
	mu    sync.Mutex
	ids   map[sms.ID]struct{}
	count atomic.Int64 // of ids: almost always none
}

func (w *withdrawn) add(ids []sms.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ids == nil {
		w.ids = map[sms.ID]struct{}{}
	}
	for _, id := range ids {
		w.ids[id] = struct{}{}
	}
	w.count.Store(int64(len(w.ids)))
}

func (w *withdrawn) remove(ids ...sms.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		delete(w.ids, id)
	}
	w.count.Store(int64(len(w.ids)))
}

// among answers those of some messages that were withdrawn, in this transaction or before it.
func (w *withdrawn) among(tx *Tx, messages []*sms.Message) error {
	if w.count.Load() == 0 && len(tx.withdrawn) == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []sms.ID
	for _, m := range messages {
		if _, is := w.ids[m.ID]; is || slices.Contains(tx.withdrawn, m.ID) {
			found = append(found, m.ID)
		}
	}
	if len(found) > 0 {
		return &WithdrawnError{found}
	}
	return nil
}
