package status

import (
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
)

// Story is everything that is known about a message, for whoever puts it into words.
type Story struct {
	ID         string // public
	Account    string // its name; empty: nobody knows
	Record     *sms.Record
	Status     Status
	Characters int    // of the text; octets where Octets is set; 0 of one that is blanked or was refused
	Octets     bool   // the text is hexadecimal digits of octets
	Foreign    []rune // the characters that force Unicode, each once; nil: none does, or the text is blanked
	Way        Way
	Parts      []PartStory
	Steps      []Step // the oldest first; the first is its acceptance, or its refusal
}

// Step is one thing that happened to a message.
type Step struct {
	At       time.Time
	Kind     StepKind
	Carrier  string        // Took: whose name it is; empty: one that was removed, or nobody knows
	Part     int           // Reached: from 1
	Incident *sms.Incident // Happened
	Event    *sms.Event    // Waits, GivenUp, Tried
	Attempt  *sms.Attempt  // Tried
}

// StepKind is what kind of thing happened.
type StepKind uint8

// The kinds.
const (
	Began    StepKind = iota // it was accepted, or refused
	Happened                 // an incident: an attempt that failed, another carrier, a repeated receipt
	Took                     // a carrier took its first part
	Reached                  // a part came to where it is
	Waits                    // an event waits to be told to the customer
	GivenUp                  // an event is not told any more
	Tried                    // an attempt to tell an event
)

// PartStory is how far a part has come.
type PartStory struct {
	sms.Part
	Words string // what the carrier's code means; empty: nobody knows
}

// Way is how a message comes to its carrier, by the routes as they are now: what they were is not kept. Where a message
// was given to another carrier, an incident of kind "route" says why.
type Way struct {
	Carrier string    // its name; empty: one that was removed, or there was none
	Known   bool      // the rest counts
	Place   int       // among the carriers for such messages, from 1; 0: no route leads to it
	Of      int       // how many carriers there are for such messages
	Route   sms.Route // that leads to it; without ID: it is the default carrier
}

// Routes knows which carriers there are for a message.
type Routes interface {
	For(m *sms.Message) []route.Candidate
}

// Story tells everything that is known about a message of an account, or of any (0). An unknown id, or one of another
// account, is an error of class NotFound.
func (r *Reader) Story(ctx context.Context, account sms.AccountID, id string) (*Story, error) {
	record, err := r.record(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, sms.Errorf(sms.NotFound, "no message has the id %q", id)
	}
	return r.story(ctx, record)
}

func (r *Reader) story(ctx context.Context, record *sms.Record) (*Story, error) {
	m := record.Message
	s := &Story{ID: r.ids.Format(m.ID), Record: record, Status: r.describe(record), Way: r.way(record), Octets: m.Encoding == sms.Octets || m.Raw}
	if r.names != nil {
		if account, ok := r.names.Account(m.Account); ok {
			s.Account = account.Name
		}
	}
	s.measure()
	for _, p := range m.Progress {
		s.Parts = append(s.Parts, PartStory{p, r.explained(m.Carrier, p.Code)})
	}
	if err := r.steps(ctx, s); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return s, nil
}

// measure counts what there is of the text: all of it, unless it is blanked or was cut because the message was refused.
func (s *Story) measure() {
	m := s.Record.Message
	if s.Record.Redacted || s.Record.State == sms.Refused {
		return
	}
	if s.Octets {
		s.Characters = len(m.Text) / 2
		return
	}
	s.Characters = gsm.Characters(m.Text)
	if m.Encoding == sms.UCS2 {
		s.Foreign = gsm.Foreign(m.Text)
	}
}

// steps collects them; what happened at one moment stands in this order.
func (r *Reader) steps(ctx context.Context, s *Story) error {
	m := s.Record.Message
	accepted := m.ID.Time()
	s.Steps = []Step{{At: accepted, Kind: Began}}
	incidents, err := r.store.Incidents(ctx, m.ID)
	if err != nil {
		return err
	}
	for i := range incidents {
		s.Steps = append(s.Steps, Step{At: incidents[i].At, Kind: Happened, Incident: &incidents[i]})
	}
	if !s.Record.Sent.IsZero() {
		s.Steps = append(s.Steps, Step{At: s.Record.Sent, Kind: Took, Carrier: s.Way.Carrier})
	}
	near := []time.Time{accepted, s.Record.Sent, s.Record.Final}
	for i, p := range m.Progress {
		at := p.At
		if at.IsZero() {
			at = accepted
		}
		near = append(near, p.At)
		s.Steps = append(s.Steps, Step{At: at, Kind: Reached, Part: i + 1})
	}
	return r.telling(ctx, s, near)
}

// telling is what the customer was told, or shall be: by deliver_sm and by webhook.
func (r *Reader) telling(ctx context.Context, s *Story, near []time.Time) error {
	m := s.Record.Message
	if m.Submission.Receipts != 0 {
		events, attempts, err := r.store.Receipts(ctx, m.ID)
		if err != nil {
			return err
		}
		s.tell(events, attempts)
	}
	if m.Notify {
		events, attempts, err := r.store.Told(ctx, m, near)
		if err != nil {
			return err
		}
		s.tell(events, attempts)
	}
	return nil
}

func (s *Story) tell(events []sms.Event, attempts []sms.Attempt) {
	byID := map[sms.ID]*sms.Event{}
	for i := range events {
		e := &events[i]
		byID[e.ID] = e
		switch e.Stage {
		case sms.EventWaiting:
			s.Steps = append(s.Steps, Step{At: e.ID.Time(), Kind: Waits, Event: e})
		case sms.EventFailed:
			s.Steps = append(s.Steps, Step{At: e.Ended, Kind: GivenUp, Event: e})
		}
	}
	for i := range attempts {
		if e := byID[attempts[i].Event]; e != nil {
			s.Steps = append(s.Steps, Step{At: attempts[i].At, Kind: Tried, Event: e, Attempt: &attempts[i]})
		}
	}
}

// way asks the routes of now about a message.
func (r *Reader) way(record *sms.Record) (w Way) {
	m := record.Message
	if r.names != nil {
		for _, c := range r.names.Carriers() {
			if c.ID == m.Carrier {
				w.Carrier = c.Name
			}
		}
	}
	if r.routes == nil || record.Redacted || record.State == sms.Refused {
		return w
	}
	candidates := r.routes.For(m)
	w.Known, w.Of = true, len(candidates)
	for i, c := range candidates {
		if c.Carrier.ID == m.Carrier {
			w.Place, w.Route = i+1, c.Route
		}
	}
	return w
}
