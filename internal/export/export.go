// Package export makes files of an account's messages.
//
// What comes in: which messages an account wants, and links that were given out for a file. What goes out: the file as CSV
// (RFC 4180), made in small steps, each of which is durable, so that whoever comes next goes on where a process ended; and
// octets of a finished file, from anywhere in it.
//
// It never has more than one step of a file in memory, reads no message that was accepted after the export was asked for,
// and knows no protocol.
package export

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// Book is what is known of exports, and their files.
type Book interface {
	CreateExport(ctx context.Context, e *sms.Export, mostPending int) error
	Exports(ctx context.Context, account sms.AccountID, skip, limit int) ([]sms.Export, error)
	Export(ctx context.Context, id sms.ID) (*sms.Export, error)
	RenewExport(ctx context.Context, e *sms.Export) (renewed bool, err error)
	ExportChunk(ctx context.Context, id sms.ID, octet int64) (start int64, packed []byte, err error)
}

// Directory knows accounts.
type Directory interface {
	Account(id sms.AccountID) (*sms.Account, bool)
}

// mostPending is how many exports of one account may be made at once.
const mostPending = 3

// Exports is what accounts ask for. Safe for concurrent use.
type Exports struct {
	book      Book
	directory Directory
	ids       *sms.PublicIDs
	links     links
	wake      func() // there is something to make
}

// New makes it. secret is the server's; wake is called when there is something to make, and must not block.
func New(book Book, directory Directory, ids *sms.PublicIDs, secret []byte, wake func()) *Exports {
	return &Exports{book: book, directory: directory, ids: ids, links: newLinks(secret), wake: wake}
}

// Request says which messages are wanted, its members as the caller wrote them (contract, section 10).
type Request struct {
	Start, End        time.Time // both included
	Sender, Recipient string    // empty: any
	Channel           string    // empty: any; only SMS has messages
	Status            string    // empty: any
}

const prefix = "exp_"

// ID is how an account sees an export.
func (x *Exports) ID(id sms.ID) string { return prefix + x.ids.Format(id) }

// Create begins an export and answers its id. Errors are of class Invalid, and Limited when too many are pending.
func (x *Exports) Create(ctx context.Context, account *sms.Account, r Request) (string, error) {
	span, err := status.Span(r.Start, r.End, r.Status)
	if err != nil {
		return "", err
	}
	e := &sms.Export{Account: account.ID, First: span.First, End: r.End, Status: r.Status}
	if r.Sender != "" {
		if e.Sender, err = sms.ParseSender(r.Sender); err != nil {
			return "", sms.InvalidField("sender", "%s", err)
		}
	}
	if r.Recipient != "" {
		if e.Recipient, err = sms.ParseNumber(r.Recipient); err != nil {
			return "", sms.InvalidField("recipient", "%s", err)
		}
	}
	switch r.Channel {
	case "", "SMS":
	case "RCS", "WHATSAPP":
		e.First = math.MaxInt64 // there are none
	default:
		return "", sms.InvalidField("channel", "must be SMS, RCS or WHATSAPP")
	}
	if err := x.book.CreateExport(ctx, e, mostPending); err != nil {
		return "", err
	}
	x.wake()
	return x.ID(e.ID), nil
}

// List answers exports of an account, the newest first.
func (x *Exports) List(ctx context.Context, account *sms.Account, page, limit int) ([]sms.Export, error) {
	return x.book.Exports(ctx, account.ID, page*limit, limit)
}

// Link is an address, without its server, under which the file of an export is had without credentials until it expires.
// Errors are of class NotFound; Conflict, when the file is not complete; and Invalid, when there is none any more.
func (x *Exports) Link(ctx context.Context, account *sms.Account, id string) (path string, expires time.Time, err error) {
	e, err := x.find(ctx, account, id)
	if err != nil {
		return "", time.Time{}, err
	}
	if err := available(e); err != nil {
		return "", time.Time{}, err
	}
	path, expires = x.links.make(x.ID(e.ID), time.Now())
	return path, expires, nil
}

// Renew makes an export that has expired or failed anew, of the messages that there are now; one that is pending or
// complete stays as it is. It reports whether the file is there.
func (x *Exports) Renew(ctx context.Context, account *sms.Account, id string) (complete bool, err error) {
	e, err := x.find(ctx, account, id)
	if err != nil || e.Stage == sms.ExportCompleted || e.Stage == sms.ExportPending {
		return err == nil && e.Stage == sms.ExportCompleted, err
	}
	renewed, err := x.book.RenewExport(ctx, e)
	if err == nil && !renewed {
		err = &sms.Error{Code: sms.Unavailable, Message: "the old file is being removed; ask again in a moment", RetryAfter: 5 * time.Second}
	}
	x.wake()
	return false, err
}

var errUnknown = sms.Errorf(sms.NotFound, "this account has no such export")

func (x *Exports) find(ctx context.Context, account *sms.Account, text string) (*sms.Export, error) {
	e, err := x.read(ctx, text)
	if err == nil && e.Account != account.ID {
		err = errUnknown
	}
	return e, err
}

func (x *Exports) read(ctx context.Context, text string) (*sms.Export, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return nil, errUnknown
	}
	id, ok := x.ids.Parse(rest)
	if !ok {
		return nil, errUnknown
	}
	e, err := x.book.Export(ctx, id)
	if err == nil && e == nil {
		err = errUnknown
	}
	return e, err
}

// available answers nil when an export has a file.
func available(e *sms.Export) error {
	switch e.Stage {
	case sms.ExportCompleted:
		return nil
	case sms.ExportPending:
		return sms.Errorf(sms.Conflict, "the export is PENDING: its file is not complete yet")
	case sms.ExportFailed:
		return sms.Errorf(sms.Invalid, "the export has FAILED; POST on this path makes it anew")
	}
	return sms.Errorf(sms.Invalid, "the export has EXPIRED; POST on this path makes it anew")
}

// StageNames are the stages as accounts see them.
var StageNames = [...]string{sms.ExportPending: "PENDING", sms.ExportCompleted: "COMPLETED", sms.ExportFailed: "FAILED", sms.ExportExpired: "EXPIRED"}
