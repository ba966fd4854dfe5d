package storetest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var modelTests = map[string]func(*testing.T, Opener){"random life": randomLife}

// randomLife holds the store against a naive picture of it, over random lives of messages.
func randomLife(t *testing.T, open Opener) {
	w := newWorld(t, open) // one for all lives, an account for each
	refs := 0
	rapid.Check(t, func(r *rapid.T) {
		w.due()
		m := &model{world: w, refs: &refs, messages: map[sms.ID]*modelled{}, opening: 200, others: w.Backlog()}
		m.account = w.account(m.opening)
		r.Repeat(map[string]func(*rapid.T){
			"accept":    m.accept,
			"attempt":   m.attempt,
			"give back": m.giveBack,
			"report":    m.report,
			"due":       m.due,
			"crash":     m.crash,
			"":          m.check,
		})
	})
}

// model is what the store should hold, counted without cleverness.
type model struct {
	*world
	account  sms.AccountID
	opening  sms.Money
	others   int64 // messages of earlier lives that wait
	messages map[sms.ID]*modelled
	refs     *int // ids that the carrier gave, never twice
}

type modelled struct {
	message *sms.Message
	state   sms.State
	parts   []sms.Part
	waits   bool // for its next attempt

	givenBack [3]bool // parts that were Unknown once: with ChargeFinal they cost nothing any more
}

func (m *model) accept(r *rapid.T) {
	msg := message(m.account, rapid.IntRange(1, 3).Draw(r, "parts"))
	msg.PartPrice = sms.Money(rapid.IntRange(0, 12).Draw(r, "price"))
	msg.ChargeFinal, msg.Hold = rapid.Bool().Draw(r, "charge final"), rapid.Bool().Draw(r, "hold")
	charged, reserved := m.sums()
	available := m.opening - charged - reserved
	m.admit(&store.Admission{Message: msg})
	if (msg.Refusal == "") != (msg.Price() <= available) {
		r.Fatalf("a message for %d with %d available: refusal %q", msg.Price(), available, msg.Refusal)
	}
	state := sms.Queued
	if msg.Refusal != "" {
		state = sms.Refused
	}
	m.messages[msg.ID] = &modelled{message: msg, state: state, parts: msg.Standing()}
}

// pick draws a message that satisfies want; it skips the step when there is none.
func (m *model) pick(r *rapid.T, want func(*modelled) bool) *modelled {
	var ids []sms.ID
	for id, one := range m.messages {
		if want(one) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		r.Skip("none")
	}
	least := ids[0]
	rank := rapid.IntRange(0, len(ids)-1).Draw(r, "which")
	for range rank + 1 { // the rank-th in order
		least = 0
		for _, id := range ids {
			if id != 0 && (least == 0 || id < least) {
				least = id
			}
		}
		for i, id := range ids {
			if id == least {
				ids[i] = 0
			}
		}
	}
	return m.messages[least]
}

func mayGo(one *modelled) bool { return one.state == sms.Queued && !one.waits }

// attempt sends a message: marked, perhaps with receipts before the outcome, then the outcome of each part.
func (m *model) attempt(r *rapid.T) {
	one := m.pick(r, mayGo)
	mark := m.mark(one.message)
	next := one.message.Standing()
	for i, p := range next {
		if p.State != sms.Queued {
			continue
		}
		state := rapid.SampledFrom([]sms.State{sms.Sent, sms.Sent, sms.Failed, sms.Queued, sms.Unknown}).Draw(r, "answer")
		next[i] = sms.Part{State: state, At: later(0)}
		if state == sms.Sent {
			*m.refs++
			next[i].Ref = fmt.Sprint("ref-", *m.refs)
		}
	}
	if sms.Standing(next) == sms.Failed {
		for i := range next {
			if next[i].State == sms.Queued {
				next[i].State = sms.Failed
			}
		}
	}
	if rapid.Bool().Draw(r, "receipts meanwhile") {
		m.reportOn(r, one, true)
	}
	m.record(outcome(one.message, next...), mark)
	for i := range next {
		if one.parts[i].State == sms.Queued {
			one.parts[i] = next[i]
		}
	}
	one.settle()
	one.waits = one.state == sms.Queued
}

