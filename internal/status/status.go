// Package status answers what became of a message.
//
// What comes in: ids, those that callers chose and those that we made. What goes out: the status of the contract for
// customers, and the whole life of a message for the people who support them. It changes nothing.
package status

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Store reads messages; nil for one that is not there.
type Store interface {
	Message(ctx context.Context, id sms.ID) (*sms.Record, error)
	MessageOf(ctx context.Context, account sms.AccountID, callerID string) (*sms.Record, error)
	Incidents(ctx context.Context, id sms.ID) ([]sms.Incident, error)
	History(ctx context.Context, account sms.AccountID, span store.Span) ([]*sms.Record, error)
	Receipts(ctx context.Context, message sms.ID) ([]sms.Event, []sms.Attempt, error)
	Finder
}

// Finder looks for messages, and for what was told of them.
type Finder interface {
	MessagesOf(ctx context.Context, callerID string, limit int) ([]*sms.Record, error)
	Walk(ctx context.Context, account sms.AccountID, w store.Walk) (store.Walked, error)
	WalkInbound(ctx context.Context, account sms.AccountID, w store.InboundWalk) (store.InboundWalked, error)
	Told(ctx context.Context, m *sms.Message, near []time.Time) ([]sms.Event, []sms.Attempt, error)
}

// Status is the answer of the contract, section 5.
type Status struct {
	CustomerMessageID         string
	MessageID                 string
	Channel                   string
	Destination               string // empty once it is blanked
	DeliveryStatus            string // SENT, RECEIVED, DELIVERED, ERROR, EXPIRED or UNKNOWN
	DeliveryStatusDescription string
	SendDate                  *time.Time // when a carrier first took a part; nil: not yet
	DeliveryDate              *time.Time // when the last part was confirmed on the handset; nil: it was not
	Parts                     int
	Price                     sms.Money // what is charged, or still reserved
}

// Names knows what people call accounts and carriers.
type Names interface {
	Account(id sms.AccountID) (*sms.Account, bool)
	Carriers() []sms.Carrier
}

// Reader looks messages up.
type Reader struct {
	store Store
	ids   *sms.PublicIDs
	names Names                                           // nil: Life writes numbers
	codes func(carrier sms.CarrierID, code string) string // nil: codes are not explained

	routes Routes // nil: a Story does not know why its carrier was chosen
}

// New makes a reader.
func New(store Store, ids *sms.PublicIDs) *Reader { return &Reader{store: store, ids: ids} }

// Naming is the same reader, whose Life calls accounts and carriers by their names.
func (r *Reader) Naming(names Names) *Reader {
	return &Reader{r.store, r.ids, names, r.codes, r.routes}
}

// Routing is the same reader, whose Story asks the routes.
func (r *Reader) Routing(routes Routes) *Reader {
	return &Reader{r.store, r.ids, r.names, r.codes, routes}
}

// Explaining is the same reader, which says in words what the codes of carriers mean; empty words: nobody knows.
func (r *Reader) Explaining(codes func(carrier sms.CarrierID, code string) string) *Reader {
	return &Reader{r.store, r.ids, r.names, codes, r.routes}
}

// explained is a code in words; empty: there is none, or nobody knows.
func (r *Reader) explained(carrier sms.CarrierID, code string) string {
	if code == "" || r.codes == nil {
		return ""
	}
	return r.codes(carrier, code)
}

// Find answers the status of an account's messages in the order of ids; unknown ones are left out.
func (r *Reader) Find(ctx context.Context, account sms.AccountID, ids []string) ([]Status, error) {
	found := make([]Status, 0, len(ids))
	for _, id := range ids {
		record, err := r.record(ctx, account, id)
		if err != nil {
			return nil, err
		}
		if record != nil {
			found = append(found, r.describe(record))
		}
	}
	return found, nil
}

// Of is the record of an account's message by the caller's id or ours; nil when there is none.
func (r *Reader) Of(ctx context.Context, account sms.AccountID, id string) (*sms.Record, error) {
	return r.record(ctx, account, id)
}

// record finds a message by the caller's id or ours. Account 0 looks at all accounts.
func (r *Reader) record(ctx context.Context, account sms.AccountID, text string) (*sms.Record, error) {
	if id, ok := r.ids.Parse(text); ok {
		record, err := r.store.Message(ctx, id)
		if err != nil {
			return nil, err
		}
		if record != nil && (account == 0 || record.Message.Account == account) {
			return record, nil
		}
	}
	return r.store.MessageOf(ctx, account, text)
}

// Describe puts what became of a message into the words of the contract.
func (r *Reader) Describe(record *sms.Record) Status { return r.describe(record) }

func (r *Reader) describe(record *sms.Record) Status {
	m := record.Message
	s := Status{MessageID: r.ids.Format(m.ID), Channel: "SMS", Destination: m.Destination.String(), Parts: m.Parts, Price: price(record)}
	s.CustomerMessageID = m.CallerID
	if m.CallerID == "" {
		s.CustomerMessageID = s.MessageID
	}
	s.DeliveryStatus, s.DeliveryStatusDescription = r.words(record)
	if !record.Sent.IsZero() {
		s.SendDate = &record.Sent
	}
	if record.State == sms.Delivered {
		s.DeliveryDate = &record.Final
	}
	return s
}

// price is what the account pays or has reserved for the parts.
func price(record *sms.Record) (total sms.Money) {
	m := record.Message
	if record.State == sms.Refused || record.State == sms.Cancelled {
		return 0
	}
	for _, p := range m.Standing() {
		total += m.PriceOf(p)
	}
	return total
}
