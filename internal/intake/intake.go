// Package intake accepts messages: read this first.
//
// What comes in: one message as a door has decoded it, and who sends it. What goes out: the message on durable
// storage with its price reserved, and an answer; or an error that names the wrong field; or a refusal by a rule,
// which is kept too, so that it can be looked up.
//
// It speaks no protocol, sends nothing, and never answers before the store has committed.
package intake

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Store keeps what is accepted.
type Store interface {
	Accept(ctx context.Context, admissions []*store.Admission, accepted func([]*sms.Message)) error
	AcceptLater(admissions []*store.Admission, accepted func([]*sms.Message), done func(error))
	Balance(ctx context.Context, account sms.AccountID) (sms.Balance, error)
	Unwanted(ctx context.Context, messages []*sms.Message) ([]bool, error)
}

// Directory knows prices and ways out.
type Directory interface {
	PartPrice(account sms.AccountID, to sms.Number) sms.Money
	// MaySend says why an account may not use a sender to a number; SendersRestricted whether it can refuse anything.
	MaySend(account *sms.Account, sender sms.Sender, to sms.Number) (refusal string)
	SendersRestricted(account *sms.Account) bool
}

// Router chooses the carrier of a message; false when there is none.
type Router interface {
	Choose(account *sms.Account, sender sms.Sender, to sms.Number) (sms.Carrier, bool)
}

// Request is one message to one recipient, its members as the caller wrote them (contract, section 2).
type Request struct {
	Destination, Sender, Body string
	CampaignID, MessageID     string
	IdempotencyKey            string
	UDHData                   string // hexadecimal, its length octet first
	Simulation                bool
	Silent                    bool // enableNotification is false
	Placeholders              map[string]string
	ScheduledDate             string
	ValidityPeriod            *int64 // seconds
	Priority                  string
	Flash                     bool
	Transliterate             *bool // nil: as the account has it
	Notice                    bool  // an answer to a word about opt-outs; no door sets it

	// What a door gives in place of the members above when its protocol says it in another form.
	UDH        []byte       // UDHData as octets
	Octets     []byte       // Body as user data in Encoding, which travels unchanged; it is not split
	Encoding   sms.Encoding // of Octets
	Due        time.Time    // ScheduledDate as a moment
	Expires    time.Time    // ValidityPeriod as a moment
	Submission sms.Submission
}

// Answer is what the caller is told.
type Answer struct {
	MessageID  string
	Simulation bool
	Accepted   bool
	Unicode    bool
	Parts      int
	Reasons    []string // why it is not accepted; empty when it is
	Details    []string // the same in words, as far as there are any
	Replayed   bool     // this was accepted before, and nothing was done now
	Preview    *Preview // simulations only
}

// Preview is what would become of a simulated message.
type Preview struct {
	Encoding   string
	Characters int
	ForcedBy   []string // the characters that force Unicode
	Price      sms.Money
	Route      string // the carrier's name; empty: none
}

// Intake is the step between the doors and the store.
type Intake struct {
	store     Store
	directory Directory
	router    Router
	ids       *sms.PublicIDs
	offer     func([]*sms.Message)
	reference references
}

// New makes the step. offer gets the messages that may go now, in the order of their commits, and must not block.
func New(store Store, directory Directory, router Router, ids *sms.PublicIDs, offer func([]*sms.Message)) *Intake {
	return &Intake{store: store, directory: directory, router: router, ids: ids, offer: offer, reference: references{begin: byte(rand.Uint32())}}
}

// Accept takes one message. It returns when the message is on durable storage. Errors are of class Invalid, with the
// fields; Conflict, when the caller's id belongs to another message; Unavailable, when the store takes nothing now.
func (in *Intake) Accept(ctx context.Context, caller auth.Caller, door string, r *Request) (Answer, error) {
	now := time.Now()
	draft, err := check(r, caller.Account.Settings, now)
	if err != nil {
		return Answer{}, err
	}
	in.plan(draft, caller, door)
	if r.Simulation {
		return in.simulate(ctx, draft, now)
	}
	return in.accept(ctx, draft)
}

// Begin is Accept that does not wait: done is called once, with what Accept would answer, when the message is on durable
// storage or refused, from any goroutine and perhaps before Begin returns; it must not block. Messages that one goroutine
// begins are accepted in that order. Simulations are not for Begin.
func (in *Intake) Begin(caller auth.Caller, door string, r *Request, done func(Answer, error)) {
	draft, err := check(r, caller.Account.Settings, time.Now())
	if err != nil {
		done(Answer{}, err)
		return
	}
	in.plan(draft, caller, door)
	a := in.admission(draft)
	in.store.AcceptLater([]*store.Admission{a}, in.offer, func(err error) {
		if err != nil {
			done(Answer{}, err)
			return
		}
		done(in.conclude(draft, a))
	})
}

