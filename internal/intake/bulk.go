package intake

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Bulk is many messages to many recipients in one call, its members as the caller wrote them (contract, section 4).
type Bulk struct {
	GlobalID   string // stored as the campaign of every message; empty: one is made
	MaxIDLen   *int64 // upper bound of ids, made ones included; nil: 64
	Entries    []BulkEntry
	OnePart    bool // enableConcatenated is false: texts are cut to one part
	GSMOnly    bool // enableUnicode is false: near characters, or "?"
	Silent     bool // enableDelivery is false
	Simulation bool
}

// BulkEntry is one text for several destinations.
type BulkEntry struct {
	Destinations []string
	IDs          []string // as many as destinations, an empty one is made; nil: all are made
	Sender, Body string
	HexBody      bool   // Body is hexadecimal: UTF-16BE, or behind UDHData raw octets
	UDHData      string // hexadecimal, its length octet first
	Scheduling   string
	Placeholders []Placeholder
}

// Placeholder is a value for {Key}. Of several with one key, the last counts.
type Placeholder struct{ Key, Value string }

// MaxDestinations is how many destinations one call may have.
const MaxDestinations = 10_000

// BulkAnswer is what the caller is told: one result for each destination, in order.
type BulkAnswer struct {
	GlobalID        string
	Messages, Parts int       // accepted ones
	Credit          sms.Money // what is available afterwards
	Unpaid          bool      // nothing was accepted, and what could have been lacked the credit
	Results         []BulkResult
}

// BulkResult is what became of one destination.
type BulkResult struct {
	Destination string // "+" and digits; as the caller wrote it when it is no number
	ID          string // empty: it was refused before it had one
	Reason      string // why it is not accepted; empty when it is
	Detail      string // the same in words; may be empty

	admission *store.Admission // nil: it never came to the store
	made      bool             // the id is not the caller's
}

// The reasons of refusals, those of the contract's section 2 first.
const (
	NoCredit         = store.NoCredit
	SenderNotAllowed = "SENDER_NOT_ALLOWED"
	NoRoute          = "NO_ROUTE"
	TooManyParts     = "TOO_MANY_PARTS"
	Blocked          = store.Blocked
	NotAllowed       = "DESTINATION_NOT_ALLOWED"

	// Those of a bulk call alone: what is an error of the request where there is one message.
	BadDestination = "BAD_DESTINATION"
	BadText        = "BAD_TEXT"
	IDTaken        = "ID_TAKEN"
	NoID           = "NO_ID"
)

// AcceptBulk takes all messages of a call in one commit, and returns when they are on durable storage. A destination
// that is refused does not stop the others. Errors are of class Invalid, with one field: what is wrong with the call as a
// whole; TooLarge; or Unavailable.
func (in *Intake) AcceptBulk(ctx context.Context, caller auth.Caller, door string, b *Bulk) (BulkAnswer, error) {
	call, err := in.checkBulk(b, caller, door, time.Now())
	if err != nil {
		return BulkAnswer{}, err
	}
	if b.Simulation {
		return call.simulate(ctx)
	}
	if err := call.accept(ctx, call.admissions(func(*BulkResult) bool { return true })); err != nil {
		return BulkAnswer{}, err
	}
	if err := call.rename(ctx); err != nil {
		return BulkAnswer{}, err
	}
	if !call.known {
		balance, err := in.store.Balance(ctx, caller.Account.ID)
		if err != nil {
			return BulkAnswer{}, err
		}
		call.available = balance.Available()
	}
	return call.answer(), nil
}

// Balance says what an account has and what of it is reserved.
func (in *Intake) Balance(ctx context.Context, account sms.AccountID) (sms.Balance, error) {
	return in.store.Balance(ctx, account)
}

// bulkCall is a call on its way to being accepted.
type bulkCall struct {
	in        *Intake
	globalID  string
	idLength  int // of ids that are made; 0: the public id of the message serves
	account   *sms.Account
	strict    bool // its senders are restricted
	results   []BulkResult
	available sms.Money
	known     bool // available is
}

// admissions are those of the results that are wanted.
func (c *bulkCall) admissions(wanted func(*BulkResult) bool) []*store.Admission {
	list := make([]*store.Admission, 0, len(c.results))
	for i := range c.results {
		if r := &c.results[i]; r.admission != nil && wanted(r) {
			list = append(list, r.admission)
		}
	}
	return list
}

