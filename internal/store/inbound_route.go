package store

import (
	"database/sql"

	"github.com/staffetta/staffetta/internal/inbound"
	"github.com/staffetta/staffetta/internal/sms"
)

// completeInbound decodes a message of which nothing more is awaited, and gives it to its account.
func (s *Store) completeInbound(tx *Tx, m *sms.InboundMessage, parts []inbound.Part) error {
	m.Text, m.Encoding = inbound.Text(parts, m.Parts)
	if m.Stage == sms.InboundWaits {
		m.Stage = sms.InboundUnrouted
		if err := s.routeInbound(tx, m); err != nil {
			return err
		}
	}
	var until any
	if m.Stage != sms.InboundRouted {
		until = tx.now.Add(inboundKept).UnixMilli()
		tx.after(func() { s.Counters.InboundUnrouted.Add(1) })
	} else {
		tx.after(func() { s.Counters.InboundRouted.Add(1) })
	}
	_, err := tx.Exec(`UPDATE inbound_message SET account_id = ?, stage = ?, encoding = ?, text = ?, until = ?, event_id = ? WHERE id = ?`,
		int64(m.Account), int64(m.Stage), int64(m.Encoding), m.Text, until, int64(m.Event), int64(m.ID))
	return err
}

// routeInbound finds whose a message is, and tells that account.
func (s *Store) routeInbound(tx *Tx, m *sms.InboundMessage) error {
	rows, err := queryNumbers(tx, `number = ? AND removed = 0`, m.Destination)
	if err != nil {
		return err
	}
	chosen := inbound.Choose(rows, m.Text)
	if chosen == nil {
		return nil
	}
	m.Account, m.Stage = chosen.Account, sms.InboundRouted
	if err := s.tellInbound(tx, m); err != nil {
		return err
	}
	from, err := sms.ParseNumber(m.Source)
	if err != nil || m.Encoding == sms.Octets { // no number can be written to, and no word read
		return nil
	}
	return s.wish(tx, m.Account, from, m.Destination, m.Text)
}

// tellInbound writes the event of a message.
func (s *Store) tellInbound(tx *Tx, m *sms.InboundMessage) error {
	m.Event = s.ids.Next(tx.now)
	tx.told(m.Account)
	return tx.rows.addEvent(newEvent{id: m.Event, kind: sms.InboundEvent, message: &sms.Message{ID: m.ID, Account: m.Account},
		part: sms.WholeMessage, at: m.At, recorded: tx.now})
}

func queryNumbers(tx *Tx, where string, args ...any) (numbers []sms.ServiceNumber, err error) {
	rows, err := tx.Query(`SELECT number, keyword, account_id, created_at FROM service_number WHERE `+where+` ORDER BY number, keyword`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n sms.ServiceNumber
		var created sql.NullInt64
		if err := rows.Scan(&n.Number, &n.Keyword, (*int64)(&n.Account), &created); err != nil {
			return nil, err
		}
		n.Created = moment(created)
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}
