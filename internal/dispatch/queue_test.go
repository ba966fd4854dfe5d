package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// filled is a queue that knows its lanes, with messages of accounts.
func filled(n map[sms.AccountID]int) (q *queue, hungry *int) {
	hungry = new(int)
	q = newQueue(1, true, func() { *hungry++ })
	id := sms.ID(0)
	for account := range sms.AccountID(100) {
		for _, m := range messages(account, n[account]) {
			id++
			m.ID = id
			q.offer(m)
		}
	}
	return q, hungry
}

func TestPriorityOrder(t *testing.T) {
	q, _ := filled(nil)
	for i, priority := range []sms.Priority{sms.Low, sms.Normal, sms.High, sms.Low, sms.High} {
		m := messages(1, 1)[0]
		m.ID, m.Priority = sms.ID(i+1), priority
		q.offer(m)
	}
	s := q.join()
	for _, want := range []sms.ID{3, 5, 2, 1, 4} {
		if got := q.take(s, 1); len(got) != 1 || got[0].ID != want {
			t.Fatalf("took %v, want message %d", got, want)
		}
	}
}

// A campaign of one account delays the message of another by one turn.
func TestTurns(t *testing.T) {
	q, _ := filled(map[sms.AccountID]int{1: 2000, 2: 1000})
	s := q.join()
	q.take(s, 100)
	late := messages(3, 1)[0]
	late.ID = 1 << 40
	q.offer(late)
	taken := q.take(s, 3)
	for _, m := range taken {
		if m == late {
			return
		}
	}
	t.Errorf("not among the next three: %v", taken)
}

// The turns of one session do not depend on what others take, and lanes that come and go make nobody wait longer.
func TestTurnsOfSeveralSessions(t *testing.T) {
	q, _ := filled(map[sms.AccountID]int{1: 2000, 2: 2000})
	one, two := q.join(), q.join()
	took := map[*seat]map[sms.AccountID]int{one: {}, two: {}}
	id := sms.ID(1 << 40)
	for range 300 {
		for _, s := range []*seat{one, two} {
			for _, m := range q.take(s, 1) {
				took[s][m.Account]++
			}
		}
		visitor := messages(3, 1)[0]
		id++
		visitor.ID, visitor.Destination = id, 393400000000+sms.Number(id%50)
		q.offer(visitor)
	}
	for s, by := range took {
		if by[1] < 60 || by[2] < 60 || max(by[1], by[2])-min(by[1], by[2]) > 60 {
			t.Errorf("session %v: %v", s == one, by)
		}
	}
}

// A shard that changes its session waits for what the first one has taken.
func TestShardChangesHands(t *testing.T) {
	q, _ := filled(nil)
	one := q.join()
	for id := range sms.ID(4) {
		for destination := range sms.Number(64) {
			m := messages(1, 1)[0]
			m.ID, m.Destination = id*64+sms.ID(destination)+1, 393400000000+destination
			q.offer(m)
		}
	}
	first := q.take(one, 100)
	two := q.join()
	if got := q.take(two, 1000); len(got) != 0 {
		t.Fatalf("%d are taken while others to the same destinations are on their way", len(got))
	}
	select {
	case <-two.wake:
	default:
	}
	for _, m := range first {
		if m.ID%2 == 0 {
			q.putBack(m)
		} else {
			q.release(m)
		}
	}
	select {
	case <-two.wake:
	default:
		t.Error("the new session is not told that it may take")
	}
	got := q.take(two, 1000)
	if len(got) == 0 || got[0].ID != 2 && got[0].ID > 64 {
		t.Errorf("%d taken", len(got))
	}
	for _, m := range got {
		if shardOf(m.Destination)%2 != 1 {
			t.Errorf("message %d is of a shard of the first session", m.ID)
		}
	}
	q.leave(two)
	if rest := q.take(one, 1000); len(rest) == 0 {
		t.Error("the first session gets nothing")
	} else {
		for _, m := range rest {
			if shardOf(m.Destination)%2 == 1 {
				t.Errorf("message %d is of a shard that the other has not finished", m.ID)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	q, _ := filled(nil)
	for id := range sms.ID(200_000) {
		m := messages(sms.AccountID(id%10), 1)[0]
		m.ID = id + 1
		q.offer(m)
	}
	if held, more := q.depth(); held > queueLimit || !more {
		t.Errorf("%d in memory, more %v", held, more)
	}
	for l := range q.lanes {
		if n := len(q.lanes[l].held); n > laneLimit {
			t.Errorf("%d of one account", n)
		}
	}
	// Very many accounts: each has its next message here, and little more.
	q, _ = filled(nil)
	for id := range sms.ID(400_000) {
		m := messages(sms.AccountID(id%20_000), 1)[0]
		m.ID = id + 1
		q.offer(m)
	}
	if held, _ := q.depth(); held > 2*queueLimit+20_000 {
		t.Errorf("%d in memory", held)
	}
}

func TestLanesAreForgotten(t *testing.T) {
	q, _ := filled(nil)
	s := q.join()
	for id := range sms.ID(10_000) {
		m := messages(sms.AccountID(id), 1)[0]
		m.ID = id + 1
		q.offer(m)
		for _, m := range q.take(s, 1) {
			q.release(m)
		}
	}
	if len(q.lanes) > spareLanes+1 {
		t.Errorf("%d lanes of nothing", len(q.lanes))
	}
}

// A lane whose messages have all expired reads on from the store.
func TestExpiredLaneIsFilled(t *testing.T) {
	q, hungry := filled(map[sms.AccountID]int{1: laneLimit + 100, 2: 10})
	*hungry = 0
	expired := q.takeExpired(time.Now().Add(100 * time.Hour))
	if len(expired) != laneLimit+10 || *hungry == 0 {
		t.Errorf("%d expired, the loader is told %d times", len(expired), *hungry)
	}
	if s := q.join(); len(q.take(s, 10)) != 0 || q.size != 0 {
		t.Errorf("%d left", q.size)
	}
	for _, m := range expired {
		q.release(m)
	}
	if lanes := q.hungryLanes(); len(lanes) != 1 {
		t.Errorf("%d lanes to fill, want the one that has more in the store", len(lanes))
	}
}

func TestFifoOrder(t *testing.T) {
	var f fifo
	for _, id := range []sms.ID{5, 9, 7, 1, 8, 2} {
		f.insert(&sms.Message{ID: id})
	}
	f.pop()
	f.insert(&sms.Message{ID: 1})
	var got []sms.ID
	for f.len() > 0 {
		got = append(got, f.pop().ID)
	}
	if fmt.Sprint(got) != "[1 2 5 7 8 9]" {
		t.Error(got)
	}
}

// A lane that goes does not cost the one behind it its turn.
func TestTurnAfterLaneGoes(t *testing.T) {
	q, _ := filled(map[sms.AccountID]int{1: 1, 2: 3, 3: 3, 4: 3})
	s := q.join()
	for _, want := range []sms.AccountID{1, 2, 3, 4, 2, 3, 4} {
		if got := q.take(s, 1)[0].Account; got != want {
			t.Fatalf("the turn of account %d goes to %d", want, got)
		}
	}
}
