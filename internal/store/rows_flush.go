package store

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/staffetta/staffetta/internal/sms"
)

// flush writes what is kept, for a statement that must see it.
func (s *setBased) flush() error {
	batch := &pgx.Batch{}
	if s.queueWrites(batch); batch.Len() == 0 {
		return nil
	}
	return s.conn.SendBatch(s.tx.ctx, batch).Close()
}

// commit writes what is kept and commits, in one journey: after a statement that failed, PostgreSQL takes none of it.
func (s *setBased) commit() error {
	batch := &pgx.Batch{}
	s.queueWrites(batch)
	batch.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" { // a transaction that had failed is rolled back without an error
			return errors.New("the database rolled the transaction back")
		}
		return nil
	})
	return s.conn.SendBatch(s.tx.ctx, batch).Close()
}

// queueWrites adds one statement for each kind of what is kept.
func (s *setBased) queueWrites(batch *pgx.Batch) {
	s.flushMessages(batch)
	s.flushChanges(batch)
	s.flushRefs(batch)
	s.flushBalances(batch)
	s.flushCallers(batch)
	s.flushEvents(batch)
	for _, d := range s.delayed {
		batch.Queue(d.query, d.args...)
	}
	s.delayed = nil
}

const insertMessagesSQL = `INSERT INTO message (id, node, account_id, carrier_id, state, priority, due_at, expires_at,
	destination, sender, body, udh, encoding, parts, part_price, flags, reference, caller_id, campaign, digest, origin,
	final_at, reason) SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::integer[], $5::smallint[], $6::smallint[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::bytea[], $13::smallint[], $14::smallint[], $15::bigint[],
	$16::integer[], $17::smallint[], $18::text[], $19::text[], $20::bigint[], $21::text[], $22::bigint[], $23::text[])`

func (s *setBased) flushMessages(batch *pgx.Batch) {
	if len(s.inserts) == 0 {
		return
	}
	var columns [23]column
	for _, n := range s.inserts {
		for i, value := range rowOf(n.message, n.node, s.tx.now) {
			columns[i].add(value, len(s.inserts))
		}
	}
	s.inserts = nil
	args := make([]any, len(columns))
	for i := range columns {
		args[i] = columns[i].array()
	}
	batch.Queue(insertMessagesSQL, args...)
}

// column gathers one column of many rows as an array of its type.
type column struct {
	integers []*int64
	texts    []*string
	octets   [][]byte
	rows     int // so far; the leading ones may be NULL of a type not known yet
}

func (c *column) add(value any, capacity int) {
	switch v := value.(type) {
	case int64:
		if c.integers == nil {
			c.integers = make([]*int64, c.rows, capacity)
		}
		c.integers = append(c.integers, &v)
	case string:
		if c.texts == nil {
			c.texts = make([]*string, c.rows, capacity)
		}
		c.texts = append(c.texts, &v)
	case []byte:
		if c.octets == nil {
			c.octets = make([][]byte, c.rows, capacity)
		}
		c.octets = append(c.octets, v)
	default:
		c.addNull()
	}
	c.rows++
}

func (c *column) addNull() {
	switch {
	case c.integers != nil:
		c.integers = append(c.integers, nil)
	case c.texts != nil:
		c.texts = append(c.texts, nil)
	case c.octets != nil:
		c.octets = append(c.octets, nil)
	}
}

func (c *column) array() any {
	switch {
	case c.integers != nil:
		return c.integers
	case c.octets != nil:
		return c.octets
	case c.texts != nil:
		return c.texts
	}
	return make([]*string, c.rows) // all NULL: the statement's cast gives the type
}

const changeMessagesSQL = `UPDATE message m SET state = u.state,
	carrier_id = CASE WHEN u.attempt THEN u.carrier_id ELSE m.carrier_id END,
	due_at = CASE WHEN u.state <> 2 THEN NULL WHEN u.attempt THEN u.due_at ELSE m.due_at END,
	attempts = m.attempts + u.attempt::int, sent_at = COALESCE(m.sent_at, u.sent_at), final_at = COALESCE(m.final_at, u.final_at),
	progress = u.progress, reason = CASE WHEN u.attempt THEN u.reason ELSE m.reason END
	FROM unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[], $9::text[])
	AS u (id, state, attempt, carrier_id, due_at, sent_at, final_at, progress, reason) WHERE m.id = u.id AND m.id BETWEEN $10 AND $11`

