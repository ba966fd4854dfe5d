package practice

import (
	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/smpp"
)

// Outcome is what happens to the destinations that end in some digits, in words for people.
type Outcome struct {
	Digits string
	Words  string
}

// fate is an outcome as the carrier acts on it.
type fate uint8

// The fates, by the last two digits of the destination.
const (
	deliveredLater fate = iota
	undeliverable
	expired
	rejected
	throttled
	onePartFails
	silent
	receiptFirst
	receiptTwice
	reply
	delivered // all other digits
)

var words = [...]string{
	deliveredLater: "delivered after 3 seconds",
	undeliverable:  "undeliverable",
	expired:        "expired",
	rejected:       "rejected at submit",
	throttled:      "throttled twice, then accepted and delivered",
	onePartFails:   "the second of several parts undeliverable, the others delivered",
	silent:         "accepted, and no receipt ever",
	receiptFirst:   "delivered, the receipt comes before the response",
	receiptTwice:   "delivered, the receipt comes twice",
	reply:          "delivered, and a reply comes back from the handset",
	delivered:      "delivered at once",
}

// Outcomes is the table of the special destinations, in order; the last row is all others.
func Outcomes() []Outcome {
	table := make([]Outcome, 0, len(words))
	for f, text := range words {
		digits := "others"
		if fate(f) < delivered {
			digits = string([]byte{'0', byte('0' + f)})
		}
		table = append(table, Outcome{digits, text})
	}
	return table
}

// fateOf reads the last two digits of a destination.
func fateOf(destination string) fate {
	n := len(destination)
	if n < 2 || destination[n-2] != '0' || destination[n-1] < '0' || destination[n-1] > '9' {
		return delivered
	}
	return fate(destination[n-1] - '0')
}

// end is the last state of a message and its error code in the receipt.
func (f fate) end(part int) (smpp.MessageState, string) {
	switch {
	case f == undeliverable, f == onePartFails && part == 2:
		return smpp.StateUndeliverable, "001"
	case f == expired:
		return smpp.StateExpired, "002"
	}
	return smpp.StateDelivered, "000"
}

// partOf is the place of a submit_sm among the parts of its message, from 1; 0 when it is the only one.
func partOf(p *smpp.SubmitSM) int {
	if n, ok := p.TLVs.Uint8(smpp.TagSARSegmentSeqnum); ok {
		return int(n)
	}
	if p.ESMClass&smpp.ESMClassUDHI == 0 {
		return 0
	}
	header, _, err := gsm.ParseUDH(p.Message())
	if err != nil {
		return 0
	}
	_, _, index, _ := header.Concatenation()
	return index
}
