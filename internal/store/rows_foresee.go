package store

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// foresee begins the transaction, and reads and locks what the members will ask for: first the messages, then, in order
// of account, the balances, so that no two nodes wait for each other. That is one journey, and one more for the
// balances when only the messages say whose they are.
func (s *setBased) foresee(members []member) error {
	var n needs
	for _, m := range members {
		if f, ok := m.(foreseer); ok {
			f.needs(&n)
		}
	}
	batch := &pgx.Batch{}
	s.begin(batch)
	s.readMessages(batch, n)
	accountsKnown := len(n.reports) == 0
	if accountsKnown {
		s.readBalances(batch, n.accounts)
	}
	if err := s.conn.SendBatch(s.tx.ctx, batch).Close(); err != nil || accountsKnown {
		return err
	}
	for _, r := range s.records {
		n.accounts = append(n.accounts, r.Message.Account)
	}
	batch = &pgx.Batch{}
	if s.readBalances(batch, n.accounts); batch.Len() == 0 {
		return nil
	}
	return s.conn.SendBatch(s.tx.ctx, batch).Close()
}

func (s *setBased) readBalances(batch *pgx.Batch, accounts []sms.AccountID) {
	if len(accounts) == 0 {
		return
	}
	batch.Queue(`SELECT account_id, credit, reserved FROM balance WHERE account_id = ANY ($1) ORDER BY account_id FOR UPDATE`, integers(accounts)).
		Query(func(rows pgx.Rows) error {
			var account sms.AccountID
			var b sms.Balance
			_, err := pgx.ForEachRow(rows, []any{&account, &b.Credit, &b.Reserved}, func() error {
				s.balances[account] = b
				return nil
			})
			return err
		})
}

// integers are keys as PostgreSQL takes an array of them.
func integers[T ~int64](keys []T) []int64 {
	list := make([]int64, len(keys))
	for i, k := range keys {
		list[i] = int64(k)
	}
	return list
}

func (s *setBased) readMessages(batch *pgx.Batch, n needs) {
	if len(n.outcomes) > 0 {
		s.readOutcomes(batch, n.outcomes)
	}
	if len(n.reports) > 0 {
		s.readReports(batch, n.reports)
	}
	if len(n.messages) > 0 {
		s.readRecords(batch, n.messages)
	}
	if len(n.callers) > 0 {
		s.readCallers(batch, n.callers)
	}
	if len(n.optOuts) > 0 {
		s.readOptOuts(batch, n.optOuts)
	}
}

const optedOutsSQL = `SELECT k.account, k.number, k.sender FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (account, number, sender)
	WHERE COALESCE((SELECT 1 - o.allowed FROM opt_out o WHERE o.account_id = k.account AND o.number = k.number AND o.sender = k.sender),
	(SELECT 1 - o.allowed FROM opt_out o WHERE o.account_id = k.account AND o.number = k.number AND o.sender = ''), 0) = 1`

func (s *setBased) readOptOuts(batch *pgx.Batch, keys []optOutKey) {
	accounts, numbers, senders := make([]int64, len(keys)), make([]int64, len(keys)), make([]string, len(keys))
	s.optOuts = make(map[optOutKey]bool, len(keys))
	for i, k := range keys {
		accounts[i], numbers[i], senders[i] = int64(k.account), int64(k.number), k.sender
		s.optOuts[k] = false
	}
	batch.Queue(optedOutsSQL, accounts, numbers, senders).Query(func(rows pgx.Rows) error {
		var key optOutKey
		_, err := pgx.ForEachRow(rows, []any{&key.account, &key.number, &key.sender}, func() error {
			s.optOuts[key] = true
			return nil
		})
		return err
	})
}

// outcomesSQL has bounds beside the ids: they spare a look into the other partitions.
const outcomesSQL = `SELECT id, progress IS NULL FROM message WHERE id = ANY ($1) AND id BETWEEN $2 AND $3 AND state = 2
	ORDER BY id FOR UPDATE`

func (s *setBased) readOutcomes(batch *pgx.Batch, ids []sms.ID) {
	for _, id := range ids {
		s.foreseen[id] = true
	}
	batch.Queue(outcomesSQL, integers(ids), int64(slices.Min(ids)), int64(slices.Max(ids))).
		Query(func(rows pgx.Rows) error {
			var id sms.ID
			var untouched bool
			_, err := pgx.ForEachRow(rows, []any{&id, &untouched}, func() error {
				s.fresh[id] = untouched
				return nil
			})
			return err
		})
	batch.Queue(`SELECT EXISTS (SELECT 1 FROM parked)`).QueryRow(func(row pgx.Row) error { return row.Scan(&s.parked) })
}

func (s *setBased) readRecords(batch *pgx.Batch, ids []sms.ID) {
	batch.Queue(`SELECT `+messageColumns+` FROM message WHERE id = ANY ($1) ORDER BY id FOR UPDATE`, integers(ids)).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			record, err := scanRecord(rows)
			if err != nil {
				return err
			}
			s.records[record.Message.ID] = record
		}
		return rows.Err()
	})
}

const reportsSQL = `SELECT r.carrier_id, r.ref, r.part, m.id, m.account_id, m.carrier_id, m.state, m.priority, m.due_at, m.expires_at,
	m.destination, m.sender, m.body, m.udh, m.encoding, m.parts, m.part_price, m.flags, m.reference, m.caller_id, m.campaign, m.digest,
	m.origin, m.attempts, m.sent_at, m.final_at, m.progress, m.reason
	FROM carrier_ref r JOIN message m ON m.id = r.message_id
	WHERE (r.carrier_id, r.ref) IN (SELECT * FROM unnest($1::bigint[], $2::text[])) ORDER BY m.id DESC FOR UPDATE OF m`

func (s *setBased) readReports(batch *pgx.Batch, keys []refKey) {
	carriers, refs := make([]int64, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		carriers[i], refs[i] = int64(k.carrier), k.ref
		s.asked[k] = true
	}
	batch.Queue(reportsSQL, carriers, refs).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			var open openRef
			record, err := scanRecord(prefixed{rows, []any{&open.Carrier, &open.Ref, &open.Part}})
			if err != nil {
				return err
			}
			open.Message = record.Message.ID
			key := refKey{open.Carrier, open.Ref}
			s.open[key] = append(s.open[key], open)
			s.records[open.Message] = record
		}
		return rows.Err()
	})
}

// prefixed scans columns that stand before those of a message.
type prefixed struct {
	row    interface{ Scan(...any) error }
	before []any
}

func (p prefixed) Scan(targets ...any) error {
	return p.row.Scan(append(p.before[:len(p.before):len(p.before)], targets...)...)
}

func (s *setBased) readCallers(batch *pgx.Batch, keys []callerKey) {
	accounts, ids := make([]int64, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		accounts[i], ids[i] = int64(k.account), k.id
	}
	batch.Queue(`SELECT account_id, caller_id, message_id FROM caller_id
		WHERE (account_id, caller_id) IN (SELECT * FROM unnest($1::bigint[], $2::text[]))`, accounts, ids).
		Query(func(rows pgx.Rows) error {
			var key callerKey
			var message sms.ID
			_, err := pgx.ForEachRow(rows, []any{&key.account, &key.id, &message}, func() error {
				s.callers[key] = message
				return nil
			})
			return err
		})
}
