package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Message reads a message by its id; nil when there is none.
func (s *Store) Message(ctx context.Context, id sms.ID) (*sms.Record, error) {
	return s.oneMessage(ctx, `SELECT `+messageColumns+` FROM message WHERE id = ?`, int64(id))
}

// MessageOf reads a message by the id that its caller chose; nil when there is none. Account 0 looks at all accounts
// and answers the newest.
func (s *Store) MessageOf(ctx context.Context, account sms.AccountID, callerID string) (*sms.Record, error) {
	if account == 0 {
		return s.oneMessage(ctx, `SELECT `+messageColumns+` FROM message WHERE id = (SELECT MAX(message_id) FROM caller_id WHERE caller_id = ?)`, callerID)
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
