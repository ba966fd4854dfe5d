package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
)

// Work is what is done about exports.
type Work interface {
	IdleExports(ctx context.Context, limit int) ([]sms.Export, error)
	TakeExport(ctx context.Context, e *sms.Export) (taken bool, err error)
	AddToExport(ctx context.Context, e *sms.Export, p sms.ExportPiece) (added bool, err error)
	LeaveExport(ctx context.Context, e *sms.Export) error
	EndExport(ctx context.Context, e *sms.Export, stage sms.ExportStage) error
	History(ctx context.Context, account sms.AccountID, span store.Span) ([]*sms.Record, error)
}

// Describer puts what became of a message into the words of the contract.
type Describer interface {
	Describe(record *sms.Record) status.Status
}

const (
	stepRows = 1_000           // messages looked at in one step
	atOnce   = 4               // exports that a process works on, by turns
	lookAt   = 2 * time.Second // how often it looks for what other processes were asked for
)

// Maker makes the files, one step of each by turns.
type Maker struct {
	work     Work
	describe Describer
	log      *slog.Logger
	wake     chan struct{}
	held     []*sms.Export
}

// NewMaker makes a maker.
func NewMaker(work Work, describe Describer, log *slog.Logger) *Maker {
	return &Maker{work: work, describe: describe, log: log, wake: make(chan struct{}, 1)}
}

// Wake says that there is something to make.
func (k *Maker) Wake() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run makes files until ctx ends; then others go on with them.
func (k *Maker) Run(ctx context.Context) error {
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := k.round(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("exports wait for the store", "error", err)
			k.held = nil
		} else if len(k.held) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-k.wake:
		}
	}
	for _, e := range k.held {
		if err := k.work.LeaveExport(context.WithoutCancel(ctx), e); err != nil {
			return nil //nolint:nilerr // another process takes it when its time is over
		}
	}
	return nil
}

// round takes what there is to do, and does one step of each. It rests as long as it worked.
func (k *Maker) round(ctx context.Context) error {
	if err := k.take(ctx); err != nil {
		return err
	}
	began := time.Now()
	for _, e := range slices.Clone(k.held) {
		more, err := k.step(ctx, e)
		if err != nil {
			return err
		}
		if !more {
			k.held = slices.DeleteFunc(k.held, func(other *sms.Export) bool { return other == e })
		}
	}
	if len(k.held) > 0 {
		pause(ctx, time.Since(began))
	}
	return nil
}

// take takes exports, of accounts of which none is being made first.
func (k *Maker) take(ctx context.Context) error {
	if len(k.held) == atOnce {
		return nil
	}
	idle, err := k.work.IdleExports(ctx, 100)
	if err != nil {
		return err
	}
	for _, others := range []bool{true, false} {
		for _, e := range idle {
			busy := slices.ContainsFunc(k.held, func(h *sms.Export) bool { return h.ID == e.ID || others && h.Account == e.Account })
			if busy || len(k.held) == atOnce {
				continue
			}
			taken, err := k.work.TakeExport(context.WithoutCancel(ctx), &e) // to know, at the end, what must be given back
			if err != nil {
				return err
			}
			if taken {
				k.held = append(k.held, &e)
			}
		}
	}
	return nil
}

// step adds one piece to a file; false: it has ended, or another process has it.
func (k *Maker) step(ctx context.Context, e *sms.Export) (more bool, err error) {
	piece, err := k.piece(ctx, e)
	if err == nil {
		added, err := k.work.AddToExport(context.WithoutCancel(ctx), e, piece)
		return added && !piece.Last, err
	}
	if sms.CodeOf(err) == sms.Unavailable || errors.Is(err, context.Canceled) {
		return true, err
	}
	k.log.Error("an export has failed", "export", int64(e.ID), "error", err)
	return false, k.work.EndExport(ctx, e, sms.ExportFailed)
}

// piece is the next rows of a file.
func (k *Maker) piece(ctx context.Context, e *sms.Export) (p sms.ExportPiece, err error) {
	span, err := status.Span(e.End, e.End, e.Status)
	if err != nil {
		return p, err
	}
	span.First, span.Last, span.OldestFirst, span.Limit = e.Next, e.Last, true, stepRows
	var records []*sms.Record
	if span.First <= span.Last {
		if records, err = k.work.History(ctx, e.Account, span); err != nil {
			return p, err
		}
	}
	rows := newTable()
	if e.Octets == 0 {
		rows.row(slices.Clone(header))
	}
	for _, record := range records {
		if s := k.describe.Describe(record); wanted(e, record.Message, s) {
			rows.row(cells(record.Message, s))
			p.Rows++
		}
	}
	p.Next, p.Last = e.Last+1, len(records) < stepRows
	if !p.Last {
		p.Next = records[len(records)-1].Message.ID + 1
	}
	text := rows.octets()
	p.Size = int64(len(text))
	p.Packed, err = pack(text)
	return p, err
}

// wanted holds a message against what an export asks for.
func wanted(e *sms.Export, m *sms.Message, s status.Status) bool {
	return (e.Status == "" || s.DeliveryStatus == e.Status) && (e.Sender == "" || m.Sender == e.Sender) &&
		(e.Recipient == 0 || m.Destination == e.Recipient)
}

func pack(text []byte) ([]byte, error) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, err := writer.Write(text)
	err = errors.Join(err, writer.Close())
	return packed.Bytes(), err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
