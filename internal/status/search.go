package status

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Search says which messages are looked for, as a person wrote it. What is empty fits any.
type Search struct {
	From, To time.Time // of acceptance, both included
	ID       string    // ours or its caller's, exactly; then nothing else counts
	Number   string    // "+" or "00" before the digits with which it begins, else the digits with which it ends
	Sender   string    // is contained, in whatever case
	Campaign string    // likewise
	Text     string    // likewise
	Status   string    // one of States
	Limit    int       // 1 to 1000
	Cursor   string    // Found.Older or Found.Newer
	Newer    bool      // what was accepted behind Cursor, not before it

	Budget time.Duration // how long to look; 0: UsualBudget
}

// UsualBudget is how long a search looks before it shows what it has found and how far it looked.
const UsualBudget = 150 * time.Millisecond

// States are the states of messages by the names that a search knows them by.
var States = []sms.State{sms.Scheduled, sms.Queued, sms.Sent, sms.Delivered, sms.Failed, sms.Expired, sms.Unknown, sms.Cancelled, sms.Refused}

// Hit is a message that was found.
type Hit struct {
	Record *sms.Record
	Status Status
}

// Found is a page of a search, the newest first.
type Found struct {
	Hits   []Hit
	Older  string    // cursor of what was accepted before; empty: there is nothing
	Newer  string    // cursor of what was accepted behind, for Search.Newer
	Looked time.Time // the time was up: nothing beyond this moment was looked at; zero: it was not
}

// How many messages one step looks at: few at first, because most searches find enough in them, then as many as fit into
// stepTime.
const (
	firstStep   = 1_000
	largestStep = 20_000
	stepTime    = 40 * time.Millisecond
)

// Search looks for messages of an account, or of all accounts (0), until a page is full, nothing is left or the time is
// up. Errors of what the person wrote are of class Invalid and name the field.
func (r *Reader) Search(ctx context.Context, account sms.AccountID, q Search) (found Found, err error) {
	if q.ID != "" {
		return r.byID(ctx, account, q)
	}
	w, err := r.walkOf(q)
	if err != nil {
		return found, err
	}
	budget := q.Budget
	if budget == 0 {
		budget = UsualBudget
	}
	for began := time.Now(); ; {
		step := time.Now()
		walked, err := r.store.Walk(ctx, account, w.Walk)
		if err != nil {
			return Found{}, err
		}
		for _, record := range walked.Records {
			found.Hits = append(found.Hits, Hit{record, r.describe(record)})
		}
		full, late := len(found.Hits) > q.Limit, time.Since(began) >= budget
		if full || walked.End || late {
			return r.page(found, w, pageEnd{full, !full && !walked.End, walked.Reached}), nil
		}
		w.Limit -= len(walked.Records)
		w.behind(walked.Reached)
		w.Most = stepOf(walked.Looked, time.Since(step))
	}
}

// stepOf is how many messages fit into a step, by the last one.
func stepOf(looked int, took time.Duration) int {
	if took <= 0 {
		return largestStep
	}
	return int(max(firstStep, min(largestStep, int64(looked)*int64(stepTime)/int64(took))))
}

// walk is a search as the store does it.
type walk struct {
	store.Walk
	limit  int
	cursor sms.ID // zero: none
}

// behind goes on behind a message.
func (w *walk) behind(reached sms.ID) {
	if w.OldestFirst {
		w.First = reached + 1
	} else {
		w.Last = reached - 1
	}
}

// pageEnd is why a page ends: there are more than it takes, or the time is up. If neither, nothing is left.
type pageEnd struct {
	full, late bool
	reached    sms.ID
}

// page cuts what was found to a page, the newest first.
func (r *Reader) page(found Found, w *walk, end pageEnd) Found {
	found.Hits = found.Hits[:min(len(found.Hits), w.limit)]
	var shown []sms.ID
	for _, h := range found.Hits {
		shown = append(shown, h.Record.Message.ID)
	}
	b := w.bounds(shown, end)
	found.Newer, found.Older, found.Looked = r.cursor(b.newer), r.cursor(b.older), b.looked
	if w.OldestFirst {
		slices.Reverse(found.Hits)
	}
	return found
}

// bounds are where the neighbours of a page begin; zero: there is none.
type bounds struct {
	newer, older sms.ID
	looked       time.Time
}

