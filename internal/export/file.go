package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/netip"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// Ticket is what a link says: the export, until when it works, and the proof of both.
type Ticket struct{ ID, Expires, Signature string }

// File is a complete file. It is read by one goroutine, and has one step of it in memory.
type File struct {
	Name string // for who keeps it
	Tag  string // the same as long as the octets are
	Size int64

	ctx    context.Context
	book   Book
	export sms.ID
	at     int64
	start  int64 // of piece
	piece  []byte
}

// Open answers the file of a link. The allow-list of the account holds, and a suspended one has no files. Errors are of
// class Forbidden, NotFound and Invalid.
func (x *Exports) Open(ctx context.Context, t Ticket, from netip.Addr) (*File, error) {
	if err := x.links.check(t.ID, t.Expires, t.Signature, time.Now()); err != nil {
		return nil, err
	}
	e, err := x.read(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	account, ok := x.directory.Account(e.Account)
	if !ok || account.Suspended {
		return nil, sms.Errorf(sms.Forbidden, "the account is suspended")
	}
	if !auth.Permits(account.AllowList, from) {
		return nil, sms.Errorf(sms.Forbidden, "the address %s is not on the allow-list of the account", from)
	}
	if err := available(e); err != nil {
		return nil, err
	}
	return &File{Name: "messages-" + e.Made.Format("20060102-150405") + ".csv", Tag: t.ID + "-" + strconv.FormatInt(e.Made.UnixMilli(), 36),
		Size: e.Octets, ctx: ctx, book: x.book, export: e.ID}, nil
}

// Seek goes to an octet of the file.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.Size
	}
	if offset < 0 {
		return 0, errors.New("export: before the beginning of the file")
	}
	f.at = offset
	return offset, nil
}

// Read reads on.
func (f *File) Read(into []byte) (int, error) {
	if f.at >= f.Size {
		return 0, io.EOF
	}
	if f.at < f.start || f.at >= f.start+int64(len(f.piece)) {
		if err := f.load(); err != nil {
			return 0, err
		}
	}
	n := copy(into, f.piece[f.at-f.start:])
	f.at += int64(n)
	return n, nil
}

// load reads the piece that has the next octet.
func (f *File) load() error {
	start, packed, err := f.book.ExportChunk(f.ctx, f.export, f.at)
	if err != nil {
		return err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return errGone
	}
	if f.piece, err = io.ReadAll(unpacked); err != nil || f.at >= start+int64(len(f.piece)) {
		return errGone
	}
	f.start = start
	return nil
}

var errGone = errors.New("export: the file was removed while it was read")