// plan adds what the caller did not say: price, way out, reference, and the refusals by rule.
func (in *Intake) plan(d *draft, caller auth.Caller, door string) {
	in.own(&d.message, caller, door)
	carrier, ok := in.address(&d.message, caller.Account)
	in.judge(d, caller, carrier, ok)
}

// judge adds the refusals by rule; ok says whether there is a carrier. A sender that is not written yet breaks none.
func (in *Intake) judge(d *draft, caller auth.Caller, carrier sms.Carrier, ok bool) {
	if !ok {
		d.refuse(NoRoute)
	}
	d.route = carrier.Name
	if d.message.Sender != "" && !d.message.Notice && in.directory.SendersRestricted(caller.Account) {
		if why := in.directory.MaySend(caller.Account, d.message.Sender, d.message.Destination); why != "" {
			d.refuse(SenderNotAllowed)
			d.details = append(d.details, why)
		}
	}
	if d.message.Parts > d.maxParts {
		d.refuse(TooManyParts)
	}
}

// own says whose a message is and who brought it.
func (in *Intake) own(m *sms.Message, caller auth.Caller, door string) {
	m.Account = caller.Account.ID
	m.ChargeFinal = caller.Account.Settings.Charge == "delivered"
	m.Hold = caller.Account.Settings.Uncertain == "hold"
	m.Origin = sms.Origin{Door: door, Credential: caller.Credential}
	if caller.Address.IsValid() {
		m.Origin.Address = caller.Address.String()
	}
}

// address adds what depends on the destination. It answers by which carrier the message goes, and whether there is one.
func (in *Intake) address(m *sms.Message, account *sms.Account) (carrier sms.Carrier, ok bool) {
	if m.Parts > 1 {
		m.Reference = in.reference.next(m.Destination)
	}
	return in.way(m, account)
}

// way adds carrier and price.
func (in *Intake) way(m *sms.Message, account *sms.Account) (carrier sms.Carrier, ok bool) {
	carrier, ok = in.router.Choose(account, m.Sender, m.Destination)
	m.Carrier = carrier.ID
	m.PartPrice = in.directory.PartPrice(m.Account, m.Destination)
	return carrier, ok
}

func (in *Intake) accept(ctx context.Context, d *draft) (Answer, error) {
	a := in.admission(d)
	if err := in.store.Accept(ctx, []*store.Admission{a}, in.offer); err != nil {
		return Answer{}, err
	}
	return in.conclude(d, a)
}

// admission asks the store for a message.
func (in *Intake) admission(d *draft) *store.Admission {
	m := &d.message
	a := &store.Admission{Message: m, Key: d.key}
	if len(d.reasons) > 0 {
		m.Refusal = d.reasons[0]
	}
	if m.CallerID != "" {
		a.Claim, _ = in.ids.Parse(m.CallerID)
	}
	return a
}

// conclude says what the store's answer means for the caller.
func (in *Intake) conclude(d *draft, a *store.Admission) (Answer, error) {
	m := &d.message
	switch a.Result {
	case store.Replayed:
		return in.replay(a.Existing), nil
	case store.IDTaken:
		return Answer{}, sms.Errorf(sms.Conflict, "messageId %q belongs to another message; send a new messageId, or the same content to get the first answer again", m.CallerID)
	case store.KeyTaken:
		return Answer{}, sms.Errorf(sms.Conflict, "this Idempotency-Key belongs to another message; send a new key, or the same content to get the first answer again")
	}
	if m.Refusal != "" && len(d.reasons) == 0 {
		d.refuse(m.Refusal)
	}
	return d.answer(in.publicID(m)), nil
}

// replay gives the first answer again.
func (in *Intake) replay(first *sms.Record) Answer {
	m := first.Message
	return Answer{MessageID: in.publicID(m), Accepted: true, Unicode: m.Encoding == sms.UCS2, Parts: m.Parts, Reasons: []string{}, Replayed: true}
}

func (in *Intake) publicID(m *sms.Message) string {
	if m.CallerID != "" {
		return m.CallerID
	}
	return in.ids.Format(m.ID)
}
