package sms

import (
	"strings"
	"time"
)

// Inbound is what a carrier delivered at once, not yet decoded: a message from a handset, or a part of one.
type Inbound struct {
	Carrier     CarrierID
	Source      string // as InboundAddress writes it, or digits that are no international number
	Destination string
	ESMClass    byte     // SMPP 3.4 §5.2.12
	DataCoding  byte     // SMPP 3.4 §5.2.19
	Alphabet    Alphabet // what the carrier means by data_coding 0
	Octets      []byte   // user data, with its header when ESMClass says so
	Mark        string   // an id that the carrier or the handset gave it; empty: none
	At          time.Time
	Before      Before
}

// Alphabet is what a carrier takes data_coding 0 for. The numbers are stored.
type Alphabet uint8

// The alphabets.
const (
	AlphabetGSM    Alphabet = iota // GSM 03.38, a septet in each octet
	AlphabetPacked                 // GSM 03.38, packed as on the radio path
	AlphabetLatin1                 // ISO 8859-1
	AlphabetASCII
)

// Before says what is known of an equal delivery that came before: carriers repeat what they take for unanswered.
type Before uint8

// What may be known.
const (
	BeforeUnknown  Before = iota // none has come, as far as this process knows
	BeforeAnswered               // one came, and the carrier surely had the answer: this is another message
	BeforeDoubtful               // one came, and the carrier may not know that it was taken: this is the same
)

// InboundMessage is a message from a handset, put together and decoded.
type InboundMessage struct {
	ID          ID
	Account     AccountID // whose number it came to; zero: nobody's
	Carrier     CarrierID
	Source      string // "+" and digits, or as the carrier wrote it
	Destination string
	Text        string   // of Octets, their hexadecimal digits
	Encoding    Encoding // UCS2 for whatever is not GSM-7 and has characters
	Ports       int      // the destination's application port · 2¹⁶ | the source's; NoPorts: it names none
	Parts       int
	Came        int // how many of them have
	Stage       InboundStage
	At          time.Time // when the first part came
	Event       ID        // that tells the account of it; zero: none
}

// NoPorts is InboundMessage.Ports of an ordinary message.
const NoPorts = -1

// InboundStage is where a message from a handset stands. The numbers are stored.
type InboundStage uint8

// The stages.
const (
	InboundWaits    InboundStage = iota // for further parts
	InboundUnrouted                     // to a number that is nobody's
	InboundRouted                       // it is its account's
	InboundOdd                          // it says that it is a receipt, and names no message; nobody is told
)

// InboundAddress writes a source or destination as it is stored and compared: an E.164 number with "+", a short code as
// its digits, letters in upper case.
func InboundAddress(text string) string {
	text = strings.TrimSpace(text)
	if number, err := ParseNumber(text); err == nil {
		return number.String()
	}
	return strings.ToUpper(text)
}

// ServiceNumber is a number that takes messages for an account, or one keyword of a shared number.
type ServiceNumber struct {
	Number  string // as InboundAddress writes it
	Keyword string // in small letters; empty: whatever no keyword takes
	Account AccountID
	Created time.Time
}
