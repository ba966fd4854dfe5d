package store

import (
	"context"
	"database/sql"

	"github.com/staffetta/staffetta/internal/inbound"
	"github.com/staffetta/staffetta/internal/sms"
)

// completeInbound ends a message of which nothing more is awaited.
func (s *Store) completeInbound(tx *Tx, m *sms.InboundMessage, parts []inbound.Part) error {
	if err := s.decideInbound(tx, m, parts); err != nil {
		return err
	}
	return tx.execute(`UPDATE inbound_message SET account_id = ?, stage = ?, encoding = ?, text = ?, until = ?, event_id = ? WHERE id = ?`,
		int64(m.Account), int64(m.Stage), int64(m.Encoding), m.Text, untilOf(tx, m), int64(m.Event), int64(m.ID))
}

// decideInbound decodes a message and gives it to its account.
func (s *Store) decideInbound(tx *Tx, m *sms.InboundMessage, parts []inbound.Part) error {
	m.Text, m.Encoding = inbound.Text(parts, m.Parts)
	if m.Stage == sms.InboundWaits {
		m.Stage = sms.InboundUnrouted
		if err := s.routeInbound(tx, m); err != nil {
			return err
		}
	}
	count := &s.Counters.InboundRouted
	if m.Stage != sms.InboundRouted {
		count = &s.Counters.InboundUnrouted
	}
	tx.after(func() { count.Add(1) })
	return nil
}

// routeInbound finds whose a message is, and tells that account.
func (s *Store) routeInbound(tx *Tx, m *sms.InboundMessage) error {
	rows, err := tx.numbersOf(m.Destination)
	if err != nil {
		return err
	}
	chosen := inbound.Choose(rows, m.Text)
	if chosen == nil {
		return nil
	}
	m.Account, m.Stage = chosen.Account, sms.InboundRouted
	way, err := tx.inboundWay(m.Account)
	if err != nil {
		return err
	}
	if err := s.tellInbound(tx, m, way); err != nil {
		return err
	}
	from, err := sms.ParseNumber(m.Source)
	if err != nil || m.Encoding == sms.Octets { // no number can be written to, and no word read
		return nil
	}
	return s.wish(tx, m.Account, from, m.Destination, m.Text)
}

// routes is what a transaction has read of numbers and accounts: what changes them has a transaction of its own.
type routes struct {
	numbers map[string][]sms.ServiceNumber
	ways    map[sms.AccountID]sms.Way
}

// numbersOf are the rows of a number. Carriers write a number that is no short code without its "+", too.
func (tx *Tx) numbersOf(number string) ([]sms.ServiceNumber, error) {
	if rows, ok := tx.routes.numbers[number]; ok {
		return rows, nil
	}
	rows, err := queryNumbers(tx, `number IN (?, ?) AND removed = 0`, number, "+"+number)
	if tx.routes.numbers == nil {
		tx.routes = routes{map[string][]sms.ServiceNumber{}, map[sms.AccountID]sms.Way{}}
	}
	tx.routes.numbers[number] = rows
	return rows, err
}

// inboundWay is how an account wants its messages from handsets.
func (tx *Tx) inboundWay(account sms.AccountID) (sms.Way, error) {
	if way, ok := tx.routes.ways[account]; ok {
		return way, nil
	}
	settings, err := settingsOf(tx, account)
	if tx.routes.ways != nil {
		tx.routes.ways[account] = settings.InboundWay()
	}
	return settings.InboundWay(), err
}

// tellInbound writes the event of a message.
func (s *Store) tellInbound(tx *Tx, m *sms.InboundMessage, way sms.Way) error {
	m.Event = s.ids.Next(tx.now)
	tx.told(EventQueue{m.Account, way})
	return tx.rows.addEvent(newEvent{id: m.Event, kind: sms.InboundEvent, message: &sms.Message{ID: m.ID, Account: m.Account},
		way: way, part: sms.WholeMessage, at: m.At, recorded: tx.now})
}

func settingsOf(tx *Tx, account sms.AccountID) (settings sms.Settings, err error) {
	var text string
	if err := tx.QueryRow(`SELECT settings FROM account WHERE id = ?`, int64(account)).Scan(&text); err != nil {
		return settings, err
	}
	return settings, decodeSettings(text, &settings)
}

// InboundCallback is the URL to which an account wants its messages from handsets as forms; empty: it wants them another way.
func (s *Store) InboundCallback(ctx context.Context, account sms.AccountID) (url string, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		settings, err := settingsOf(tx, account)
		if settings.InboundWay() == sms.ByCallback {
			url = settings.Inbound
		}
		return err
	})
	return url, err
}

// Resend says which messages from handsets are told again, the way that their account wants now.
type Resend struct {
	Message sms.ID // this one, told or not; zero: see Failed
	Failed  bool   // those that could not be told; else those that wait, whose way is another meanwhile
}

// ResendInbound has messages from handsets told, in many small steps, and answers how many there were.
func (s *Store) ResendInbound(ctx context.Context, account sms.AccountID, r Resend) (n int, err error) {
	err = s.steps(ctx, func(s *Store, tx *Tx) (int, error) {
		found, err := s.resend(tx, account, r)
		tx.after(func() { n += found })
		return found, err
	})
	return n, err
}

func (s *Store) resend(tx *Tx, account sms.AccountID, r Resend) (int, error) {
	way, err := tx.inboundWay(account)
	if err != nil {
		return 0, err
	}
	where, args := `due_at IS NOT NULL AND way <> ?`, []any{int64(way)}
	switch {
	case r.Message != 0:
		where, args = `message_id = ? AND stage <> 0`, []any{int64(r.Message)}
	case r.Failed:
		where, args = `stage = 2`, nil
	}
	n, err := tx.Exec(`UPDATE event SET stage = 0, tries = 0, due_at = ?, ended_at = NULL, way = ? WHERE id IN (SELECT id FROM event
		WHERE kind = 1 AND account_id = ? AND `+where+` ORDER BY id LIMIT ?)`,
		append(append([]any{tx.now.UnixMilli(), int64(way), int64(account)}, args...), inboundStep)...)
	if n > 0 {
		tx.told(EventQueue{account, way})
	}
	return int(n), err
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
