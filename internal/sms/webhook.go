package sms

import "time"

// Webhook is where an account wants its events.
type Webhook struct {
	Account      AccountID
	ID           string
	URL          string
	Interim      bool      // states that are not final too
	Secret       []byte    // signs every event
	OldSecret    []byte    // signs too until OldUntil; nil: there is none
	OldUntil     time.Time // zero with OldSecret
	Created      time.Time
	FailingSince time.Time // nothing has come through since; zero: the last event did
	DisabledAt   time.Time // zero: events are sent
}

// EventStage is how far the telling of an event has come. The numbers are stored.
type EventStage uint8

// The stages.
const (
	EventWaiting EventStage = iota
	EventDelivered
	EventFailed
)

// EventKind is what an event is about. The numbers are stored.
type EventKind uint8

// The kinds.
const (
	DeliveryEvent EventKind = iota // what became of a message
	InboundEvent                   // a message from a handset
)

// Way is how an event reaches its account. The numbers are stored.
type Way uint8

// The ways.
const (
	ByWebhook  Way = iota
	BySMPP         // deliver_sm to a session that the account has bound
	ByCallback     // a form to a URL, for messages from handsets only
)

// WholeMessage is the Part of an event that is about all parts at once.
const WholeMessage = -1

// Event is one thing that an account shall be told: what became of a message or of one of its parts, or a message that
// came from a handset.
type Event struct {
	ID        ID
	Account   AccountID
	Kind      EventKind
	Inbound   *InboundMessage // of an InboundEvent; nil: it is not kept any more
	MessageID ID
	Message   *Message // ids, addresses, encoding, flags and number of parts; by SMPP its first 20 characters; nil: it is not kept any more
	Way       Way
	Part      int // from 0, or WholeMessage
	State     State
	Seen      bool   // state Sent: the carrier reported it on its way
	Code      string // the carrier's, of an error; empty: none
	Reason    string // why it failed, in words; empty: as the state says
	Price     Money  // of the part, or of the message
	At        time.Time
	Stage     EventStage
	Attempts  int // how often it was taken to be sent, the present time included
	Tries     int // the same since it was last replayed
	Due       time.Time
	Ended     time.Time // zero: it waits
}

// Attempt is what came of one attempt to send an event, and what becomes of the event.
type Attempt struct {
	Event    ID
	Number   int // the Event's Attempts
	At       time.Time
	Duration time.Duration
	Status   int    // of HTTP; by SMPP the command_status; 0: no answer came, or ESME_ROK
	Receiver string // by SMPP: the system_id and the address of the session
	Error    string // why it failed; empty: it did not
	Response []byte // the first octets of the answer

	Stage EventStage
	Due   time.Time // stage EventWaiting: when to try again
	Void  bool      // nothing was tried: the event waits as before, and the attempt does not count
}
