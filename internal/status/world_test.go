package status_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var (
	ids      = sms.NewPublicIDs([]byte("a secret of the tests"))
	accepted = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
)

const (
	ours   = sms.AccountID(1)
	theirs = sms.AccountID(2)
)

// shelf is a store by hand.
type shelf struct {
	records   []*sms.Record
	incidents []sms.Incident
	told      []sms.Event
	attempts  []sms.Attempt
	err       error

	inbound      []sms.InboundMessage // the newest first
	walks        []store.Walk         // what was asked for
	slow         time.Duration        // how long it takes to look at a message
	hooked       []sms.Event          // by webhook
	hookAttempts []sms.Attempt
}

func (s *shelf) Message(_ context.Context, id sms.ID) (*sms.Record, error) {
	return s.find(func(m *sms.Message) bool { return m.ID == id })
}

func (s *shelf) MessageOf(_ context.Context, account sms.AccountID, callerID string) (*sms.Record, error) {
	return s.find(func(m *sms.Message) bool {
		return m.CallerID == callerID && callerID != "" && (account == 0 || m.Account == account)
	})
}

func (s *shelf) Incidents(context.Context, sms.ID) ([]sms.Incident, error) { return s.incidents, s.err }

func (s *shelf) History(_ context.Context, account sms.AccountID, span store.Span) (found []*sms.Record, err error) {
	for _, r := range s.records { // the newest first
		if r.Message.Account == account && r.Message.ID >= span.First && r.Message.ID <= span.Last && (span.States == nil || slices.Contains(span.States, r.State)) {
			found = append(found, r)
		}
	}
	found = found[min(span.Skip, len(found)):]
	return found[:min(span.Limit, len(found))], s.err
}

func (s *shelf) MessagesOf(_ context.Context, callerID string, limit int) (found []*sms.Record, err error) {
	for _, r := range s.records {
		if r.Message.CallerID == callerID && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, s.err
}

// Walk looks at the records, the newest first, and takes a while for each.
func (s *shelf) Walk(_ context.Context, account sms.AccountID, w store.Walk) (walked store.Walked, err error) {
	s.walks = append(s.walks, w)
	all := slices.Clone(s.records)
	if w.OldestFirst {
		slices.Reverse(all)
	}
	for _, r := range all {
		m := r.Message
		if account != 0 && m.Account != account || m.ID < w.First || m.ID > w.Last || w.States != nil && !slices.Contains(w.States, r.State) {
			continue
		}
		if walked.Looked == w.Most || len(walked.Records) == w.Limit {
			return walked, s.err
		}
		time.Sleep(s.slow)
		walked.Looked, walked.Reached = walked.Looked+1, m.ID
		if strings.Contains(m.Text, w.Text) && strings.HasPrefix(m.Destination.Digits(), w.Begins) && strings.HasSuffix(m.Destination.Digits(), w.Ends) {
			walked.Records = append(walked.Records, r)
		}
	}
	walked.End = true
	return walked, s.err
}

func (s *shelf) WalkInbound(_ context.Context, _ sms.AccountID, w store.InboundWalk) (walked store.InboundWalked, err error) {
	all := slices.Clone(s.inbound)
	if w.OldestFirst {
		slices.Reverse(all)
	}
	for _, m := range all {
		if m.ID < w.First || m.ID > w.Last {
			continue
		}
		if walked.Looked == w.Most || len(walked.Messages) == w.Limit {
			return walked, s.err
		}
		walked.Looked, walked.Reached = walked.Looked+1, m.ID
		if strings.Contains(m.Text, w.Text) && strings.Contains(m.Source, w.Number) {
			walked.Messages = append(walked.Messages, m)
		}
	}
	walked.End = true
	return walked, s.err
}

func (s *shelf) Told(context.Context, *sms.Message, []time.Time) ([]sms.Event, []sms.Attempt, error) {
	return s.hooked, s.hookAttempts, s.err
}

func (s *shelf) Receipts(context.Context, sms.ID) ([]sms.Event, []sms.Attempt, error) {
	return s.told, s.attempts, s.err
}

func (s *shelf) find(wanted func(*sms.Message) bool) (*sms.Record, error) {
	for _, r := range s.records {
		if wanted(r.Message) {
			return r, s.err
		}
	}
	return nil, s.err
}

var errShelf = errors.New("the shelf fell down")

// names is a directory by hand.
type names struct{}

func (names) Account(id sms.AccountID) (*sms.Account, bool) {
	return &sms.Account{ID: id, Name: "Acme"}, id == ours
}
func (names) Carriers() []sms.Carrier { return []sms.Carrier{{ID: 3, Name: "north"}} }

// number is the id of the n-th message.
func number(n int) sms.ID { return sms.MakeID(accepted, 1, n) }

// a record of ours in a state, its parts in others.
func record(state sms.State, parts ...sms.Part) *sms.Record {
	m := &sms.Message{ID: number(1), Account: ours, Carrier: 3, Destination: 393401234567, Sender: "MyCompany", Text: "hello", Parts: max(1, len(parts)),
		PartPrice: 35_000, Expires: accepted.Add(48 * time.Hour), Progress: parts,
		Origin: sms.Origin{Door: "http", Credential: "stf_live_k1", Address: "203.0.113.9"}}
	r := &sms.Record{Message: m, State: state}
	for _, p := range parts {
		if p.State != sms.Queued && r.Sent.IsZero() && p.Ref != "" {
			r.Sent = accepted.Add(time.Second)
		}
	}
	if state.Final() {
		r.Final = accepted.Add(time.Minute)
	}
	return r
}

func part(state sms.State) sms.Part { return sms.Part{State: state} }

// taken is a part that a carrier took.
func taken(state sms.State, code string) sms.Part {
	return sms.Part{State: state, Ref: "r1", Code: code, At: accepted.Add(2 * time.Second)}
}

func seen(p sms.Part) sms.Part {
	p.Seen = true
	return p
}
