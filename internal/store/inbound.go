package store

import (
	"bytes"
	"database/sql"
	"errors"
	"time"

	"github.com/staffetta/staffetta/internal/inbound"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	// inboundPatience is how long a message waits for its missing parts.
	inboundPatience = 24 * time.Hour
	// inboundKept is how long one is kept to a number that is nobody's.
	inboundKept = 30 * 24 * time.Hour
	// inboundRepeat is how long after a delivery an equal one counts as the carrier's repetition of it, while some server
	// runs; one of which the carrier may not have the answer counts for inboundPatience.
	inboundRepeat = 10 * time.Minute
)

// Inbound stores what a carrier delivered from a handset. A repetition is recognised. With the part that completes a
// message, the message, the event that tells its account of it and what its writer wishes are one transaction. done is
// called with nil after the commit, or with why the store does not take it.
func (s *Store) Inbound(in sms.Inbound, done func(error)) {
	s.enqueue(&inboundMember{store: s, in: in, done: done})
}

type inboundMember struct {
	store *Store
	in    sms.Inbound
	done  func(error)
}

func (m *inboundMember) settle(err error)   { m.done(err) }
func (m *inboundMember) apply(tx *Tx) error { return m.store.receive(tx, &m.in, 0) }

// receive takes one delivery. stored is the row that it has already, of an earlier version; 0: none.
func (s *Store) receive(tx *Tx, in *sms.Inbound, stored int64) error {
	part := inbound.Read(in)
	key := inbound.Key(in, part)
	if part.Total > 1 {
		if err := tx.exclude(key); err != nil {
			return err
		}
	}
	open, repeated, err := s.placeOf(tx, in, part, key)
	if err != nil {
		return err
	}
	if repeated || stored == 0 && tx.wholes[key] {
		tx.after(func() { s.Counters.InboundRepeated.Add(1) })
		return discardStored(tx, stored)
	}
	tx.after(func() { s.Counters.InboundParts.Add(1) })
	m := s.newInbound(tx, in, part)
	if part.Total == 1 {
		return s.receiveWhole(tx, m, in, key, stored)
	}
	joined, err := join(tx, m, open)
	if err != nil {
		return err
	}
	if !joined {
		if err := insertInbound(tx, tx.execute, m, key); err != nil {
			return err
		}
	}
	if err := writePart(tx.execute, in, m.ID, part.Index, stored); err != nil || m.Came < m.Parts {
		return err
	}
	parts, err := partsOf(tx, m.ID)
	if err != nil {
		return err
	}
	return s.completeInbound(tx, m, parts)
}

// receiveWhole takes a message of one part: nothing of it is read again in the transaction, so that nothing need be
// written at once.
func (s *Store) receiveWhole(tx *Tx, m *sms.InboundMessage, in *sms.Inbound, key, stored int64) error {
	if tx.wholes == nil {
		tx.wholes = map[int64]bool{}
	}
	tx.wholes[key] = tx.wholes[key] || stored == 0
	if err := s.decideInbound(tx, m, []inbound.Part{inbound.Read(in)}); err != nil {
		return err
	}
	if err := insertInbound(tx, tx.rows.later, m, key); err != nil {
		return err
	}
	return writePart(tx.rows.later, in, m.ID, 1, stored)
}

// writer runs a statement of which nobody waits for the result, at once or not.
type writer func(query string, args ...any) error

func (tx *Tx) execute(query string, args ...any) error {
	_, err := tx.Exec(query, args...)
	return err
}

// newInbound is a message of which one part has come.
func (s *Store) newInbound(tx *Tx, in *sms.Inbound, part inbound.Part) *sms.InboundMessage {
	m := &sms.InboundMessage{ID: s.ids.Next(tx.now), Carrier: in.Carrier, Source: storable(in.Source),
		Destination: storable(in.Destination), Ports: part.Ports, Parts: part.Total, Came: 1, At: in.At}
	if part.Receipt {
		m.Stage = sms.InboundOdd
	}
	return m
}

// join makes a part one of the message that waits for it, and tells how that stands; false when none waits, or not any more.
func join(tx *Tx, m *sms.InboundMessage, open sms.ID) (bool, error) {
	if open == 0 {
		return false, nil
	}
	var came, at int64
	err := tx.QueryRow(`UPDATE inbound_message SET came = came + 1 WHERE id = ? AND stage = 0 RETURNING came, at, ports`, int64(open)).
		Scan(&came, &at, &m.Ports)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	m.ID, m.Came, m.At = open, int(came), time.UnixMilli(at).UTC()
	return err == nil, err
}

// candidate is a message to which a part may belong.
type candidate struct {
	id     sms.ID
	stage  sms.InboundStage
	has    bool // a part at that place
	equal  bool // and it is the same
	partAt time.Time
}

