package sms

import "time"

// Inbound is a message from a handset as a carrier delivered it, not yet decoded.
type Inbound struct {
	Carrier     CarrierID
	Source      string // digits or letters, as the carrier wrote them
	Destination string
	ESMClass    byte   // SMPP 3.4 §5.2.12
	DataCoding  byte   // SMPP 3.4 §5.2.19
	Octets      []byte // user data, with its header when ESMClass says so
	At          time.Time
}
