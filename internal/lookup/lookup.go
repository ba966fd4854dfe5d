// Package lookup says in which network a number is.
//
// What comes in: a number. What goes out: what the operator's imported data say of it, or else what the provider that
// the operator configured answers; that is kept for a while. Without either, an error says so.
//
// It never guesses: numbering plans say nothing about ported numbers, and a member that nobody told is empty.
package lookup

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Data are what the operator imported. Portability answers nil for a number that is not among them; any says whether
// there are any data.
type Data interface {
	Portability(ctx context.Context, number sms.Number) (found *sms.Portability, any bool, err error)
}

// Provider asks somebody else. ErrUnknown says that they do not know the number; another error, that they gave no answer.
type Provider interface {
	Lookup(ctx context.Context, number sms.Number) (*sms.Portability, error)
}

var (
	// ErrNone is the error where nobody can be asked.
	ErrNone = errors.New("no lookup provider is configured")
	// ErrUnknown is the error of a number of which nothing is known.
	ErrUnknown = sms.Errorf(sms.NotFound, "nothing is known of this number")
)

const mostKept = 100_000 // answers

// Service answers. Safe for concurrent use.
type Service struct {
	data     Data
	provider Provider // nil: none
	life     time.Duration
	Counters Counters

	mu   sync.Mutex
	kept map[sms.Number]kept
}

// Counters are what /metrics shows. All only grow.
type Counters struct{ Data, Kept, Asked, Failed, Unknown atomic.Int64 }

type kept struct {
	answer *sms.Portability
	until  time.Time
}

// New makes a service; provider may be nil, life is how long its answers are kept.
func New(data Data, provider Provider, life time.Duration) *Service {
	return &Service{data: data, provider: provider, life: life, kept: map[sms.Number]kept{}}
}

// Lookup answers; errors are ErrNone, ErrUnknown, or of class Unavailable.
func (s *Service) Lookup(ctx context.Context, number sms.Number) (*sms.Portability, error) {
	found, some, err := s.data.Portability(ctx, number)
	if err != nil || found != nil {
		s.Counters.Data.Add(1)
		return found, err
	}
	if s.provider == nil && !some {
		return nil, ErrNone
	}
	if s.provider == nil {
		s.Counters.Unknown.Add(1)
		return nil, ErrUnknown
	}
	if answer := s.recall(number, time.Now()); answer != nil {
		s.Counters.Kept.Add(1)
		return answer, nil
	}
	s.Counters.Asked.Add(1)
	answer, err := s.provider.Lookup(ctx, number)
	switch {
	case errors.Is(err, ErrUnknown):
		s.Counters.Unknown.Add(1)
		return nil, ErrUnknown
	case err != nil:
		s.Counters.Failed.Add(1)
		return nil, &sms.Error{Code: sms.Unavailable, Message: "the lookup provider gives no answer now", RetryAfter: 5 * time.Second, Cause: err}
	}
	s.keep(answer, time.Now())
	return answer, nil
}

func (s *Service) recall(number sms.Number, now time.Time) *sms.Portability {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[number]
	if !ok || !k.until.After(now) {
		delete(s.kept, number)
		return nil
	}
	return k.answer
}

// keep remembers an answer. When there are too many, those that are over go, or else any one.
func (s *Service) keep(answer *sms.Portability, now time.Time) {
	if s.life <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) >= mostKept {
		for number, k := range s.kept {
			if !k.until.After(now) {
				delete(s.kept, number)
			}
		}
	}
	for number := range s.kept {
		if len(s.kept) < mostKept {
			break
		}
		delete(s.kept, number)
	}
	s.kept[answer.Number] = kept{answer, now.Add(s.life)}
}
