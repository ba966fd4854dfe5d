package store

import (
	"database/sql"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// rowByRow is rows where a statement costs little more than a call: SQLite.
type rowByRow struct{ tx *Tx }

func (r rowByRow) foresee([]member) error { return nil }

func (r rowByRow) later(query string, args ...any) error {
	_, err := r.tx.Exec(query, args...)
	return err
}

func (r rowByRow) commit() error {
	if _, err := r.tx.stmts.run(r.tx.ctx, "COMMIT", nil); err != nil {
		return &nobodysFault{err}
	}
	return nil
}

func (r rowByRow) flush() error             { return nil }
func (r rowByRow) reread(sms.ID, sms.State) {}

func (r rowByRow) parkedElsewhere() bool { return false }
func (r rowByRow) forgetOptOuts()        {}

func (r rowByRow) balance(account sms.AccountID) (b sms.Balance, err error) {
	err = r.tx.QueryRow(`SELECT credit, reserved FROM balance WHERE account_id = ?`+r.tx.dialect.lockRows, account).Scan(&b.Credit, &b.Reserved)
	return b, err
}

func (r rowByRow) saveBalance(account sms.AccountID, b sms.Balance) error {
	_, err := r.tx.Exec(`UPDATE balance SET credit = ?, reserved = ? WHERE account_id = ?`, int64(b.Credit), int64(b.Reserved), account)
	return err
}

func (r rowByRow) record(id sms.ID) (*sms.Record, error) {
	return scanRecord(r.tx.QueryRow(`SELECT `+messageColumns+` FROM message WHERE id = ?`+r.tx.dialect.lockRows, int64(id)))
}

func (r rowByRow) insert(m *sms.Message, node int) error {
	row := rowOf(m, node, r.tx.now)
	_, err := r.tx.Exec(insertMessageSQL, row[:]...)
	return err
}

func (r rowByRow) callerID(account sms.AccountID, id string) (sms.ID, error) {
	message, err := r.tx.stmts.number(r.tx.ctx, `SELECT message_id FROM caller_id WHERE account_id = ? AND caller_id = ?`, []any{account, id})
	return sms.ID(message), err
}

func (r rowByRow) setCallerID(account sms.AccountID, id string, message sms.ID) error {
	_, err := r.tx.Exec(`INSERT INTO caller_id (account_id, caller_id, message_id) VALUES (?, ?, ?)
		ON CONFLICT (account_id, caller_id) DO UPDATE SET message_id = excluded.message_id`, account, id, message)
	return err
}

const recordSQL = `UPDATE message SET state = ?, carrier_id = ?, due_at = ?, attempts = attempts + 1, sent_at = COALESCE(sent_at, ?),
	final_at = ?, progress = ?, reason = ? WHERE id = ? AND state = 2`

func (r rowByRow) writeOutcome(o sms.Outcome, fresh bool) (bool, error) {
	due, sent, final := outcomeTimes(o)
	only := ""
	if fresh {
		only = " AND progress IS NULL"
	}
	touched, err := r.tx.Exec(recordSQL+only, int64(o.State), int64(o.Carrier), due, sent, final, packProgress(o.Parts), optional(o.Reason), int64(o.Message.ID))
	return touched > 0, err
}

// outcomeTimes are the columns due_at, sent_at and final_at of an outcome.
func outcomeTimes(o sms.Outcome) (due, sent, final any) {
	if o.State == sms.Queued {
		due = milliseconds(o.Retry)
	}
	sent = milliseconds(firstSent(o.Parts))
	if o.State.Final() {
		final = o.At.UnixMilli()
	}
	return due, sent, final
}

// firstSent is when the first part that the carrier has was sent; zero: it has none.
func firstSent(parts []sms.Part) time.Time {
	for _, p := range parts {
		if p.State == sms.Sent {
			return p.At
		}
	}
	return time.Time{}
}

func (r rowByRow) writeReport(record *sms.Record, state sms.State, final time.Time, parts []sms.Part) error {
	_, err := r.tx.Exec(`UPDATE message SET state = ?, due_at = CASE WHEN ? = 2 THEN due_at END, final_at = COALESCE(final_at, ?),
		progress = ? WHERE id = ?`, int64(state), int64(state), milliseconds(final), packProgress(parts), int64(record.Message.ID))
	return err
}

func (r rowByRow) expect(ref openRef) error {
	_, err := r.tx.Exec(`INSERT INTO carrier_ref (carrier_id, ref, message_id, part) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		int64(ref.Carrier), ref.Ref, int64(ref.Message), ref.Part)
	return err
}

func (r rowByRow) forget(ref openRef) error {
	_, err := r.tx.Exec(`DELETE FROM carrier_ref WHERE carrier_id = ? AND ref = ? AND message_id = ? AND part = ?`,
		int64(ref.Carrier), ref.Ref, int64(ref.Message), ref.Part)
	return err
}

const awaitedSQL = `SELECT message_id, part, account_id, message.carrier_id, state, due_at, destination, parts, part_price, flags, progress
	FROM carrier_ref JOIN message ON message.id = message_id WHERE carrier_ref.carrier_id = ? AND ref = ?
	ORDER BY message_id DESC LIMIT 20`

// awaited reads the parts whose receipt is awaited under a carrier's id, the newest message first; of the messages
// only what a report needs.
func (r rowByRow) awaited(carrier sms.CarrierID, ref string) (found []awaitedPart, err error) {
	rows, err := r.tx.Query(awaitedSQL, int64(carrier), ref)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := &sms.Message{}
		a := awaitedPart{record: &sms.Record{Message: m}, ref: ref}
		var part, state, parts, flags int64
		var due sql.NullInt64
		var progress sql.RawBytes
		if err := rows.Scan((*int64)(&m.ID), &part, (*int64)(&m.Account), (*int64)(&m.Carrier), &state, &due, (*int64)(&m.Destination), &parts,
			(*int64)(&m.PartPrice), &flags, &progress); err != nil {
			return nil, err
		}
		a.part, a.record.State, m.Due, m.Parts = int(part), sms.State(state), moment(due), int(parts)
		unpackFlags(m, flags)
		if m.Progress, err = unpackProgress(progress); err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, rows.Err()
}
