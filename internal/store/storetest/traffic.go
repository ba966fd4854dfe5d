package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var trafficTests = map[string]func(*testing.T, Opener){
	"every way":            trafficEveryWay,
	"another carrier":      trafficAnotherCarrier,
	"no receipt came":      trafficOverdue,
	"held until a date":    trafficDated,
	"random, with crashes": trafficRandom,
	"all accounts":         trafficAllAccounts,
	"is tidied":            trafficTidied,
	"time to delivery":     trafficLatency,
	"of before":            trafficOfBefore,
	"added up":             trafficAddedUp,
}

// place is where a message is counted.
type place struct {
	Hour    time.Time
	Carrier sms.CarrierID
}

// counted adds messages up, one by one.
func counted(records []*sms.Record) map[place]sms.Traffic {
	all := map[place]sms.Traffic{}
	for _, r := range records {
		m := r.Message
		at := place{m.ID.Time().Truncate(time.Hour), m.Carrier}
		t := all[at]
		t.Add(countOf(r))
		all[at] = t
	}
	return all
}

func countOf(r *sms.Record) (t sms.Traffic) {
	m := r.Message
	if r.State == sms.Refused {
		return sms.Traffic{Refused: 1}
	}
	t.Accepted, t.Parts = 1, int64(m.Parts)
	if counter := map[sms.State]*int64{sms.Scheduled: &t.Scheduled, sms.Sent: &t.Sent, sms.Delivered: &t.Delivered, sms.Failed: &t.Failed,
		sms.Expired: &t.Expired, sms.Unknown: &t.Unknown, sms.Cancelled: &t.Cancelled}[r.State]; counter != nil {
		*counter = 1
	}
	lapsed := func(p sms.Part) bool { return p.Lapsed }
	if r.State == sms.Delivered && !m.Dated && !slices.ContainsFunc(m.Progress, lapsed) {
		t.Latency[sms.LatencyClass(r.Final.Sub(m.ID.Time()))] = 1
	}
	return t
}

