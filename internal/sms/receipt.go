package sms

// Receipt says which receipts the customer of a message asked for by registered_delivery: SMPP 3.4 §5.2.17. Zero: none,
// or the message came by a door that has no such thing.
type Receipt uint8

// The bits of Receipt.
const (
	ReceiptFinal        Receipt = 1 << iota // of every final state
	ReceiptFailureOnly                      // of final states other than Delivered
	ReceiptIntermediate                     // of states on the way too
)

// Wants reports whether a message that came from one state to another is worth a receipt; seen: a carrier reported it on
// its way for the first time.
func (r Receipt) Wants(from, to State, seen bool) bool {
	switch {
	case from.Final():
		return false
	case to.Final():
		return r&ReceiptFinal != 0 || r&ReceiptFailureOnly != 0 && to != Delivered
	}
	return r&ReceiptIntermediate != 0 && (seen || from != to && (to == Sent || to == Unknown))
}
