package store

import (
	"database/sql"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// setBased is rows where a statement costs a journey: PostgreSQL. What the members of a group will ask for is read
// beforehand and locked; what they write is kept, read back from here, and written at the end.
type setBased struct {
	tx    *Tx
	conn  *pgx.Conn
	begin func(*pgx.Batch) // what the first journey begins with

	balances map[sms.AccountID]sms.Balance
	callers  map[callerKey]sms.ID
	fresh    map[sms.ID]bool        // messages that are queued; true: nothing of them has left yet
	foreseen map[sms.ID]bool        // messages of which fresh was read
	asked    map[refKey]bool        // the carrier's ids that were looked up
	open     map[refKey][]openRef   // the newest message first
	records  map[sms.ID]*sms.Record // messages that were read, as they now are

	optOuts map[optOutKey]bool // what was asked about opt-outs, and the answers

	parked bool // some receipt waits for its message

	inserts    []newRow
	changes    map[sms.ID]*change
	expects    map[openRef]bool
	forgets    []openRef
	paid       map[sms.AccountID]sms.Balance
	newCallers map[callerKey]sms.ID
	oldCallers map[callerKey]sms.ID
	delayed    []statement
	events     events
}

// statement is one of which nobody waits for the result.
type statement struct {
	query string
	args  []any
}

type newRow struct {
	message *sms.Message
	node    int
}

// change is what becomes of a stored message.
type change struct {
	state    sms.State
	outcome  *sms.Outcome // nil: reports only
	final    *int64
	progress []byte
}

func newSetBased(tx *Tx, conn *pgx.Conn, begin func(*pgx.Batch)) *setBased {
	return &setBased{tx: tx, conn: conn, begin: begin,
		balances: map[sms.AccountID]sms.Balance{}, callers: map[callerKey]sms.ID{}, fresh: map[sms.ID]bool{}, foreseen: map[sms.ID]bool{},
		asked: map[refKey]bool{}, open: map[refKey][]openRef{}, records: map[sms.ID]*sms.Record{},
		changes: map[sms.ID]*change{}, expects: map[openRef]bool{}, paid: map[sms.AccountID]sms.Balance{},
		newCallers: map[callerKey]sms.ID{}, oldCallers: map[callerKey]sms.ID{}}
}

func (s *setBased) later(query string, args ...any) error {
	s.delayed = append(s.delayed, statement{s.tx.dialect.number(query), s.tx.dialect.arguments(args)})
	return nil
}

func (s *setBased) optedOut(key optOutKey) (bool, error) {
	if blocked, known := s.optOuts[key]; known {
		return blocked, nil
	}
	return rowByRow{s.tx}.optedOut(key)
}

func (s *setBased) forgetOptOuts() { s.optOuts = nil }

func (s *setBased) parkedElsewhere() bool { return s.parked }

func (s *setBased) balance(account sms.AccountID) (sms.Balance, error) {
	if b, ok := s.balances[account]; ok {
		return b, nil
	}
	b, err := rowByRow{s.tx}.balance(account)
	if err == nil {
		s.balances[account] = b
	}
	return b, err
}

func (s *setBased) saveBalance(account sms.AccountID, b sms.Balance) error {
	s.balances[account], s.paid[account] = b, b
	return nil
}

// record answers a message as this transaction has left it.
func (s *setBased) record(id sms.ID) (*sms.Record, error) {
	if r, ok := s.records[id]; ok {
		return copyOf(r), nil
	}
	if _, changed := s.changes[id]; changed || len(s.inserts) > 0 { // it may be one of this group
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	r, err := rowByRow{s.tx}.record(id)
	if err != nil {
		return nil, err
	}
	s.records[id] = r
	return copyOf(r), nil
}

func (s *setBased) reread(id sms.ID, state sms.State) {
	delete(s.records, id)
	if state != sms.Queued {
		delete(s.fresh, id)
	}
}

func copyOf(r *sms.Record) *sms.Record {
	record, message := *r, *r.Message
	record.Message = &message
	return &record
}

func (s *setBased) insert(m *sms.Message, node int) error {
	s.inserts = append(s.inserts, newRow{m, node})
	return nil
}

func (s *setBased) callerID(account sms.AccountID, id string) (sms.ID, error) {
	if message, ok := s.callers[callerKey{account, id}]; ok {
		return message, nil
	}
	return 0, sql.ErrNoRows
}

func (s *setBased) setCallerID(account sms.AccountID, id string, message sms.ID) error {
	key := callerKey{account, id}
	_, known := s.callers[key]
	if _, mine := s.newCallers[key]; mine || !known {
		s.newCallers[key] = message
	} else {
		s.oldCallers[key] = message
	}
	s.callers[key] = message
	return nil
}

func (s *setBased) writeOutcome(o sms.Outcome, fresh bool) (bool, error) {
	id := o.Message.ID
	untouched, queued := s.fresh[id]
	if !queued {
		if !s.foreseen[id] {
			return s.writeUnforeseen(o, fresh)
		}
		return false, nil
	}
	if fresh && !untouched {
		return false, nil
	}
	s.fresh[id] = false
	if o.State != sms.Queued {
		delete(s.fresh, id)
	}
	packed := packProgress(o.Parts)
	c := &change{state: o.State, outcome: &o, progress: packed}
	if o.State.Final() {
		at := o.At.UnixMilli()
		c.final = &at
	}
	s.changes[id] = c
	s.remember(o, untouched)
	return true, nil
}

// remember keeps a message as the outcome leaves it: one that was read, and one of which nothing had left before, whose
// row is what memory has of it. Its receipt is often in the same group.
func (s *setBased) remember(o sms.Outcome, first bool) {
	r, ok := s.records[o.Message.ID]
	if !ok && !first {
		return
	}
	if !ok {
		r = copyOf(&sms.Record{Message: o.Message})
		s.records[o.Message.ID] = r
	}
	r.State, r.Reason, r.Message.Progress, r.Message.Carrier = o.State, o.Reason, slices.Clone(o.Parts), o.Carrier
	r.Message.Attempts++
	r.Message.Due = time.Time{}
	if o.State == sms.Queued {
		r.Message.Due = o.Retry
	}
	if r.Sent.IsZero() {
		r.Sent = firstSent(o.Parts)
	}
	if o.State.Final() {
		r.Final = o.At
	}
}

// writeUnforeseen writes an outcome that no member of the group announced, at once.
func (s *setBased) writeUnforeseen(o sms.Outcome, fresh bool) (bool, error) {
	if err := s.flush(); err != nil {
		return false, err
	}
	written, err := rowByRow{s.tx}.writeOutcome(o, fresh)
	delete(s.records, o.Message.ID)
	return written, err
}

func (s *setBased) writeReport(r *sms.Record, state sms.State, final time.Time, parts []sms.Part) error {
	id := r.Message.ID
	c := s.changes[id]
	if c == nil {
		c = &change{}
		s.changes[id] = c
	}
	c.state, c.progress = state, packProgress(parts)
	if c.final == nil && !final.IsZero() {
		at := final.UnixMilli()
		c.final = &at
	}
	if known, ok := s.records[id]; ok {
		known.State, known.Message.Progress = state, slices.Clone(parts)
		if state != sms.Queued {
			known.Message.Due = time.Time{}
		}
		if known.Final.IsZero() {
			known.Final = final
		}
	}
	if state != sms.Queued {
		delete(s.fresh, id)
	} else if _, queued := s.fresh[id]; queued {
		s.fresh[id] = false
	}
	return nil
}

func (s *setBased) expect(ref openRef) error {
	key := refKey{ref.Carrier, ref.Ref}
	if !slices.Contains(s.open[key], ref) {
		s.open[key] = append([]openRef{ref}, s.open[key]...)
		s.expects[ref] = true
	}
	return nil
}

func (s *setBased) forget(ref openRef) error {
	key := refKey{ref.Carrier, ref.Ref}
	s.open[key] = slices.DeleteFunc(slices.Clone(s.open[key]), func(o openRef) bool { return o == ref })
	if s.expects[ref] {
		delete(s.expects, ref)
		return nil
	}
	s.forgets = append(s.forgets, ref)
	return nil
}

func (s *setBased) awaited(carrier sms.CarrierID, ref string) ([]awaitedPart, error) {
	key := refKey{carrier, ref}
	if !s.asked[key] {
		if err := s.flush(); err != nil {
			return nil, err
		}
		found, err := rowByRow{s.tx}.awaited(carrier, ref)
		if err != nil {
			return nil, err
		}
		s.asked[key], s.open[key] = true, nil
		for _, f := range found {
			s.open[key] = append(s.open[key], openRef{carrier, ref, f.record.Message.ID, f.part})
		}
	}
	found := make([]awaitedPart, len(s.open[key]))
	for i, o := range s.open[key] {
		record, err := s.record(o.Message)
		if err != nil {
			return nil, err
		}
		found[i] = awaitedPart{record: record, part: o.Part, ref: ref}
	}
	return found, nil
}
