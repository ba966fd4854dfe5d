package sms

import "time"

// Outcome is what one attempt to send a message came to, for all its parts. The dispatcher makes it, the store
// records it and settles the credit in the same transaction.
type Outcome struct {
	Message  *Message
	State    State     // Sent, Failed, Expired, Unknown, or Queued for a temporary refusal
	Parts    []Part    // one for each part of the message
	Reason   string    // for the customer; empty when sent
	Retry    time.Time // State Queued: when to try again
	Carrier  CarrierID // who took or refused it; State Queued: whose queue it waits in next
	Incident string    // what to tell support people about this attempt; empty: it was ordinary
	At       time.Time
}

// Report is a receipt of a carrier about one part, translated from its protocol.
type Report struct {
	Carrier     CarrierID
	Ref         string // the carrier's message id, exactly as it wrote it
	Destination Number // zero: the receipt does not say
	State       State  // Delivered, Failed, Expired, Unknown; Sent: an intermediate state
	Code        string // the carrier's error code as it was sent; empty: none
	At          time.Time
}

// Standing is what the parts of a message add up to: Failed once one part finally failed (Expired when that part
// expired), Delivered when all were, Unknown when the rest is known and a part is not, else Sent. Parts that have not left make it Queued.
func Standing(parts []Part) State {
	var count [len(stateNames)]int
	for _, p := range parts {
		count[p.State]++
	}
	switch {
	case count[Failed] > 0:
		return Failed
	case count[Expired] > 0:
		return Expired
	case count[Queued]+count[Sending] > 0:
		return Queued
	case count[Sent] > 0:
		return Sent
	case count[Unknown] > 0:
		return Unknown
	}
	return Delivered
}

// Apply is what a report does to a part. It answers the part as it then stands and whether anything changed: a
// final state never changes, and an intermediate report is only remembered.
func (r Report) Apply(p Part) (Part, bool) {
	if r.State == Sent {
		if p.Seen || !(p.State == Sent || p.State == Unknown) {
			return p, false
		}
		p.Seen = true
		return p, true
	}
	if !p.State.CanBecome(r.State) {
		return p, false
	}
	p.State, p.Code, p.At = r.State, r.Code, r.At
	return p, true
}
