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
	Words       string // what the code means; empty: nobody knows
	Exact       bool   // no other notation of Ref counts
	At          time.Time
}

// Standing is what the parts of a message add up to: Failed once one part finally failed (Expired when that part
// expired), Delivered when all were, Unknown when the rest is known and a part is not, else Sent. Parts that have not
// left make it Queued. It is never Delivered unless every part is, whatever the parts hold.
func Standing(parts []Part) State {
	var count [len(stateNames)]int
	for _, p := range parts {
		if int(p.State) < len(count) {
			count[p.State]++
		}
	}
	for _, s := range [...]State{Failed, Expired, Queued, Sending, Sent, Unknown, Cancelled} {
		switch {
		case count[s] > 0 && s == Sending:
			return Queued
		case count[s] > 0:
			return s
		}
	}
	if len(parts) > 0 && count[Delivered] == len(parts) {
		return Delivered
	}
	return Queued
}

// Apply is what a report does to a part. It answers the part as it then stands and whether anything changed: a
// final state never changes, an intermediate report is only remembered, and no report speaks of a part that waits to
// be sent.
func (r Report) Apply(p Part) (Part, bool) {
	if p.State != Sent && p.State != Unknown {
		return p, false
	}
	if r.State == Sent {
		if p.Seen {
			return p, false
		}
		p.Seen = true
		return p, true
	}
	if !p.State.CanBecome(r.State) {
		return p, false
	}
	p.Waived, p.Lapsed = p.Waived || p.State == Unknown, false
	p.State, p.Code, p.At = r.State, r.Code, r.At
	return p, true
}

// Abandon ends the parts that have not left of a message that will not be delivered as a whole any more.
func Abandon(parts []Part, state State, at time.Time) {
	for i := range parts {
		if parts[i].State == Queued {
			parts[i].State, parts[i].At = state, at
		}
	}
}
