package store

import (
	"database/sql"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const insertMessageSQL = `INSERT INTO message (id, node, account_id, carrier_id, state, priority, due_at, expires_at,
	destination, sender, body, udh, encoding, parts, part_price, flags, reference, caller_id, campaign, digest, origin,
	final_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// rowOf is the columns of a new message in the order of insertMessageSQL.
func rowOf(m *sms.Message, node int, now time.Time) [23]any {
	state, price, text := firstState(m), m.PartPrice, m.Text
	var due, final any = milliseconds(m.Due), nil
	if state == sms.Refused {
		price, text, due, final = 0, cut(text, refusedText), nil, now.UnixMilli()
	}
	var udh any
	if m.UDH != nil {
		udh = m.UDH
	}
	return [...]any{int64(m.ID), int64(node), int64(m.Account), int64(m.Carrier), int64(state), int64(m.Priority),
		due, m.Expires.UnixMilli(), int64(m.Destination), string(m.Sender), text, udh, int64(m.Encoding), int64(m.Parts),
		int64(price), packFlags(m), int64(m.Reference), optional(m.CallerID), optional(m.Campaign), int64(m.Digest),
		m.Origin.Door + " " + m.Origin.Credential + " " + m.Origin.Address, final, optional(m.Refusal)}
}

const messageColumns = `id, account_id, carrier_id, state, priority, due_at, expires_at, destination, sender, body, udh,
	encoding, parts, part_price, flags, reference, caller_id, campaign, digest, origin, attempts, sent_at, final_at, progress, reason`

func loadRecord(tx *Tx, id sms.ID) (*sms.Record, error) { return tx.rows.record(id) }

func scanRecord(row interface{ Scan(...any) error }) (*sms.Record, error) {
	m := &sms.Message{}
	r := &sms.Record{Message: m}
	var due, sent, final sql.NullInt64
	var expires, flags, digest, state, priority, encoding, parts, reference, attempts int64 // the driver's own type is scanned fastest
	var origin string
	var callerID, campaign, reason sql.NullString
	var progress []byte
	err := row.Scan((*int64)(&m.ID), (*int64)(&m.Account), (*int64)(&m.Carrier), &state, &priority, &due, &expires,
		(*int64)(&m.Destination), (*string)(&m.Sender), &m.Text, &m.UDH, &encoding, &parts, (*int64)(&m.PartPrice), &flags,
		&reference, &callerID, &campaign, &digest, &origin, &attempts, &sent, &final, &progress, &reason)
	if err != nil {
		return nil, err
	}
	r.State, m.Priority, m.Encoding = sms.State(state), sms.Priority(priority), sms.Encoding(encoding)
	m.Parts, m.Reference, m.Attempts = int(parts), byte(reference), int(attempts)
	m.Due, m.Expires, r.Sent, r.Final = moment(due), time.UnixMilli(expires).UTC(), moment(sent), moment(final)
	m.CallerID, m.Campaign, m.Digest = callerID.String, campaign.String, uint64(digest)
	m.Origin = unpackOrigin(origin)
	unpackFlags(m, flags)
	r.Redacted = flags&flagRedacted != 0
	if r.State == sms.Refused {
		m.Refusal = reason.String
	} else {
		r.Reason = reason.String
	}
	m.Progress, err = unpackProgress(progress)
	return r, err
}

func unpackOrigin(text string) sms.Origin {
	door, rest, _ := strings.Cut(text, " ")
	credential, address, _ := strings.Cut(rest, " ")
	return sms.Origin{Door: door, Credential: credential, Address: address}
}

// The bits of message.flags.
const (
	flagFlash = 1 << iota
	flagNotify
	flagChargeFinal
	flagHold
	flagRedacted // of the record: its text and number are blanked
	flagNotice
)

func packFlags(m *sms.Message) (flags int64) {
	for _, f := range [...]struct {
		set bool
		bit int64
	}{{m.Flash, flagFlash}, {m.Notify, flagNotify}, {m.ChargeFinal, flagChargeFinal}, {m.Hold, flagHold}, {m.Notice, flagNotice}} {
		if f.set {
			flags |= f.bit
		}
	}
	return flags
}

func unpackFlags(m *sms.Message, flags int64) {
	m.Flash, m.Notify = flags&flagFlash != 0, flags&flagNotify != 0
	m.ChargeFinal, m.Hold = flags&flagChargeFinal != 0, flags&flagHold != 0
	m.Notice = flags&flagNotice != 0
}

func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}
