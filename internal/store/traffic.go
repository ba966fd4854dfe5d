package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// The counts of traffic. Every transaction that changes where a message stands adds up here what it changes, and writes that
// at its end (traffic_write.go), so that the table traffic says at every moment what a count of all messages would.

// The counts of a row, in the order of trafficColumns. What mostly changes together stands together: PostgreSQL's log holds
// what lies between the first and the last change of a row.
const (
	countAccepted = iota
	countParts
	countRefused
	countScheduled
	countFailed
	countExpired
	countCancelled
	countUnknown
	countCharged
	countSent
	countDelivered
	countLatency // and the classes after the first
	trafficWidth = countLatency + sms.LatencyClasses
)

// standsIn is the count of the messages in a state; those in their queues have none.
var standsIn = [sms.States]int{sms.Scheduled: countScheduled, sms.Sent: countSent, sms.Delivered: countDelivered, sms.Failed: countFailed,
	sms.Expired: countExpired, sms.Unknown: countUnknown, sms.Cancelled: countCancelled}

// trafficKey is whose messages are counted together.
type trafficKey struct {
	hour    int64 // milliseconds since 1970 of its beginning
	account sms.AccountID
	carrier sms.CarrierID
}

type trafficCounts [trafficWidth]int64

// tally is what a transaction changes in the counts.
type tally struct {
	from sms.ID // what was accepted before was never counted
	rows map[trafficKey]*trafficCounts

	last    *trafficCounts // of lastKey: neighbours are often counted together
	lastKey trafficKey
}

// row is the counts to which a message belongs while it is a carrier's.
func (t *tally) row(m *sms.Message, carrier sms.CarrierID) *trafficCounts {
	at := m.ID.Time().UnixMilli()
	key := trafficKey{at - at%time.Hour.Milliseconds(), m.Account, carrier}
	if t.last != nil && key == t.lastKey {
		return t.last
	}
	row := t.rows[key]
	if row == nil {
		if t.rows == nil {
			t.rows = map[trafficKey]*trafficCounts{}
		}
		row = &trafficCounts{}
		t.rows[key] = row
	}
	t.last, t.lastKey = row, key
	return row
}

// admitted counts a new message.
func (t *tally) admitted(m *sms.Message, state sms.State) {
	row := t.row(m, m.Carrier)
	if state == sms.Refused {
		row[countRefused]++
		return
	}
	row[countAccepted]++
	row[countParts] += int64(m.Parts)
	row.stands(state, 1)
}

func (c *trafficCounts) stands(state sms.State, n int64) {
	if column := standsIn[state]; column != 0 {
		c[column] += n
	}
}

// cut counts a message that has another number of parts now.
func (t *tally) cut(before, after *sms.Message) {
	if before.ID >= t.from && before.Parts != after.Parts {
		t.row(before, before.Carrier)[countParts] += int64(after.Parts - before.Parts)
	}
}

// moved counts a queued message that waits for another carrier now.
func (t *tally) moved(m *sms.Message, from, to sms.CarrierID) {
	if m.ID < t.from || from == to {
		return
	}
	old := t.row(m, from)
	old[countAccepted]--
	old[countParts] -= int64(m.Parts)
	row := t.row(m, to)
	row[countAccepted]++
	row[countParts] += int64(m.Parts)
}

// queued counts a message whose date has come.
func (t *tally) queued(m *sms.Message) {
	if m.ID >= t.from {
		t.row(m, m.Carrier)[countScheduled]--
	}
}

// turned counts what happened to a message of a carrier, at a moment, and what its account paid for it.
func (t *tally) turned(what turn, carrier sms.CarrierID, at time.Time, charged sms.Money) {
	m := what.message
	if m.ID < t.from || what.from == what.to && charged == 0 {
		return
	}
	row := t.row(m, carrier)
	row[countCharged] += int64(charged)
	if what.from == what.to {
		return
	}
	row.stands(what.from, -1)
	row.stands(what.to, 1)
	if what.to == sms.Delivered && inTime(m, what.after) {
		row[countLatency+sms.LatencyClass(at.Truncate(time.Millisecond).Sub(m.ID.Time()))]++
	}
}

// inTime reports whether the time to the delivery of a message says how fast that was: not when it was held until a date,
// nor when nobody but its account's settings says that it was delivered.
func inTime(m *sms.Message, parts []sms.Part) bool {
	for _, p := range parts {
		if p.Lapsed {
			return false
		}
	}
	return !m.Dated
}