func (c *bulkCall) accept(ctx context.Context, admissions []*store.Admission) error {
	if len(admissions) == 0 {
		return nil
	}
	if err := c.in.store.Accept(ctx, admissions, c.in.offer); err != nil {
		return err
	}
	c.available, c.known = admissions[len(admissions)-1].Available, true
	return nil
}

// renameRounds is how often short ids that turned out to be taken are made anew. Of 12 characters none ever is.
const renameRounds = 8

// rename gives other ids to messages whose short made one belongs to another message.
func (c *bulkCall) rename(ctx context.Context) error {
	if c.idLength == 0 {
		return nil
	}
	for range renameRounds {
		again := c.admissions(func(r *BulkResult) bool { return r.made && r.admission.Result == store.IDTaken })
		for _, a := range again {
			a.Message.CallerID = shortID(c.idLength)
		}
		if len(again) == 0 {
			return nil
		}
		if err := c.accept(ctx, again); err != nil {
			return err
		}
	}
	return nil
}

// answer adds the results up.
func (c *bulkCall) answer() BulkAnswer {
	answer := BulkAnswer{GlobalID: c.globalID, Credit: c.available, Results: c.results}
	for i := range c.results {
		r := &c.results[i]
		parts := c.settle(r)
		switch r.Reason {
		case "":
			answer.Messages++
			answer.Parts += parts
		case NoCredit:
			answer.Unpaid = true
		}
	}
	answer.Unpaid = answer.Unpaid && answer.Messages == 0
	return answer
}

// settle says what the store did with one destination, and in how many parts it travels.
func (c *bulkCall) settle(r *BulkResult) (parts int) {
	a := r.admission
	if a == nil {
		return 0
	}
	m := a.Message
	switch a.Result {
	case store.Replayed:
		m = a.Existing.Message
	case store.IDTaken:
		r.Reason, r.Detail = IDTaken, "the id belongs to another message"
		if r.made {
			r.ID, r.Reason, r.Detail = "", NoID, "no id of this maxIdLen is free"
		}
		return 0
	case store.Stored:
		r.Reason = m.Refusal
	}
	r.ID = c.in.publicID(m)
	return m.Parts
}

// simulate answers what would be, and leaves no trace.
func (c *bulkCall) simulate(ctx context.Context) (BulkAnswer, error) {
	balance, err := c.in.store.Balance(ctx, c.account.ID)
	if err != nil {
		return BulkAnswer{}, err
	}
	c.available = balance.Available()
	unwanted, err := c.unwanted(ctx)
	if err != nil {
		return BulkAnswer{}, err
	}
	left, now := c.available, time.Now()
	answer := BulkAnswer{GlobalID: c.globalID, Credit: c.available, Results: c.results}
	for i := range c.results {
		r := &c.results[i]
		if r.admission == nil {
			continue
		}
		m := r.admission.Message
		switch r.Reason = m.Refusal; {
		case r.Reason != "":
		case unwanted[m]:
			r.Reason = Blocked
		case m.Price() > left:
			r.Reason = NoCredit
			answer.Unpaid = true
		}
		if r.ID = m.CallerID; r.ID == "" {
			r.ID = nobody(now)
		}
		if r.Reason == "" {
			left -= m.Price()
			answer.Messages++
			answer.Parts += m.Parts
		}
	}
	answer.Unpaid = answer.Unpaid && answer.Messages == 0
	return answer, nil
}

// unwanted are the messages whose recipients have opted out.
func (c *bulkCall) unwanted(ctx context.Context) (map[*sms.Message]bool, error) {
	var messages []*sms.Message
	for _, a := range c.admissions(func(*BulkResult) bool { return true }) {
		messages = append(messages, a.Message)
	}
	said, err := c.in.store.Unwanted(ctx, messages)
	unwanted := map[*sms.Message]bool{}
	for i, is := range said {
		if is {
			unwanted[messages[i]] = true
		}
	}
	return unwanted, err
}

// idLetters are Crockford's base 32: nobody mistakes one for another.
const idLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// longestShort is how long an id is that must be shorter than a public id; more would add nothing.
const longestShort = 20

// shortID makes an id by chance. Who guesses it learns nothing: ids are looked up within an account.
func shortID(length int) string {
	id := make([]byte, min(length, longestShort))
	for i := range id {
		id[i] = idLetters[rand.Uint32()%uint32(len(idLetters))]
	}
	return string(id)
}
