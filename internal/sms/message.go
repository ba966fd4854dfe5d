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
// ID, Carrier and Attempts, so that the queues may share it.
type Message struct {
	ID          ID
	Account     AccountID
	Carrier     CarrierID // the carrier whose queue it is in
	CallerID    string    // the caller's id; empty: the public id of ID serves
	Campaign    string
	Destination Number
	Sender      Sender
	Text        string // placeholders replaced, transliterated; empty when Octets carry it
	UDH         []byte // the caller's own user data header, its length octet first; nil: none
	Encoding    Encoding
	Parts       int
	PartPrice   Money // for each part
	Priority    Priority
	Flash       bool
	Notify      bool      // events to the account's webhook
	ChargeFinal bool      // charge what was DELIVERED, not what the carrier took
	Hold        bool      // when nobody knows whether it left: UNKNOWN instead of sending again
	Reference   byte      // of the concatenation header; differs between messages to one destination
	Due         time.Time // zero: at once
	Expires     time.Time // not sent after this moment
	Digest      uint64    // of the request, to tell a replay from another message with the same caller's id
	Origin      Origin
	Attempts    int    // how often it was handed to a carrier or tried to
	Progress    []Part // what the parts have reached; nil: nothing has left
	Refusal     string // state Refused: the reason
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
	State State
	Ref   string // the carrier's message id; empty: none
	Code  string // the carrier's code of an error, as it was sent
	Seen  bool   // the carrier reported it accepted or on its way (RECEIVED)
	At    time.Time
}
