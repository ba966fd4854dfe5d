package status

import (
	"context"
	"fmt"

	"github.com/staffetta/staffetta/internal/sms"
)

// receipts is what the customer was told of a message by deliver_sm, or shall be.
func (r *Reader) receipts(ctx context.Context, m *sms.Message) (lines []Line, err error) {
	if m.Submission.Receipts == 0 {
		return nil, nil
	}
	events, attempts, err := r.store.Receipts(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	named := map[sms.ID]string{}
	for i := range events {
		e := &events[i]
		named[e.ID] = fmt.Sprintf("the customer's receipt, %s", e.State)
		switch e.Stage {
		case sms.EventWaiting:
			lines = append(lines, Line{e.ID.Time(), named[e.ID] + ": waits for a session that takes it"})
		case sms.EventFailed:
			lines = append(lines, Line{e.Ended, named[e.ID] + ": given up"})
		}
	}
	for i := range attempts {
		a := &attempts[i]
		lines = append(lines, Line{a.At, named[a.Event] + ": " + tried(a)})
	}
	return lines, nil
}

func tried(a *sms.Attempt) string {
	switch {
	case a.Error == "":
		return "taken by " + a.Receiver
	case a.Receiver == "":
		return a.Error
	}
	return a.Receiver + ": " + a.Error
}
