package checker

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

func entry(n uint64, session uint64, answered int64) sink.Entry {
	return sink.Entry{Number: n, Destination: marker.Destination(n), Session: session, Answered: answered}
}

func TestEveryBreachIsFound(t *testing.T) {
	sent, now := "2031-01-01T00:00:00Z", int64(time.Hour)
	mixed := entry(5, 1, now)
	mixed.Destination++
	c := Case{
		First: 1, Next: 11, Accepted: []uint64{1, 2, 3, 4, 5, 6, 7, 8},
		Carrier: []sink.Entry{
			entry(3, 0, now), entry(3, 1, now), // surely recorded
			entry(1, 0, 0), entry(1, 1, now), // in flight when the session ended
			entry(2, 0, now), entry(2, 1, now), // answered, but one of the last two
			entry(4, 1, now), entry(4, 1, now), // on a session that lives
			mixed, entry(9, 1, now), entry(99, 1, now),
			entry(8, 1, now),
		},
		Sessions: []sink.Session{{Ended: now}, {}},
		Leaving:  2,
	}
	for _, n := range []uint64{1, 2, 3, 4, 5, 9} {
		c.Messages = append(c.Messages, server.Message{ID: marker.ID(n), Status: "SENT", SendDate: &sent, Price: 10})
	}
	c.Messages = append(c.Messages, server.Message{ID: marker.ID(6), Status: "SENT", Price: 10},
		server.Message{ID: marker.ID(7), Status: "ERROR"})
	want := Finding{
		Accepted: 8, AtCarrier: 7, Unasked: 1, Waiting: 1, Twice: 4, InFlight: 1, Answered: 1,
		Missing: []uint64{7}, Unexcused: []uint64{3, 4}, Forgotten: []uint64{8}, Foreign: []uint64{99}, Mixed: []uint64{5},
		States: map[string]int{"SENT": 6, "waiting": 1, "ERROR": 1}, GatewaySays: 70,
	}
	got := Check(c)
	if len(got.Unexcused) == 2 && got.Unexcused[0] > got.Unexcused[1] {
		got.Unexcused[0], got.Unexcused[1] = got.Unexcused[1], got.Unexcused[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Err() == nil {
		t.Error("no complaint")
	}
}

// What a session brought last before a pause may come again over another; what came during the pause may not.
func TestPausesExcuseWhatWasLeaving(t *testing.T) {
	began := time.Unix(1000, 0)
	at := func(e sink.Entry, seconds int) sink.Entry {
		e.Received = began.Add(time.Duration(seconds) * time.Second).UnixNano()
		return e
	}
	c := Case{
		First: 1, Next: 10, Leaving: 2, Sessions: []sink.Session{{}, {}},
		Carrier: []sink.Entry{
			at(entry(1, 0, 1), -3), at(entry(2, 0, 1), -2), at(entry(3, 0, 0), -1), // session 0 pauses after these
			at(entry(4, 1, 1), -1), at(entry(5, 1, 1), 5), // session 1 does not
			at(entry(1, 1, 1), 6), at(entry(2, 1, 1), 7), at(entry(3, 1, 1), 8), at(entry(4, 1, 1), 9), at(entry(5, 0, 1), 21),
		},
		Pauses: []Pause{{From: began, To: began.Add(20 * time.Second)}},
	}
	got := Check(c)
	slices.Sort(got.Unexcused)
	if diff := cmp.Diff([]uint64{1, 4, 5}, got.Unexcused); diff != "" || got.Twice != 5 || got.InFlight != 1 || got.Answered != 1 {
		t.Errorf("%v%s", got, diff)
	}
}

func TestNothingToComplainAbout(t *testing.T) {
	c := Case{First: 1, Next: 4, Accepted: []uint64{1, 2}, Carrier: []sink.Entry{entry(1, 0, 1), entry(2, 0, 1), entry(3, 0, 1)},
		Sessions: []sink.Session{{}}}
	if err := Check(c).Err(); err != nil {
		t.Error(err)
	}
}

func TestCreditIsExact(t *testing.T) {
	opening, price := 10*sms.Euro, sms.Money(35_001)
	right := sms.Balance{Credit: opening - 3*price}
	if err := Credit(opening, right, 3, price); err != nil {
		t.Error(err)
	}
	for _, wrong := range []sms.Balance{{Credit: right.Credit + 1}, {Credit: right.Credit - 1}, {Credit: right.Credit, Reserved: 1}} {
		if Credit(opening, wrong, 3, price) == nil {
			t.Errorf("%+v passes", wrong)
		}
	}
}
