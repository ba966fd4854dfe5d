package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const inboundColumns = `id, account_id, carrier_id, source, destination, text, encoding, ports, parts, came, stage, at, event_id`

func queryInbound(tx *Tx, where string, args ...any) (messages []sms.InboundMessage, err error) {
	rows, err := tx.Query(`SELECT `+inboundColumns+` FROM inbound_message WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m sms.InboundMessage
		var at int64
		if err := rows.Scan((*int64)(&m.ID), (*int64)(&m.Account), (*int64)(&m.Carrier), &m.Source, &m.Destination, &m.Text,
			&m.Encoding, &m.Ports, &m.Parts, &m.Came, &m.Stage, &at, (*int64)(&m.Event)); err != nil {
			return nil, err
		}
		m.At = time.UnixMilli(at).UTC()
		messages = append(messages, m)
	}
	return messages, rows.Err()
}

// InboundMessages reads messages from handsets that came to an account before one id (zero: the newest), the newest
// first. Account 0: those that are nobody's, and those that wait for parts.
func (s *Store) InboundMessages(ctx context.Context, account sms.AccountID, before sms.ID, limit int) (messages []sms.InboundMessage, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		messages, err = queryInbound(tx, `account_id = ? AND id < ? ORDER BY id DESC LIMIT ?`, int64(account), EventPage{Before: before}.before(), limit)
		return err
	})
	return messages, err
}

// InboundMessage reads one message from a handset; nil when there is none.
func (s *Store) InboundMessage(ctx context.Context, id sms.ID) (*sms.InboundMessage, error) {
	var found []sms.InboundMessage
	err := s.View(ctx, func(tx *Tx) (err error) {
		found, err = queryInbound(tx, `id = ?`, int64(id))
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// InboundNobodys counts the messages from handsets that are kept for nobody, up to 100,000.
func (s *Store) InboundNobodys(ctx context.Context) (n int, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM (SELECT 1 FROM inbound_message WHERE stage = 1 LIMIT ?) AS kept`, mostCounted).Scan(&n)
	})
	return n, err
}

// claimedInbound are the columns of a message from a handset beside its event; all are NULL beside one of another kind.
type claimedInbound struct {
	source, destination, text        sql.NullString
	encoding, ports, parts, came, at sql.NullInt64
}

func (c *claimedInbound) message(id sms.ID) *sms.InboundMessage {
	if !c.parts.Valid {
		return nil
	}
	return &sms.InboundMessage{ID: id, Source: c.source.String, Destination: c.destination.String, Text: c.text.String,
		Encoding: sms.Encoding(c.encoding.Int64), Ports: int(c.ports.Int64), Parts: int(c.parts.Int64), Came: int(c.came.Int64),
		Stage: sms.InboundRouted, At: time.UnixMilli(c.at.Int64).UTC()}
}

// InboundPart is when one part of a message came.
type InboundPart struct {
	Place int // from 1
	At    time.Time
}

// InboundParts reads when the parts of a message from a handset came, in that order.
func (s *Store) InboundParts(ctx context.Context, id sms.ID) (parts []InboundPart, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT place, at FROM inbound WHERE message_id = ? ORDER BY at, id`, int64(id))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p InboundPart
			var at int64
			if err := rows.Scan(&p.Place, &at); err != nil {
				return err
			}
			p.At = time.UnixMilli(at).UTC()
			parts = append(parts, p)
		}
		return rows.Err()
	})
	return parts, err
}
