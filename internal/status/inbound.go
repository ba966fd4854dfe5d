package status

import (
	"context"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// InboundSearch says which messages from handsets are looked for. What is empty fits any.
type InboundSearch struct {
	Number string // digits that the handset's number, or the one it wrote to, contains
	Text   string // is contained, in whatever case
	Limit  int    // 1 to 1000
	Cursor string
	Newer  bool // what came behind Cursor, not before it
}

// InboundHit is a message from a handset that was found.
type InboundHit struct {
	ID      string // as its account sees it
	Message sms.InboundMessage
}

// InboundFound is a page, the newest first. Its members are those of Found.
type InboundFound struct {
	Hits         []InboundHit
	Older, Newer string
	Looked       time.Time
}

// Inbound looks for messages from handsets that came to an account, as Search does.
func (r *Reader) Inbound(ctx context.Context, account sms.AccountID, q InboundSearch) (found InboundFound, err error) {
	search, err := r.walkOf(Search{Text: q.Text, Number: q.Number, Limit: q.Limit, Cursor: q.Cursor, Newer: q.Newer})
	if err != nil {
		return found, err
	}
	w := store.InboundWalk{Span: search.Span, Number: search.Begins + search.Ends, Text: q.Text, Most: search.Most}
	for began := time.Now(); ; {
		step := time.Now()
		walked, err := r.store.WalkInbound(ctx, account, w)
		if err != nil {
			return InboundFound{}, err
		}
		for _, m := range walked.Messages {
			found.Hits = append(found.Hits, InboundHit{r.ids.Format(m.ID), m})
		}
		full, late := len(found.Hits) > q.Limit, time.Since(began) >= UsualBudget
		if full || walked.End || late {
			return r.inboundPage(found, search, pageEnd{full, !full && !walked.End, walked.Reached}), nil
		}
		search.behind(walked.Reached)
		w.First, w.Last, w.Limit, w.Most = search.First, search.Last, w.Limit-len(walked.Messages), stepOf(walked.Looked, time.Since(step))
	}
}

func (r *Reader) inboundPage(found InboundFound, w *walk, end pageEnd) InboundFound {
	found.Hits = found.Hits[:min(len(found.Hits), w.limit)]
	var shown []sms.ID
	for _, h := range found.Hits {
		shown = append(shown, h.Message.ID)
	}
	b := w.bounds(shown, end)
	found.Newer, found.Older, found.Looked = r.cursor(b.newer), r.cursor(b.older), b.looked
	if w.OldestFirst {
		slices.Reverse(found.Hits)
	}
	return found
}
