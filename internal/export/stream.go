package export

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// Searcher finds messages.
type Searcher interface {
	Search(ctx context.Context, account sms.AccountID, q status.Search) (status.Found, error)
}

// Journal is the audit log.
type Journal interface {
	Note(ctx context.Context, deed store.Deed) error
}

// mostStreams is how many files are written at once.
const mostStreams = 4

// Streams writes what a search finds as CSV while it is found, with the text, for people who look at a list. A file of the
// API, which goes on after a break, is an Export. Safe for concurrent use.
type Streams struct {
	search    Searcher
	journal   Journal
	directory Directory
	turns     chan struct{}
}

// NewStreams makes it.
func NewStreams(search Searcher, journal Journal, directory Directory) *Streams {
	return &Streams{search: search, journal: journal, directory: directory, turns: make(chan struct{}, mostStreams)}
}

// Write writes what a search of an account finds, or one of all accounts (0), the newest first: from the newest, whatever
// its Cursor says, to the last. It has one page in memory, and rests as long as it worked, so that it is in nobody's way.
// Who had the file is in the audit log before any of it is written. Errors of class Invalid, and Limited when too many write already, come before begin is called and anything is written;
// others may come at any time, and then the file is not whole.
func (s *Streams) Write(ctx context.Context, actor string, account sms.AccountID, q status.Search, begin func() io.Writer) error {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		return &sms.Error{Code: sms.Limited, Message: "too many exports are being written; try again in a moment", RetryAfter: 10 * time.Second}
	}
	q.Limit, q.Cursor, q.Newer, q.Budget = stepRows, "", false, time.Second
	var to io.Writer
	for more := true; more; {
		began := time.Now()
		found, err := s.search.Search(ctx, account, q)
		if err != nil {
			return err
		}
		page := newTable()
		if to == nil {
			if err := s.journal.Note(ctx, s.deed(actor, account, q)); err != nil {
				return err
			}
			to = begin()
			page.row(s.header(account))
		}
		for _, h := range found.Hits {
			page.row(s.cells(account, h))
		}
		worked := time.Since(began)
		if _, err := to.Write(page.octets()); err != nil {
			return err
		}
		if q.Cursor, more = found.Older, found.Older != ""; more {
			pause(ctx, worked)
		}
	}
	return ctx.Err()
}

// deed says which messages are written; what was looked for in texts and numbers is somebody's own.
func (s *Streams) deed(actor string, account sms.AccountID, q status.Search) store.Deed {
	d := store.Deed{Actor: actor, Action: "message export", Target: "all accounts"}
	if a, ok := s.directory.Account(account); ok {
		d.Target = a.Name
	}
	var said []string
	for _, f := range []struct{ name, value string }{{"number", given(q.Number)}, {"text", given(q.Text)}, {"id", given(q.ID)}, {"status", q.Status},
		{"sender", q.Sender}, {"campaign", q.Campaign}, {"from", instant(q.From)}, {"to", instant(q.To)}} {
		if f.value != "" {
			said = append(said, f.name+" "+f.value)
		}
	}
	d.Detail = strings.Join(said, ", ")
	return d
}

func given(text string) string {
	if text == "" {
		return ""
	}
	return "given"
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (s *Streams) header(account sms.AccountID) []string {
	names := append(append([]string(nil), header...), "text")
	if account == 0 {
		names = append([]string{"account"}, names...)
	}
	return names
}

func (s *Streams) cells(account sms.AccountID, h status.Hit) []string {
	row := append(cells(h.Record.Message, h.Status), h.Record.Message.Text)
	if account != 0 {
		return row
	}
	name := ""
	if a, ok := s.directory.Account(h.Record.Message.Account); ok {
		name = a.Name
	}
	return append([]string{name}, row...)
}
