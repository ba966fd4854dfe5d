package sms

import "time"

// Keys of the other nouns. All are positive; zero is none.
type (
	AccountID int64
	CarrierID int64
)

// Priority is the turn a message gets in its carrier's queue; a lower number goes first.
type Priority uint8

// The priorities, in the order in which they are served.
const (
	High Priority = iota
	Normal
	Low
	Priorities = 3
)

// Encoding is how the text travels. The values are those of gsm.Encoding.
type Encoding uint8

// The encodings.
const (
	GSM7 Encoding = iota
	UCS2
	Octets
)

// Message is one message to one recipient, as it was accepted. It does not change after it was accepted, but for
// ID, Dated, Carrier and Attempts, so that the queues may share it.
type Message struct {
	ID          ID
	Account     AccountID
	Carrier     CarrierID // the carrier whose queue it is in
	CallerID    string    // the caller's id; empty: the public id of ID serves
	Campaign    string
	Destination Number
	Sender      Sender
	Text        string // placeholders replaced, transliterated; of Octets, their hexadecimal digits
	UDH         []byte // the caller's own user data header, its length octet first; nil: none
	Encoding    Encoding
	Raw         bool // Text is the hexadecimal digits of user data in Encoding: part of a text that was cut inside of a character
	Parts       int
	PartPrice   Money // for each part
	Priority    Priority
	Flash       bool
	Notify      bool      // events to the account's webhook
	ChargeFinal bool      // charge what was DELIVERED, not what the carrier took
	Notice      bool      // answers a word about opt-outs: it goes to who has opted out too
	Hold        bool      // when nobody knows whether it left: UNKNOWN instead of sending again
	Reference   byte      // of the concatenation header; differs between messages to one destination
	Due         time.Time // zero: at once
	Dated       bool      // the store's: it was accepted for a later date
	Expires     time.Time // not sent after this moment
	Digest      uint64    // of the request, to tell a replay from another message with the same caller's id
	Origin      Origin
	Submission  Submission // of a message that came by SMPP
	Attempts    int        // how often it was handed to a carrier or tried to
	Progress    []Part     // what the parts have reached; nil: nothing has left
	Refusal     string     // state Refused: the reason
	Term        int64      // the store's: when this process got hold of it, counted in losses of all it held
}

// Price is what the whole message costs.
func (m *Message) Price() Money { return m.PartPrice * Money(m.Parts) }

// Origin says who brought a message, from where and how: for support people, not for decisions.
type Origin struct {
	Door       string // "http", "smpp", "console", "command"
	Credential string // prefix of the key, or the username
	Address    string // the client address
}

// Part is how far one part of a message has come.
type Part struct {
	State  State
	Ref    string // the carrier's message id; empty: none
	Code   string // the carrier's code of an error, as it was sent
	Whole  bool   // a report of it speaks for all parts of the message that have this set
	Lapsed bool   // no receipt came in time: State is what the account says of such parts
	Waived bool   // was Unknown before a receipt came: with ChargeFinal its price was given back then, and stays so
	Seen   bool   // the carrier reported it accepted or on its way (RECEIVED)
	Doubts uint8  // how often its bytes may have left without an answer coming
	At     time.Time
}

// maxDoubts is how often a part is sent again after an answer that never came. A carrier that swallows a message
// three times is not given a fourth copy.
const maxDoubts = 2

// Doubt is what becomes of a part whose bytes may have left without an answer: it waits to be sent again, or it is
// Unknown when the account rather holds it, or when it was sent again too often already.
func (m *Message) Doubt(p Part, at time.Time) Part {
	p.State, p.At = Queued, at
	if m.Hold || p.Doubts >= maxDoubts {
		p.State = Unknown
		return p
	}
	p.Doubts++
	return p
}

// Lapse is what becomes of a part that the carrier took and of which no receipt came in time.
func (p Part) Lapse(to State, at time.Time) Part {
	p.State, p.Lapsed, p.At = to, true, at
	return p
}

// Standing is the progress of each part, the caller's to change; a part of which nothing is known waits.
func (m *Message) Standing() []Part {
	parts := make([]Part, m.Parts)
	for i := copy(parts, m.Progress); i < len(parts); i++ {
		parts[i].State = Queued
	}
	return parts
}

// Record is a message and where it stands.
type Record struct {
	Message *Message
	State   State
	Sent    time.Time // when a carrier first took a part; zero: not yet
	Final   time.Time // when it reached its final state; zero: not yet
	Reason  string    // why it failed, in words; empty: it did not

	Redacted bool // its text and number are blanked
}

// Incident is something that happened to a message beside the ordinary.
type Incident struct {
	At     time.Time
	Kind   string // "retry", "doubt", "repeated receipt", …
	Detail string
}
