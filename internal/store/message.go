package store

import (
	"database/sql"
	"math"
	"slices"
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

// flagDated is the sign of what is stored, whose 31 lower bits are all used: the message was accepted for a date.
const flagDated = math.MinInt32

// The bits of message.flags from 6 on, to 30: what is kept of a submit_sm.
const (
	shiftAlphabet    = 6 // 4 bits
	flagRaw          = 1 << 10
	flagSourcePlus   = 1 << 11
	shiftDestPrefix  = 12 // 2 bits
	shiftReceipts    = 14 // 3 bits
	shiftSourceTON   = 17 // 3 bits
	shiftSourceNPI   = 20 // 4 bits, an index of numberingPlans
	shiftDestTON     = 24 // 3 bits
	shiftDestNPI     = 27 // 4 bits
	submissionFlags  = 1<<31 - 1<<shiftAlphabet
	threeBits        = 1<<3 - 1
	fourBits         = 1<<4 - 1
	destPrefixesMask = 1<<2 - 1
)

// numberingPlans are those of SMPP 3.4 §5.2.6, which take five bits. Their places are stored. Any other is kept as unknown.
var numberingPlans = [...]uint8{0, 1, 3, 4, 6, 8, 9, 10, 14, 18}

func packSubmission(s sms.Submission) (flags int64) {
	if s == (sms.Submission{}) {
		return 0
	}
	if s.SourcePlus {
		flags = flagSourcePlus
	}
	flags |= int64(s.Alphabet&fourBits) << shiftAlphabet
	flags |= int64(s.DestPrefix&destPrefixesMask)<<shiftDestPrefix | int64(s.Receipts&threeBits)<<shiftReceipts
	flags |= int64(s.SourceTON&threeBits)<<shiftSourceTON | int64(s.DestTON&threeBits)<<shiftDestTON
	return flags | planIndex(s.SourceNPI)<<shiftSourceNPI | planIndex(s.DestNPI)<<shiftDestNPI
}

func planIndex(npi uint8) int64 { return int64(max(slices.Index(numberingPlans[:], npi), 0)) }

func plan(index int64) uint8 {
	if index &= fourBits; index < int64(len(numberingPlans)) {
		return numberingPlans[index]
	}
	return 0
}

func unpackSubmission(flags int64) sms.Submission {
	return sms.Submission{
		Receipts:   sms.Receipts(flags >> shiftReceipts & threeBits),
		SourceTON:  uint8(flags >> shiftSourceTON & threeBits),
		SourceNPI:  plan(flags >> shiftSourceNPI),
		DestTON:    uint8(flags >> shiftDestTON & threeBits),
		DestNPI:    plan(flags >> shiftDestNPI),
		SourcePlus: flags&flagSourcePlus != 0,
		Alphabet:   uint8(flags >> shiftAlphabet & fourBits),
		DestPrefix: sms.NumberPrefix(flags >> shiftDestPrefix & destPrefixesMask),
	}
}

func packFlags(m *sms.Message) (flags int64) {
	for _, f := range [...]struct {
		set bool
		bit int64
	}{{m.Flash, flagFlash}, {m.Notify, flagNotify}, {m.ChargeFinal, flagChargeFinal}, {m.Hold, flagHold}, {m.Raw, flagRaw}, {m.Notice, flagNotice}} {
		if f.set {
			flags |= f.bit
		}
	}
	if m.Dated {
		flags |= flagDated
	}
	return flags | packSubmission(m.Submission)
}

func unpackFlags(m *sms.Message, flags int64) {
	m.Flash, m.Notify = flags&flagFlash != 0, flags&flagNotify != 0
	m.ChargeFinal, m.Hold = flags&flagChargeFinal != 0, flags&flagHold != 0
	m.Notice, m.Dated = flags&flagNotice != 0, flags < 0
	if flags&submissionFlags != 0 {
		m.Raw, m.Submission = flags&flagRaw != 0, unpackSubmission(flags)
	}
}

func optional(text string) any {
	if text == "" {
		return nil
	}
	return text
}