// settle is the naive form of what a message becomes when nothing of it is on its way.
func (one *modelled) settle() {
	state := sms.Standing(one.parts)
	if state == sms.Failed || state == sms.Expired {
		for i := range one.parts {
			if one.parts[i].State == sms.Queued {
				one.parts[i].State = state
			}
		}
	}
	if !one.state.Final() {
		one.state = state
	}
}

func (m *model) giveBack(r *rapid.T) {
	one := m.pick(r, mayGo)
	m.unmark(m.mark(one.message), one.message)
}

func (m *model) report(r *rapid.T) {
	one := m.pick(r, func(one *modelled) bool { return one.state != sms.Refused })
	m.reportOn(r, one, mayGo(one))
}

// reportOn has the carrier say something about each part it took. A message that may be leaving is not settled by it.
func (m *model) reportOn(r *rapid.T, one *modelled, leaving bool) {
	for i, p := range one.parts {
		if p.Ref == "" {
			continue
		}
		state := rapid.SampledFrom([]sms.State{sms.Sent, sms.Delivered, sms.Failed, sms.Expired, sms.Unknown}).Draw(r, "report")
		said := sms.Report{Ref: p.Ref, Destination: one.message.Destination, State: state, At: later(0)}
		m.world.report(said)
		one.parts[i], _ = said.Apply(p)
		one.givenBack[i] = one.givenBack[i] || one.parts[i].State == sms.Unknown
		if !leaving {
			one.settle()
		}
	}
}

func (m *model) due(r *rapid.T) {
	brought := map[sms.ID]bool{}
	for _, got := range m.world.due() {
		if one := m.messages[got.ID]; one != nil {
			brought[got.ID], one.message = true, got
		}
	}
	for id, one := range m.messages {
		if want := one.waits && one.state == sms.Queued; want != brought[id] {
			r.Fatalf("message %d in state %v: brought %v, want %v", id, one.state, brought[id], want)
		}
		one.waits = false
	}
}

// crash ends the process with one message marked.
func (m *model) crash(r *rapid.T) {
	one := m.pick(r, mayGo)
	m.mark(one.message)
	m.world.crash()
	for i, p := range one.parts {
		if p.State == sms.Queued {
			one.parts[i] = one.message.Doubt(p, later(0))
		}
	}
	one.message = m.read(one.message.ID).Message
	one.settle()
}

// sums counts from the parts what was paid and what is reserved.
func (m *model) sums() (charged, reserved sms.Money) {
	for _, one := range m.messages {
		if one.state == sms.Refused {
			continue
		}
		for i, p := range one.parts {
			price := one.message.PartPrice
			switch {
			case p.State == sms.Queued || p.State == sms.Sent && one.message.ChargeFinal:
				reserved += price
			case one.message.ChargeFinal && p.State == sms.Delivered && !one.givenBack[i]:
				charged += price
			case one.message.ChargeFinal:
			case p.State == sms.Sent || p.State == sms.Unknown || p.Ref != "":
				charged += price
			}
		}
	}
	return charged, reserved
}

func (m *model) check(r *rapid.T) {
	charged, reserved := m.sums()
	waiting := m.others
	for _, one := range m.messages {
		if one.state == sms.Queued {
			waiting++
		}
	}
	if m.Backlog() != waiting {
		r.Fatalf("%d messages are counted as waiting, %d wait", m.Backlog(), waiting)
	}
	b, err := m.Balance(r.Context(), m.account)
	if want := (sms.Balance{Credit: m.opening - charged, Reserved: reserved}); err != nil || b != want {
		r.Fatalf("balance %+v, want %+v, error %v", b, want, err)
	}
	for id, one := range m.messages {
		got := m.read(id)
		if got.State != one.state {
			r.Fatalf("message %d: %v, want %v; parts %+v, want %+v", id, got.State, one.state, got.Message.Progress, one.parts)
		}
		for i, p := range got.Message.Progress {
			if p.State != one.parts[i].State || p.Ref != one.parts[i].Ref {
				r.Fatalf("message %d part %d: %+v, want %+v", id, i, p, one.parts[i])
			}
		}
	}
	var ids []sms.ID
	for id := range m.messages {
		ids = append(ids, id)
	}
	m.wantTraffic(m.account, m.opening, ids...)
	if n := m.rows(marks); n != 0 {
		r.Fatalf("%d marks while nothing is on its way", n)
	}
}
