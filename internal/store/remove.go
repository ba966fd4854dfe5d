package store

import (
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// removeMember removes messages whose time is over, and what hangs on them.
type removeMember struct {
	answer
	gone []old
}

func (r *removeMember) apply(tx *Tx) error { return remove(tx, r.gone) }

// inIDs is a condition on the ids of at most retainWrite messages: always with as many parameters, so that it is one
// statement.
var inIDs = "IN (?" + strings.Repeat(", ?", retainWrite-1) + ")"

// idArguments are the parameters of inIDs, for at least one id; the last one fills them up.
func idArguments(ids []sms.ID) []any {
	args := make([]any, retainWrite)
	for i := range args {
		args[i] = int64(ids[min(i, len(ids)-1)])
	}
	return args
}

func idsOf(messages []old) []sms.ID {
	ids := make([]sms.ID, len(messages))
	for i, o := range messages {
		ids[i] = o.id
	}
	return ids
}

// remove removes at most retainWrite messages; those that stay are left to their partition.
func remove(tx *Tx, gone []old) error {
	if len(gone) == 0 {
		return nil
	}
	for _, o := range gone {
		for _, ref := range o.refs {
			if err := tx.rows.forget(ref); err != nil {
				return err
			}
		}
	}
	if err := removeCallerIDs(tx, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM incident WHERE message_id `+inIDs, idArguments(idsOf(gone))...); err != nil {
		return err
	}
	var rows []sms.ID
	for _, o := range gone {
		reserved := o.flags&flagChargeFinal != 0 && len(o.refs) > 0
		if reserved {
			if err := giveBack(tx, o.id); err != nil {
				return err
			}
		}
		if reserved || !o.stays { // what was given back must not be met again
			rows = append(rows, o.id)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM message WHERE id `+inIDs+` AND state NOT IN (1, 2)`, idArguments(rows)...)
	return err
}

// removeCallerIDs frees the ids that callers chose, but for those that a newer message has. SQLite would go through all
// ids of an account for the one statement that serves PostgreSQL.
func removeCallerIDs(tx *Tx, gone []old) error {
	if tx.dialect.numbered {
		_, err := tx.Exec(`DELETE FROM caller_id USING message m WHERE m.id `+inIDs+` AND caller_id.account_id = m.account_id
			AND caller_id.caller_id = m.caller_id AND message_id = m.id`, idArguments(idsOf(gone))...)
		return err
	}
	for _, o := range gone {
		if o.caller == "" {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM caller_id WHERE account_id = ? AND caller_id = ? AND message_id = ?`,
			int64(o.account), o.caller, int64(o.id)); err != nil {
			return err
		}
	}
	return nil
}

// giveBack releases what is still reserved for parts of which nobody ever said that they were delivered.
func giveBack(tx *Tx, id sms.ID) error {
	record, err := loadRecord(tx, id)
	if err != nil {
		return ignoreMissing(err)
	}
	before := record.Message.Standing()
	after := record.Message.Standing()
	for i := range after {
		if !after[i].State.Final() {
			after[i].State = sms.Expired
		}
	}
	return tx.balances.settle(tx, record.Message.Account, billOf(record.Message, before, after))
}

// redactMember blanks what a message said and to whom; whatever else is known of it stays: its digest too, by which a
// repetition is recognised.
type redactMember struct {
	answer
	blank []old
}

var redactSQL = `UPDATE message SET body = '', udh = NULL, destination = 0, flags = flags + ` + strconv.Itoa(flagRedacted) + ` WHERE id ` + inIDs +
	` AND destination <> 0`

func (r *redactMember) apply(tx *Tx) error {
	_, err := tx.Exec(redactSQL, idArguments(idsOf(r.blank))...)
	return err
}
