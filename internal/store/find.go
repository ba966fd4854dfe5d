package store

import (
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// newestOf finds the newest message of a caller's id among all accounts; the key begins with the account.
const newestOf = `(SELECT MAX(c.message_id) FROM account a JOIN caller_id c ON c.account_id = a.id AND c.caller_id = ?)`

// Message reads a message by its id; nil when there is none.
func (s *Store) Message(ctx context.Context, id sms.ID) (*sms.Record, error) {
	return s.oneMessage(ctx, `SELECT `+messageColumns+` FROM message WHERE id = ?`, int64(id))
}

// MessageOf reads a message by the id that its caller chose; nil when there is none. Account 0 looks at all accounts
// and answers the newest.
func (s *Store) MessageOf(ctx context.Context, account sms.AccountID, callerID string) (*sms.Record, error) {
	if account == 0 {
		return s.oneMessage(ctx, `SELECT `+messageColumns+` FROM message WHERE id = `+newestOf, callerID)
	}
	return s.oneMessage(ctx, `SELECT `+messageColumns+` FROM message WHERE id =
		(SELECT message_id FROM caller_id WHERE account_id = ? AND caller_id = ?)`, int64(account), callerID)
}

func (s *Store) oneMessage(ctx context.Context, query string, args ...any) (record *sms.Record, err error) {
	ctx, cancel := s.limitRead(ctx)
	defer cancel()
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return nil, unread(err)
	}
	record, err = scanRecord(stmt.QueryRowContext(ctx, args...))
	return record, unread(ignoreMissing(err))
}

// Incidents reads what happened to a message beside the ordinary, oldest first.
func (s *Store) Incidents(ctx context.Context, id sms.ID) (incidents []sms.Incident, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT at, kind, detail FROM incident WHERE message_id = ? ORDER BY id`, int64(id))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at int64
			var i sms.Incident
			if err := rows.Scan(&at, &i.Kind, &i.Detail); err != nil {
				return err
			}
			i.At = time.UnixMilli(at).UTC()
			incidents = append(incidents, i)
		}
		return rows.Err()
	})
	return incidents, err
}

// MessagesOf reads the messages of all accounts by the id that their callers chose, the newest first.
func (s *Store) MessagesOf(ctx context.Context, callerID string, limit int) (records []*sms.Record, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT c.message_id FROM account a JOIN caller_id c ON c.account_id = a.id AND c.caller_id = ?
			ORDER BY c.message_id DESC LIMIT ?`, callerID, limit)
		if err != nil {
			return err
		}
		ids, err := scanIDs(rows)
		if err != nil || len(ids) == 0 {
			return err
		}
		records, err = recordsOf(tx, ids)
		slices.Reverse(records)
		return err
	})
	return records, err
}