// bounds finds the neighbours of what is shown, which is in the order of the walk: they begin behind it, or, where there
// is nothing, behind where the walk began and where its time was up.
func (w *walk) bounds(shown []sms.ID, end pageEnd) (b bounds) {
	var near, far sms.ID
	switch {
	case w.cursor != 0 && len(shown) > 0:
		near = shown[0]
	case w.cursor != 0:
		near = w.cursor - w.forward()
	}
	switch {
	case end.full:
		far = shown[len(shown)-1]
	case end.late:
		far, b.looked = end.reached, end.reached.Time()
	}
	if b.newer, b.older = near, far; w.OldestFirst {
		b.newer, b.older = far, near
	}
	return b
}

// forward is the step from one id to the next in the order of the walk.
func (w *walk) forward() sms.ID {
	if w.OldestFirst {
		return -1
	}
	return 1
}

func (r *Reader) cursor(id sms.ID) string {
	if id == 0 {
		return ""
	}
	return r.ids.Format(id)
}

// byID answers the message of an id; of all accounts there may be several.
func (r *Reader) byID(ctx context.Context, account sms.AccountID, q Search) (found Found, err error) {
	text := strings.TrimSpace(q.ID)
	if err := checkText("id", text); err != nil {
		return found, err
	}
	record, err := r.record(ctx, account, text)
	if err != nil || record == nil {
		return found, err
	}
	records := []*sms.Record{record}
	if _, ours := r.ids.Parse(text); account == 0 && !ours {
		if records, err = r.store.MessagesOf(ctx, text, q.Limit); err != nil {
			return found, err
		}
	}
	for _, record := range records {
		found.Hits = append(found.Hits, Hit{record, r.describe(record)})
	}
	return found, nil
}

// walkOf reads what the person wrote.
func (r *Reader) walkOf(q Search) (*walk, error) {
	w := &walk{limit: q.Limit}
	w.First, w.Last, w.OldestFirst, w.Limit, w.Most = 0, 1<<63-1, q.Newer, q.Limit+1, firstStep
	if !q.From.IsZero() {
		w.First = sms.MakeID(q.From.Add(time.Millisecond-1), 0, 0)
	}
	if !q.To.IsZero() {
		w.Last = sms.MakeID(q.To, sms.MaxNode, 0xfff)
	}
	if q.Cursor != "" {
		id, ok := r.ids.Parse(q.Cursor)
		if !ok {
			return nil, sms.InvalidField("cursor", "is not one that a page gave")
		}
		w.cursor = id
		if q.Newer {
			w.First = max(w.First, id+1)
		} else {
			w.Last = min(w.Last, id-1)
		}
	}
	if q.Status != "" {
		i := slices.IndexFunc(States, func(s sms.State) bool { return s.String() == q.Status })
		if i < 0 {
			return nil, sms.InvalidField("status", "is none that a message can have")
		}
		w.States = States[i : i+1]
	}
	if err := w.filter(q); err != nil {
		return nil, err
	}
	if w.Filter == (store.Filter{}) {
		w.Most = w.Limit // every message fits
	}
	return w, nil
}

func (w *walk) filter(q Search) (err error) {
	for _, text := range []struct {
		field, from string
		to          *string
	}{{"sender", q.Sender, &w.Sender}, {"campaign", q.Campaign, &w.Campaign}, {"text", q.Text, &w.Text}} {
		*text.to = text.from
		if err := checkText(text.field, text.from); err != nil {
			return err
		}
	}
	w.Begins, w.Ends, err = parseDigits(q.Number)
	return err
}

// longestText is how much of a text can be looked for, in characters.
const longestText = 200

func checkText(field, text string) error {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > longestText {
		return sms.InvalidField(field, "must be at most %d characters of text", longestText)
	}
	return nil
}

// parseDigits reads a number or a part of one: with "+" or "00" what it begins with, else what it ends with.
func parseDigits(text string) (begins, ends string, err error) {
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "", "/", "").Replace(strings.TrimSpace(text))
	whole := strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "00") && len(digits) >= 7 // fewer are how it ends
	if whole {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "+"), "00")
	}
	switch {
	case text == "":
		return "", "", nil
	case digits == "" || strings.Trim(digits, "0123456789") != "":
		return "", "", sms.InvalidField("number", "must be digits of a number: \"+\" and how it begins, or how it ends")
	case whole:
		return digits, "", nil
	case len(digits) > 3 && digits[0] == '0':
		return "", digits[1:], nil // as it is dialled at home
	}
	return "", digits, nil
}