// placeOf finds the message that waits for a part; 0: it is the first of its message. A part that is there is a
// repetition, until so much time has passed that it is another message under the same reference.
func (s *Store) placeOf(tx *Tx, in *sms.Inbound, part inbound.Part, key int64) (open sms.ID, repeated bool, err error) {
	found, err := candidates(tx, in, part.Index, key)
	if err != nil {
		return 0, false, err
	}
	for _, c := range found {
		switch {
		case c.equal && c.stage == sms.InboundWaits:
			return 0, true, nil
		case c.equal && s.sameAs(tx, in.Before, c.partAt):
			return 0, true, nil
		case !c.has && c.stage == sms.InboundWaits && open == 0:
			open = c.id
		}
	}
	return open, false, nil
}

// sameAs reports whether an equal delivery of a moment is the same as this one.
func (s *Store) sameAs(tx *Tx, before sms.Before, at time.Time) bool {
	switch before {
	case sms.BeforeAnswered:
		return false
	case sms.BeforeDoubtful:
		return true
	}
	limit := tx.now.Add(-inboundRepeat)
	if s.born.After(limit) && s.last.Before(s.born) { // the time in which no server ran does not count
		limit = s.last.Add(-inboundRepeat)
	}
	return at.After(limit)
}

// candidates are the messages with a key that are not older than parts wait, the newest first.
func candidates(tx *Tx, in *sms.Inbound, place int, key int64) (found []candidate, err error) {
	since := sms.MakeID(tx.now.Add(-inboundPatience), 0, 0)
	rows, err := tx.Query(`SELECT m.id, m.stage, p.esm_class, p.data_coding, p.octets, p.at FROM inbound_message m
		LEFT JOIN inbound p ON p.message_id = m.id AND p.place = ? WHERE m.key = ? AND m.id >= ? AND m.source = ? AND m.destination = ?
		ORDER BY m.id DESC`, place, key, int64(since), storable(in.Source), storable(in.Destination))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c candidate
		var class, coding, at *int64
		var octets []byte
		if err := rows.Scan((*int64)(&c.id), &c.stage, &class, &coding, &octets, &at); err != nil {
			return nil, err
		}
		if c.has = at != nil; c.has {
			c.partAt = time.UnixMilli(*at)
			c.equal = *class == int64(in.ESMClass) && *coding == int64(in.DataCoding) && bytes.Equal(octets, in.Octets)
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// exclude keeps others, of all processes, from working on the same until the transaction ends: the parts of one message, or
// what else has a key.
func (tx *Tx) exclude(key int64) error {
	if !tx.dialect.numbered {
		return nil
	}
	_, err := tx.Exec(`SELECT pg_advisory_xact_lock(?)`, key)
	return err
}

func writePart(write writer, in *sms.Inbound, message sms.ID, place int, stored int64) error {
	if stored != 0 {
		return write(`UPDATE inbound SET message_id = ?, place = ? WHERE id = ?`, int64(message), place, stored)
	}
	return write(`INSERT INTO inbound (carrier_id, source, destination, esm_class, data_coding, octets, at, message_id, place, alphabet)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(in.Carrier), storable(in.Source), storable(in.Destination), int64(in.ESMClass),
		int64(in.DataCoding), octets(in.Octets), in.At.UnixMilli(), int64(message), place, int64(in.Alphabet))
}

func discardStored(tx *Tx, stored int64) error {
	if stored == 0 {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM inbound WHERE id = ?`, stored)
	return err
}

func insertInbound(tx *Tx, write writer, m *sms.InboundMessage, key int64) error {
	return write(`INSERT INTO inbound_message (id, account_id, carrier_id, source, destination, key, parts, came, stage, encoding, ports, text,
		at, until, event_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(m.ID), int64(m.Account), int64(m.Carrier), m.Source,
		m.Destination, key, m.Parts, m.Came, int64(m.Stage), int64(m.Encoding), m.Ports, m.Text, m.At.UnixMilli(), untilOf(tx, m), int64(m.Event))
}

// untilOf is when somebody must look at a message again; nil: never.
func untilOf(tx *Tx, m *sms.InboundMessage) any {
	switch m.Stage {
	case sms.InboundWaits:
		return tx.now.Add(inboundPatience).UnixMilli()
	case sms.InboundRouted:
		return nil
	}
	return tx.now.Add(inboundKept).UnixMilli()
}

const partColumns = `carrier_id, source, destination, esm_class, data_coding, alphabet, octets, at`

func scanPart(row interface{ Scan(...any) error }, before ...any) (in sms.Inbound, err error) {
	var class, coding, alphabet, at int64
	targets := append(before, (*int64)(&in.Carrier), &in.Source, &in.Destination, &class, &coding, &alphabet, &in.Octets, &at)
	err = row.Scan(targets...)
	in.ESMClass, in.DataCoding, in.Alphabet, in.At = byte(class), byte(coding), sms.Alphabet(alphabet), time.UnixMilli(at).UTC()
	return in, err
}

// partsOf reads the parts of a message that have come, in order.
func partsOf(tx *Tx, id sms.ID) (parts []inbound.Part, err error) {
	rows, err := tx.Query(`SELECT `+partColumns+` FROM inbound WHERE message_id = ? ORDER BY place`, int64(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		in, err := scanPart(rows)
		if err != nil {
			return nil, err
		}
		parts = append(parts, inbound.Read(&in))
	}
	return parts, rows.Err()
}
