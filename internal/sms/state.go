package sms

// State is where a message stands. The numbers are stored; they never change their meaning.
type State uint8

// The states of a message, and, from Queued on, of each of its parts.
//
//	scheduled → queued → (sending) → sent → delivered | failed | expired
//	scheduled | queued → cancelled      queued → failed | expired
//	queued → sent | unknown, for a message, whose sending is not written to it
//	sending → queued (temporary refusal)      sending → failed | unknown (hold)
//	sent → unknown → delivered | failed | expired
//
// Sending is not written to the message: a mark in the store names the messages whose bytes may be leaving.
const (
	Scheduled State = iota + 1 // held until its date
	Queued                     // waits for its carrier
	Sending                    // bytes may have left; no answer recorded
	Sent                       // the carrier took it
	Delivered                  // confirmed on the handset
	Failed                     // will not be delivered
	Expired                    // its validity ended
	Unknown                    // nobody can say; only a real receipt may still change it
	Cancelled                  // withdrawn before it left
	Refused                    // refused at the door by a rule; never queued, never charged

	States = iota + 1 // how many there are, counting from "none"
)

var stateNames = [...]string{"none", "scheduled", "queued", "sending", "sent", "delivered", "failed", "expired",
	"unknown", "cancelled", "refused"}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "invalid"
}

// Final reports whether the state can never change again.
func (s State) Final() bool {
	switch s {
	case Delivered, Failed, Expired, Cancelled, Refused:
		return true
	}
	return false
}

// Settled reports whether nothing more is reserved for a part in this state. A part that is Sent is the exception
// where only what was delivered is charged: see Message.Settle.
func (s State) Settled() bool { return s.Final() || s == Sent || s == Unknown }

// CanBecome is the state machine: whether a message (or part) in state s may change to next. A state may not
// become itself.
func (s State) CanBecome(next State) bool {
	switch s {
	case Scheduled:
		return next == Queued || next == Cancelled
	case Queued:
		return next == Sending || next == Sent || next == Failed || next == Expired || next == Cancelled || next == Unknown
	case Sending:
		return next == Queued || next == Sent || next == Failed || next == Unknown
	case Sent:
		return next == Delivered || next == Failed || next == Expired || next == Unknown
	case Unknown:
		return next == Delivered || next == Failed || next == Expired
	}
	return false
}