// wantTraffic holds the counts of an account against its messages, and what was charged against its credit.
func (w *world) wantTraffic(account sms.AccountID, opening sms.Money, ids ...sms.ID) {
	w.t.Helper()
	var records []*sms.Record
	for _, id := range ids {
		records = append(records, w.read(id))
	}
	hours, err := w.Traffic(context.Background(), account, time.Now().Add(-20*day), time.Now().Add(time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	charged, got := sms.Money(0), map[place]sms.Traffic{}
	for _, h := range hours {
		charged += h.Charged
		h.Charged = 0
		if h.Traffic != (sms.Traffic{}) {
			got[place{h.Hour, h.Carrier}] = h.Traffic
		}
	}
	if diff := cmp.Diff(counted(records), got); diff != "" {
		w.t.Fatalf("the counts are not those of the messages (-messages +counts):\n%s", diff)
	}
	b, err := w.Balance(context.Background(), account)
	if err != nil || opening-b.Credit != charged {
		w.t.Fatalf("%d counted as charged of %d, the credit is %+v, %v", charged, opening, b, err)
	}
}

func trafficEveryWay(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(200)
	var ids []sms.ID
	add := func(m *sms.Message) *sms.Message {
		ids = append(ids, m.ID)
		w.wantTraffic(account, 200, ids...)
		return m
	}
	add(w.accept(message(account, 2)))
	dear := message(account, 50)
	w.admit(&store.Admission{Message: dear})
	add(dear)
	add(w.sent(message(account, 2), "a", "b"))
	w.report(sms.Report{Ref: "a", State: sms.Delivered})
	w.wantTraffic(account, 200, ids...)
	for range 2 { // the second is a repetition
		w.report(sms.Report{Ref: "b", State: sms.Delivered})
		w.wantTraffic(account, 200, ids...)
	}
	for i, state := range []sms.State{sms.Failed, sms.Expired, sms.Unknown} {
		ref := fmt.Sprint("c", i)
		add(w.sent(message(account, 1), ref))
		w.report(sms.Report{Ref: ref, State: state})
		w.wantTraffic(account, 200, ids...)
	}
	w.report(sms.Report{Ref: "c2", State: sms.Delivered}) // it was Unknown
	w.wantTraffic(account, 200, ids...)
	refused := add(w.accept(message(account, 1)))
	w.record(outcome(refused, part(sms.Failed, "")), w.mark(refused))
	add(w.sent(final(message(account, 1)), "d"))
	w.report(sms.Report{Ref: "d", State: sms.Delivered})
	early := message(account, 1)
	w.report(sms.Report{Ref: "early", Destination: early.Destination, State: sms.Delivered})
	add(w.sent(early, "early"))
	cancelled := add(w.accept(message(account, 1)))
	if err := w.cancel(account, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	w.wantTraffic(account, 200, ids...)
	w.restart()
	w.wantTraffic(account, 200, ids...)
}

// trafficAnotherCarrier: a message is counted where it waits now, whether its outcome moved it or somebody else.
func trafficAnotherCarrier(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	passed, moved := w.accept(message(account, 2)), w.accept(message(account, 3))
	o := outcome(passed, part(sms.Queued, ""), part(sms.Queued, ""))
	o.Carrier = 2
	w.record(o, w.mark(passed))
	w.wantTraffic(account, 1000, passed.ID, moved.ID)
	if _, err := w.Divert(t.Context(), []*sms.Message{moved}, 3, "away"); err != nil {
		t.Fatal(err)
	}
	w.wantTraffic(account, 1000, passed.ID, moved.ID)
	again := w.due()
	if len(again) != 1 || again[0].Carrier != 2 {
		t.Fatalf("%+v", again)
	}
	w.record(outcome(again[0], parts(sms.Sent, "x", "y")...), w.mark(again[0]))
	w.report(sms.Report{Carrier: 2, Ref: "x", State: sms.Delivered})
	w.report(sms.Report{Carrier: 2, Ref: "y", State: sms.Delivered})
	w.wantTraffic(account, 1000, passed.ID, moved.ID)
}

// trafficOverdue: what nobody ever heard of has no time to delivery, whatever its account calls it.
func trafficOverdue(t *testing.T, open Opener) {
	w := newWorld(t, open)
	for _, as := range []string{"", "delivered", "failed"} {
		account := w.account(1000)
		w.overdueAs(account, as)
		m := w.sent(message(account, 1), "overdue"+as)
		w.change(`DELETE FROM traffic WHERE account_id = 0 OR account_id = ?`, int64(account)) // it is counted anew as an old one
		w.aged(m, 3*day)
		w.change(`INSERT INTO traffic (hour, account_id, carrier_id, node, accepted, parts, sent, charged) VALUES (?, ?, 1, 9, 1, 1, 1, 10)`,
			m.ID.Time().Truncate(time.Hour).UnixMilli(), int64(account))
		w.lapse()
		if r := w.read(m.ID); r.State == sms.Sent {
			t.Fatalf("%+v", r)
		}
		w.wantTraffic(account, 1000, m.ID)
	}
}

func trafficDated(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	gone, held, soon := w.scheduled(account, 1, time.Hour), w.scheduled(account, 2, time.Hour), w.scheduled(account, 1, -time.Second)
	ids := []sms.ID{gone.ID, held.ID, soon.ID}
	w.wantTraffic(account, 1000, ids...)
	if err := w.cancel(account, gone.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.Replace(t.Context(), account, held.ID, func(m *sms.Message) error {
		m.Parts, m.Text = 5, "a longer one"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.wantTraffic(account, 1000, ids...)
	ready := w.due()
	if len(ready) != 1 || !ready[0].Dated {
		t.Fatalf("%+v", ready)
	}
	w.wantTraffic(account, 1000, ids...)
	w.sent(ready[0], "dated")
	w.report(sms.Report{Ref: "dated", State: sms.Delivered})
	w.wantTraffic(account, 1000, ids...)
	if r := w.read(soon.ID); !r.Message.Dated || r.State != sms.Delivered {
		t.Errorf("%+v", r)
	}
	if flash := w.read(held.ID).Message; !flash.Dated || flash.Flash || !flash.Notify || flash.Hold {
		t.Errorf("what is stored beside the date is read otherwise: %+v", flash)
	}
}

func trafficLatency(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	for i, after := range []time.Duration{0, 400 * time.Millisecond, 10 * time.Second, 7 * time.Hour} {
		ref := fmt.Sprint("at", i)
		m := w.sent(message(account, 1), ref)
		w.report(sms.Report{Ref: ref, State: sms.Delivered, At: m.ID.Time().Add(after)})
	}
	hours, err := w.Traffic(t.Context(), account, time.Now().Add(-2*time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var sum sms.Traffic
	for _, h := range hours {
		sum.Add(h.Traffic)
	}
	if want := [sms.LatencyClasses]int64{0: 1, 1: 1, 7: 1, 15: 1}; sum.Latency != want {
		t.Errorf("%v, want %v", sum.Latency, want)
	}
}

// trafficRandom: many callers at once, some of whom ask for what cannot be, so that their groups are tried again.
func trafficRandom(t *testing.T, open Opener) {
	w := newWorld(t, open)
	lives := &randomTraffic{world: w, ids: map[sms.AccountID][]sms.ID{}, opening: 3000}
	for range 3 {
		lives.accounts = append(lives.accounts, w.account(lives.opening))
	}
	for range 4 {
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() { lives.some(rand.New(rand.NewPCG(rand.Uint64(), 0)), 12) })
		}
		callers.Wait()
		left := w.accept(message(lives.accounts[0], 1))
		lives.add(left)
		w.mark(left)
		w.crash()
		for _, account := range lives.accounts {
			w.wantTraffic(account, lives.opening, lives.ids[account]...)
		}
	}
}

type randomTraffic struct {
	*world
	accounts []sms.AccountID
	opening  sms.Money

	mu   sync.Mutex
	ids  map[sms.AccountID][]sms.ID
	refs int
}

func (l *randomTraffic) add(m *sms.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[m.Account] = append(l.ids[m.Account], m.ID)
}

func (l *randomTraffic) ref() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refs++
	return fmt.Sprint("random", l.refs)
}

// some lives of messages, one after the other.
func (l *randomTraffic) some(r *rand.Rand, many int) {
	for range many {
		m := message(l.accounts[r.IntN(len(l.accounts))], 1+r.IntN(3))
		m.Carrier, m.ChargeFinal = sms.CarrierID(1+r.IntN(2)), r.IntN(4) == 0
		if r.IntN(6) == 0 {
			m.Due = later(time.Hour)
		}
		l.admit(&store.Admission{Message: m})
		l.add(m)
		l.disturb(r, m)
		if m.Refusal == "" && m.Due.IsZero() && r.IntN(8) > 0 {
			l.attempt(r, m)
		}
	}
}

// disturb asks for what is refused.
func (l *randomTraffic) disturb(r *rand.Rand, m *sms.Message) {
	impossible := errors.New("impossible")
	if err := l.cancel(m.Account, 17); err == nil {
		l.t.Error("a message of nobody was cancelled")
	}
	_, err := l.Replace(context.Background(), m.Account, m.ID, func(next *sms.Message) error {
		next.Parts = 200
		return impossible
	})
	if err == nil {
		l.t.Error("replaced")
	}
	if r.IntN(3) == 0 && m.Refusal == "" && !m.Due.IsZero() {
		if err := l.cancel(m.Account, m.ID); err != nil {
			l.t.Error(err)
		}
	}
}

func (l *randomTraffic) attempt(r *rand.Rand, m *sms.Message) {
	mark, next := l.mark(m), make([]sms.Part, m.Parts)
	for i := range next {
		next[i] = part([]sms.State{sms.Sent, sms.Sent, sms.Sent, sms.Failed, sms.Unknown}[r.IntN(5)], "")
		if next[i].State == sms.Sent {
			next[i].Ref = l.ref()
		}
	}
	o := outcome(m, next...)
	if r.IntN(6) == 0 { // the carrier refuses everything: it goes by another
		for i := range o.Parts {
			o.Parts[i] = part(sms.Queued, "")
		}
		o = outcome(m, o.Parts...)
		o.Carrier, o.Retry = 3, later(time.Hour)
	}
	l.record(o, mark)
	for _, p := range o.Parts {
		if p.Ref != "" && r.IntN(4) > 0 {
			state := []sms.State{sms.Delivered, sms.Delivered, sms.Failed, sms.Expired, sms.Unknown}[r.IntN(5)]
			l.report(sms.Report{Carrier: m.Carrier, Ref: p.Ref, Destination: m.Destination, State: state, At: later(time.Duration(r.IntN(9000)) * time.Millisecond)})
		}
	}
}

func trafficAllAccounts(t *testing.T, open Opener) {
	w := newWorld(t, open)
	one, other := w.account(1000), w.account(1000)
	ids := []sms.ID{w.sent(message(one, 1), "one").ID, w.accept(message(other, 2)).ID, w.accept(message(other, 1)).ID}
	w.report(sms.Report{Ref: "one", State: sms.Delivered})
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	hours, err := w.Traffic(t.Context(), store.AllAccounts, from.Add(-time.Hour), to)
	if err != nil {
		t.Fatal(err)
	}
	var sum, want sms.Traffic
	for _, h := range hours {
		sum.Add(h.Traffic)
	}
	for _, id := range ids {
		want.Add(countOf(w.read(id)))
	}
	want.Charged = 10
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Error(diff)
	}
	busiest, err := w.Busiest(t.Context(), from.Truncate(time.Hour), to, 5)
	if err != nil || len(busiest) != 2 || busiest[0].Account != other || busiest[0].Accepted != 2 || busiest[1].Delivered != 1 {
		t.Errorf("%+v, %v", busiest, err)
	}
	if first, err := w.Busiest(t.Context(), from.Truncate(time.Hour), to, 1); err != nil || len(first) != 1 {
		t.Errorf("%+v, %v", first, err)
	}
}

func trafficTidied(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	m := w.accept(message(account, 1))
	old, young := time.Now().Add(-401*day).Truncate(time.Hour), time.Now().Add(-399*day).Truncate(time.Hour)
	for _, at := range []time.Time{old, young} {
		w.change(`INSERT INTO traffic (hour, account_id, carrier_id, node, accepted) VALUES (?, ?, 1, 1, 5)`, at.UnixMilli(), int64(account))
	}
	if n, err := w.Tidy(t.Context()); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
	for _, at := range []time.Time{old, young} {
		hours, err := w.Traffic(t.Context(), account, at, at.Add(time.Hour))
		if err != nil || (len(hours) == 1) != (at == young) {
			t.Errorf("%v: %+v, %v", at, hours, err)
		}
	}
	w.wantTraffic(account, 1000, m.ID)
}

// trafficOfBefore: what was accepted before anything was counted is left out for good.
func trafficOfBefore(t *testing.T, open Opener) {
	w := newWorld(t, open)
	account := w.account(1000)
	old := w.sent(message(account, 1), "old")
	w.change(`DELETE FROM traffic`)
	w.change(`UPDATE setting SET value = ? WHERE name = 'traffic_from'`, fmt.Sprint(int64(old.ID)+1))
	w.restart()
	w.report(sms.Report{Ref: "old", State: sms.Delivered})
	w.wantState(old.ID, sms.Delivered)
	if n := w.rows(`SELECT COUNT(*) FROM traffic`); n != 0 {
		t.Errorf("%d rows", n)
	}
	if fresh := w.accept(message(account, 1)); w.rows(`SELECT COUNT(*) FROM traffic WHERE account_id = ?`, account) != 1 {
		t.Errorf("%d is not counted", fresh.ID)
	}
}

// trafficAddedUp: the shorter reads say the same.
func trafficAddedUp(t *testing.T, open Opener) {
	w := newWorld(t, open)
	one, other := w.account(1000), w.account(5)
	sent, waits := w.sent(message(one, 2), "sum1", "sum2"), w.accept(message(one, 1))
	w.admit(&store.Admission{Message: message(other, 1)}) // its credit does not suffice
	now := time.Now()
	hour := waits.ID.Time().Truncate(time.Hour)
	for _, account := range []sms.AccountID{one, store.AllAccounts} {
		sums, err := w.TrafficByDay(t.Context(), account, []time.Time{now.Add(-49 * time.Hour), now.Add(-25 * time.Hour), now.Add(time.Hour), now.Add(time.Hour)})
		if err != nil || len(sums) != 3 || sums[0] != (sms.Traffic{}) || sums[1].Sent != 1 || sums[1].Parts != 3 || sums[2] != (sms.Traffic{}) {
			t.Errorf("%+v, %v", sums, err)
		}
		queued, err := w.Queued(t.Context(), account, now.Add(-2*time.Hour), now.Add(time.Hour))
		if want := []store.HourQueued{{Hour: hour, Carrier: 1, Count: 1}}; err != nil || !slices.Equal(queued, want) {
			t.Errorf("%+v, %v", queued, err)
		}
	}
	want := []store.Spending{{Account: one, Charged: 20}, {Account: other, Refused: 1}}
	spent, err := w.Spending(t.Context(), store.AllAccounts, now.Add(-2*time.Hour), now.Add(-2*time.Hour))
	if err != nil || !slices.Equal(spent, want) {
		t.Errorf("%+v, %v", spent, err)
	}
	spent, err = w.Spending(t.Context(), other, now.Add(-2*time.Hour), now.Add(-2*time.Hour))
	if err != nil || !slices.Equal(spent, want[1:]) {
		t.Errorf("%+v, %v", spent, err)
	}
	w.report(sms.Report{Ref: "sum1", Destination: sent.Destination, State: sms.Delivered})
}
