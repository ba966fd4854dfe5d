package optout

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// Answers are what the store keeps for recipients who sent a word.
type Answers interface {
	OptOutAnswers(ctx context.Context, limit int) ([]sms.OptOutAnswer, error)
	DropOptOutAnswer(ctx context.Context, id int64) error
}

// Accounts finds the account of an answer.
type Accounts interface {
	Account(id sms.AccountID) (*sms.Account, bool)
}

// Sender accepts the answers as messages.
type Sender interface {
	Accept(ctx context.Context, caller auth.Caller, door string, request *intake.Request) (intake.Answer, error)
}

// Replier turns answers into messages of their accounts.
type Replier struct {
	Answers  Answers
	Accounts Accounts
	Sender   Sender
	Log      *slog.Logger
}

const (
	answerTick = time.Second
	answerStep = 100
)

// Run looks for answers every second until ctx ends. Other nodes may look too: an answer has an id, by which the second
// one is a repetition.
func (r Replier) Run(ctx context.Context) error {
	tick := time.NewTicker(answerTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := r.once(ctx); err != nil && ctx.Err() == nil {
				r.Log.Warn("answers to opt-outs wait", "error", err)
			}
		}
	}
}

// once sends what waits; what cannot be sent now stays.
func (r Replier) once(ctx context.Context) error {
	answers, err := r.Answers.OptOutAnswers(ctx, answerStep)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if err := r.send(ctx, a); err != nil {
			return err
		}
		if err := r.Answers.DropOptOutAnswer(ctx, a.ID); err != nil {
			return err
		}
	}
	return nil
}

// send has the answer accepted. A refusal for good, such as a text that is too long, is logged; the account sees one by a
// rule among its messages.
func (r Replier) send(ctx context.Context, a sms.OptOutAnswer) error {
	account, ok := r.Accounts.Account(a.Account)
	if !ok || account.Suspended {
		return nil
	}
	_, err := r.Sender.Accept(ctx, auth.Caller{Account: account, Credential: "opt-out"}, "opt-out", &intake.Request{
		Destination: a.Number.String(), Sender: a.Sender, Body: a.Text, MessageID: fmt.Sprintf("opt-out-%d-%d", a.ID, a.At.UnixMilli()),
		Priority: "high", Notice: true})
	switch sms.CodeOf(err) {
	case sms.Invalid, sms.Conflict:
		r.Log.Warn("an answer to an opt-out cannot be sent", "account", account.Name, "error", err)
		return nil
	}
	return err
}
