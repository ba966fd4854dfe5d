package traffic

import (
	"context"
	"math"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Steps are the first ones of an account, and which of them are done.
type Steps struct {
	Key     bool // it has a key that may be used, or had
	Sent    bool // a message was accepted, or refused by a rule
	Webhook bool // it hears of what becomes of them
}

// Done reports whether the account sends: from then on nobody needs to be told how to begin.
func (s Steps) Done() bool { return s.Sent }

// Steps looks how far an account has come.
func (r *Reader) Steps(ctx context.Context, account sms.AccountID) (done Steps, err error) {
	sent, err := r.parts.Store.History(ctx, account, store.Span{Last: math.MaxInt64, Limit: 1})
	if err != nil || len(sent) > 0 {
		return Steps{Key: true, Sent: len(sent) > 0, Webhook: true}, err
	}
	keys, err := r.parts.Store.Keys(ctx, account)
	if err != nil {
		return done, err
	}
	for _, k := range keys {
		done.Key = done.Key || k.Revoked.IsZero()
	}
	hook, err := r.parts.Store.Webhook(ctx, account)
	done.Webhook = hook != nil
	return done, err
}