func (s *setBased) flushChanges(batch *pgx.Batch) {
	if len(s.changes) == 0 {
		return
	}
	ids := make([]sms.ID, 0, len(s.changes))
	for id := range s.changes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	n := len(ids)
	states, attempts, carriers := make([]int16, n), make([]bool, n), make([]int32, n)
	due, sent, final := make([]*int64, n), make([]*int64, n), make([]*int64, n)
	progress, reasons := make([][]byte, n), make([]*string, n)
	for i, id := range ids {
		c := s.changes[id]
		states[i], final[i], progress[i] = int16(c.state), c.final, c.progress
		if o := c.outcome; o != nil {
			attempts[i], carriers[i] = true, int32(o.Carrier)
			dueAt, sentAt, _ := outcomeTimes(*o)
			due[i], sent[i] = pointer(dueAt), pointer(sentAt)
			if o.Reason != "" {
				reasons[i] = &o.Reason
			}
		}
	}
	s.changes = map[sms.ID]*change{}
	batch.Queue(changeMessagesSQL, integers(ids), states, attempts, carriers, due, sent, final, progress, reasons,
		int64(ids[0]), int64(ids[n-1])) // the bounds spare a look into the other partitions
}

func pointer(value any) *int64 {
	if v, ok := value.(int64); ok {
		return &v
	}
	return nil
}

func (s *setBased) flushRefs(batch *pgx.Batch) {
	if len(s.expects) > 0 {
		refs := make([]openRef, 0, len(s.expects))
		for ref := range s.expects {
			refs = append(refs, ref)
		}
		s.expects = map[openRef]bool{}
		queueRefs(batch, `INSERT INTO carrier_ref (carrier_id, ref, message_id, part)
			SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) ON CONFLICT DO NOTHING`, refs)
	}
	if len(s.forgets) > 0 {
		queueRefs(batch, `DELETE FROM carrier_ref r USING unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
			AS u (carrier_id, ref, message_id, part) WHERE r.carrier_id = u.carrier_id AND r.ref = u.ref
			AND r.message_id = u.message_id AND r.part = u.part`, s.forgets)
		s.forgets = nil
	}
}

func queueRefs(batch *pgx.Batch, statement string, refs []openRef) {
	carriers, texts := make([]int64, len(refs)), make([]string, len(refs))
	messages, parts := make([]int64, len(refs)), make([]int64, len(refs))
	for i, r := range refs {
		carriers[i], texts[i], messages[i], parts[i] = int64(r.Carrier), r.Ref, int64(r.Message), int64(r.Part)
	}
	batch.Queue(statement, carriers, texts, messages, parts)
}

func (s *setBased) flushBalances(batch *pgx.Batch) {
	if len(s.paid) == 0 {
		return
	}
	var accounts, credit, reserved []int64
	for account, b := range s.paid {
		accounts, credit, reserved = append(accounts, int64(account)), append(credit, int64(b.Credit)), append(reserved, int64(b.Reserved))
	}
	s.paid = map[sms.AccountID]sms.Balance{}
	batch.Queue(`UPDATE balance b SET credit = u.credit, reserved = u.reserved
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (account_id, credit, reserved) WHERE b.account_id = u.account_id`,
		accounts, credit, reserved)
}

// flushCallers stores the callers' new ids. When another node has stored one of them since it was looked up, that is a
// collision: the group is tried again, and then it is known.
func (s *setBased) flushCallers(batch *pgx.Batch) {
	if len(s.newCallers) > 0 {
		queueCallers(batch, `INSERT INTO caller_id (account_id, caller_id, message_id)
			SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])`, s.newCallers)
		s.newCallers = map[callerKey]sms.ID{}
	}
	if len(s.oldCallers) > 0 {
		queueCallers(batch, `UPDATE caller_id c SET message_id = u.message_id FROM unnest($1::bigint[], $2::text[], $3::bigint[])
			AS u (account_id, caller_id, message_id) WHERE c.account_id = u.account_id AND c.caller_id = u.caller_id`, s.oldCallers)
		s.oldCallers = map[callerKey]sms.ID{}
	}
}

func queueCallers(batch *pgx.Batch, statement string, callers map[callerKey]sms.ID) {
	var accounts, messages []int64
	var ids []string
	for key, message := range callers {
		accounts, ids, messages = append(accounts, int64(key.account)), append(ids, key.id), append(messages, int64(message))
	}
	batch.Queue(statement, accounts, ids, messages)
}
