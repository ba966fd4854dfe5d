// Package checker compares what a gateway promised with what the carrier has.
//
// What comes in: the numbers of the messages that were accepted, the carrier's journal, and what the gateway itself
// says of its messages and of the account. What goes out: what is missing, what was sent twice and whether that is
// excused, what nobody ever sent, and whether the credit is right to the micro-euro. It trusts only the journal and
// the load's list; it changes nothing.
package checker

import (
	"math"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// Case is the evidence.
type Case struct {
	First, Next uint64   // the messages offered are First, …, Next-1
	Accepted    []uint64 // those whose acceptance was answered
	Carrier     []sink.Entry
	Sessions    []sink.Session
	Messages    []server.Message // what the gateway says of all that it stored; nil: it was not asked
	// Leaving is how many messages one session may have that left, or were about to, without a durable outcome: what
	// the last ones of a session that ended became may be unknown to the gateway.
	Leaving int
	Pauses  []Pause
}

// Pause is a time in which a gateway, or its database, was stopped. For a session that brought nothing meanwhile it is
// like an end: what became of the last messages before it may be unknown to the gateway.
type Pause struct{ From, To time.Time }

// settling is how long after the beginning of a pause something may still arrive that left before.
const settling = time.Second

// Finding is what the comparison came to.
type Finding struct {
	Accepted  int
	AtCarrier int // different messages that the carrier has
	Unasked   int // at the carrier, though their acceptance was never answered: the connection broke before
	Waiting   int // accepted, not at the carrier, and the gateway says that they wait
	Held      int // accepted, not at the carrier, and the gateway says UNKNOWN
	Twice     int // copies beyond the first; each follows one that was …
	InFlight  int // … one of the last of its session, which ended before the answer
	Answered  int // … one of the last of its session, which ended after the answer
	// … or neither: Unexcused

	Missing     []uint64 // accepted, and neither at the carrier nor waiting nor held
	Unexcused   []uint64 // sent again though the copy before was none of the last of a session that ended
	Forgotten   []uint64 // accepted or at the carrier, and the gateway does not know them
	Foreign     []uint64 // at the carrier, and never offered
	Mixed       []uint64 // at the carrier with the destination of another message
	States      map[string]int
	GatewaySays sms.Money // the sum of the prices in its answers
}

// Check compares.
func Check(c Case) Finding {
	f := Finding{Accepted: len(c.Accepted), States: map[string]int{}}
	at := c.copies(&f)
	f.AtCarrier = len(at)
	last := c.last()
	known := c.known(&f)
	accepted := make(map[uint64]bool, len(c.Accepted))
	for _, n := range c.Accepted {
		accepted[n] = true
		c.place(&f, n, len(at[n]) > 0, known)
	}
	for n, copies := range at {
		if !accepted[n] {
			f.Unasked++
			if _, ok := known[n]; !ok && c.Messages != nil {
				f.Forgotten = append(f.Forgotten, n)
			}
		}
		f.Twice += len(copies) - 1
		for _, copy := range copies[:len(copies)-1] {
			switch {
			case !last[copy]:
				f.Unexcused = append(f.Unexcused, n)
			case copy.Answered == 0:
				f.InFlight++
			default:
				f.Answered++
			}
		}
	}
	return f
}

// copies sorts the carrier's journal by message.
func (c Case) copies(f *Finding) map[uint64][]sink.Entry {
	at := make(map[uint64][]sink.Entry, len(c.Carrier))
	for _, e := range c.Carrier {
		switch {
		case e.Number == sink.NoNumber || e.Number < c.First || e.Number >= c.Next:
			f.Foreign = append(f.Foreign, e.Number)
			continue
		case e.Destination != marker.Destination(e.Number):
			f.Mixed = append(f.Mixed, e.Number)
		}
		at[e.Number] = append(at[e.Number], e)
	}
	return at
}

// known sorts the gateway's own words by message.
func (c Case) known(f *Finding) map[uint64]server.Message {
	known := make(map[uint64]server.Message, len(c.Messages))
	for _, m := range c.Messages {
		n, ok := marker.Parse([]byte(m.ID))
		if !ok {
			f.Foreign = append(f.Foreign, sink.NoNumber)
			continue
		}
		known[n] = m
		f.States[stateOf(m)]++
		f.GatewaySays += m.Price
	}
	return known
}

func stateOf(m server.Message) string {
	if m.Status == "SENT" && m.SendDate == nil {
		return "waiting"
	}
	return m.Status
}

// place says where an accepted message is.
func (c Case) place(f *Finding, n uint64, atCarrier bool, known map[uint64]server.Message) {
	m, ok := known[n]
	if !ok && c.Messages != nil {
		f.Forgotten = append(f.Forgotten, n)
	}
	switch {
	case atCarrier:
	case ok && stateOf(m) == "waiting":
		f.Waiting++
	case ok && m.Status == "UNKNOWN":
		f.Held++
	default:
		f.Missing = append(f.Missing, n)
	}
}

// last is what the sessions that ended brought last, and those that paused before they did.
func (c Case) last() map[sink.Entry]bool {
	last := map[sink.Entry]bool{}
	c.addLast(last, math.MaxInt64, func(session uint64) bool { return c.Sessions[session].Ended > 0 })
	for _, p := range c.Pauses {
		busy := map[uint64]bool{}
		for _, e := range c.Carrier {
			if e.Received > p.From.Add(settling).UnixNano() && e.Received < p.To.UnixNano() {
				busy[e.Session] = true
			}
		}
		c.addLast(last, p.To.UnixNano(), func(session uint64) bool { return !busy[session] })
	}
	return last
}

// addLast adds the last messages that some sessions brought up to a moment.
func (c Case) addLast(last map[sink.Entry]bool, until int64, which func(session uint64) bool) {
	taken := map[uint64]int{}
	for i := len(c.Carrier) - 1; i >= 0; i-- {
		e := c.Carrier[i]
		if e.Session < uint64(len(c.Sessions)) && e.Received <= until && taken[e.Session] < c.Leaving && which(e.Session) {
			taken[e.Session]++
			last[e] = true
		}
	}
}
