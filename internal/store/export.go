package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// exportLease is how long a process may work on an export without a new piece before another takes it.
const exportLease = 30 * time.Second

// exportChunks is how many pieces of a file one transaction removes.
const exportChunks = 16

// exportMember is some work on exports.
type exportMember struct {
	answer
	work func(tx *Tx) error
}

func (e *exportMember) apply(tx *Tx) error { return e.work(tx) }

func (s *Store) workOnExports(ctx context.Context, work func(tx *Tx) error) error {
	return s.wait(ctx, &exportMember{work: work})
}

// CreateExport keeps a new export and sets its ID, Made, Next and, no later than now, Last. An account with so many that are
// pending gets an error of class Limited.
func (s *Store) CreateExport(ctx context.Context, e *sms.Export, mostPending int) error {
	return s.workOnExports(ctx, func(tx *Tx) error {
		var pending int
		err := tx.QueryRow(`SELECT COUNT(*) FROM export WHERE account_id = ? AND stage = 0`, int64(e.Account)).Scan(&pending)
		if err != nil {
			return err
		}
		if pending >= mostPending {
			return &sms.Error{Code: sms.Limited, Message: "too many exports of this account are pending; wait for one of them", RetryAfter: 10 * time.Second}
		}
		e.ID, e.Made, e.Next, e.Last = s.ids.Next(tx.now), tx.now, e.First, lastOf(e, tx.now)
		_, err = tx.Exec(`INSERT INTO export (id, account_id, first_id, last_id, end_at, sender, recipient, status, next_id, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(e.ID), int64(e.Account), int64(e.First), int64(e.Last), e.End.UnixMilli(),
			string(e.Sender), int64(e.Recipient), e.Status, int64(e.Next), e.Made.UnixMilli())
		return err
	})
}

// lastOf is the last message of an export: none that is accepted later than it was asked for.
func lastOf(e *sms.Export, now time.Time) sms.ID {
	if e.End.Before(now) {
		now = e.End
	}
	return sms.MakeID(now, sms.MaxNode, 0xfff)
}

// RenewExport makes an export that has failed or expired pending again; false when it has not.
func (s *Store) RenewExport(ctx context.Context, e *sms.Export) (renewed bool, err error) {
	err = s.workOnExports(ctx, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE export SET stage = 0, last_id = ?, next_id = first_id, rows = 0, octets = 0, made_at = ?, ended_at = NULL,
			busy_until = NULL WHERE id = ? AND stage IN (2, 3) AND NOT EXISTS (SELECT 1 FROM export_chunk WHERE export_id = export.id)`,
			int64(lastOf(e, tx.now)), tx.now.UnixMilli(), int64(e.ID))
		renewed = n > 0
		return err
	})
	return renewed, err
}

const exportColumns = `id, account_id, first_id, last_id, end_at, sender, recipient, status, stage, next_id, rows, octets, made_at, ended_at`

func scanExport(row interface{ Scan(...any) error }) (e sms.Export, err error) {
	var end, stage, made int64
	var ended sql.NullInt64
	err = row.Scan((*int64)(&e.ID), (*int64)(&e.Account), (*int64)(&e.First), (*int64)(&e.Last), &end, (*string)(&e.Sender), (*int64)(&e.Recipient),
		&e.Status, &stage, (*int64)(&e.Next), &e.Rows, &e.Octets, &made, &ended)
	e.End, e.Stage, e.Made, e.Ended = time.UnixMilli(end).UTC(), sms.ExportStage(stage), time.UnixMilli(made).UTC(), moment(ended)
	return e, err
}

// readExports reads those that a condition selects.
func (s *Store) readExports(ctx context.Context, rest string, args ...any) (exports []sms.Export, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT `+exportColumns+` FROM export `+rest, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanExport(rows)
			if err != nil {
				return err
			}
			exports = append(exports, e)
		}
		return rows.Err()
	})
	return exports, err
}

// Exports reads those of an account, the newest first.
func (s *Store) Exports(ctx context.Context, account sms.AccountID, skip, limit int) ([]sms.Export, error) {
	return s.readExports(ctx, `WHERE account_id = ? ORDER BY id DESC LIMIT ? OFFSET ?`, int64(account), limit, skip)
}

// Export reads one; nil when there is none.
func (s *Store) Export(ctx context.Context, id sms.ID) (*sms.Export, error) {
	found, err := s.readExports(ctx, `WHERE id = ?`, int64(id))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// IdleExports are the oldest that are pending and on which nobody works.
func (s *Store) IdleExports(ctx context.Context, limit int) ([]sms.Export, error) {
	return s.readExports(ctx, `WHERE stage = 0 AND (busy_until IS NULL OR busy_until < ?) ORDER BY id LIMIT ?`, time.Now().UnixMilli(), limit)
}

// TakeExport makes an export this process's until it has added no piece for a while; false when another has it, or it is
// not where it was read any more.
func (s *Store) TakeExport(ctx context.Context, e *sms.Export) (taken bool, err error) {
	err = s.workOnExports(ctx, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE export SET busy_until = ? WHERE id = ? AND stage = 0 AND next_id = ? AND (busy_until IS NULL OR busy_until < ?)`,
			tx.now.Add(exportLease).UnixMilli(), int64(e.ID), int64(e.Next), tx.now.UnixMilli())
		taken = n > 0
		return err
	})
	return taken, err
}

// LeaveExport gives an export back, for whoever comes next.
func (s *Store) LeaveExport(ctx context.Context, e *sms.Export) error {
	return s.workOnExports(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`UPDATE export SET busy_until = NULL WHERE id = ? AND next_id = ?`, int64(e.ID), int64(e.Next))
		return err
	})
}

// AddToExport adds a piece to the file, unless somebody else has meanwhile (false). e is moved on.
func (s *Store) AddToExport(ctx context.Context, e *sms.Export, p sms.ExportPiece) (added bool, err error) {
	err = s.workOnExports(ctx, func(tx *Tx) error {
		var ended any
		stage, busy := sms.ExportPending, any(tx.now.Add(exportLease).UnixMilli())
		if p.Last {
			stage, ended, busy = sms.ExportCompleted, tx.now.UnixMilli(), nil
		}
		n, err := tx.Exec(`UPDATE export SET next_id = ?, rows = rows + ?, octets = octets + ?, stage = ?, ended_at = ?, busy_until = ?
			WHERE id = ? AND stage = 0 AND next_id = ? AND octets = ? AND made_at = ?`, int64(p.Next), p.Rows, p.Size, int64(stage), ended, busy,
			int64(e.ID), int64(e.Next), e.Octets, e.Made.UnixMilli())
		if added = n > 0; err != nil || !added || p.Size == 0 {
			return err
		}
		_, err = tx.Exec(`INSERT INTO export_chunk (export_id, start, size, packed) VALUES (?, ?, ?, ?)`, int64(e.ID), e.Octets, p.Size, p.Packed)
		return err
	})
	if err == nil && added {
		e.Next, e.Rows, e.Octets = p.Next, e.Rows+p.Rows, e.Octets+p.Size
	}
	return added, err
}

// ExportChunk reads the piece of a file that has an octet: where it begins, and the piece as gzip; nil: there is none.
func (s *Store) ExportChunk(ctx context.Context, id sms.ID, octet int64) (start int64, packed []byte, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return ignoreMissing(tx.QueryRow(`SELECT start, packed FROM export_chunk WHERE export_id = ? AND start <= ? ORDER BY start DESC LIMIT 1`,
			int64(id), octet).Scan(&start, &packed))
	})
	return start, packed, err
}

// EndExport makes an export failed or expired, and removes its file in small steps.
func (s *Store) EndExport(ctx context.Context, e *sms.Export, stage sms.ExportStage) error {
	for first, more := true, true; more; first = false {
		err := s.workOnExports(ctx, func(tx *Tx) error {
			if first {
				if _, err := tx.Exec(`UPDATE export SET stage = ?, ended_at = ?, busy_until = NULL WHERE id = ? AND stage = ? AND made_at = ?`,
					int64(stage), tx.now.UnixMilli(), int64(e.ID), int64(e.Stage), e.Made.UnixMilli()); err != nil {
					return err
				}
			}
			n, err := tx.Exec(`DELETE FROM export_chunk WHERE export_id = ? AND start IN (SELECT start FROM export_chunk WHERE export_id = ? LIMIT ?)
				AND EXISTS (SELECT 1 FROM export WHERE id = ? AND stage IN (2, 3))`, int64(e.ID), int64(e.ID), exportChunks, int64(e.ID))
			more = n == exportChunks
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// The life of a file, and of what is known of it.
const (
	exportKept   = 7 * 24 * time.Hour
	exportListed = 30 * 24 * time.Hour
)

// TidyExports removes files, and then exports, that have served their time.
func (s *Store) TidyExports(ctx context.Context) error {
	now := time.Now()
	old, err := s.readExports(ctx, `WHERE ended_at IS NOT NULL AND ended_at < ? AND stage = 1 ORDER BY ended_at LIMIT 100`, now.Add(-exportKept).UnixMilli())
	if err != nil {
		return err
	}
	half, err := s.readExports(ctx, `WHERE ended_at IS NOT NULL AND stage IN (2, 3) AND EXISTS (SELECT 1 FROM export_chunk WHERE export_id = export.id) LIMIT 100`)
	if err != nil {
		return err
	}
	for _, e := range append(old, half...) { // the process may have ended while it removed one
		stage := sms.ExportExpired
		if e.Stage != sms.ExportCompleted {
			stage = e.Stage
		}
		if err := s.EndExport(ctx, &e, stage); err != nil {
			return err
		}
	}
	return s.workOnExports(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`DELETE FROM export WHERE id IN (SELECT id FROM export WHERE ended_at < ? AND stage IN (2, 3) ORDER BY ended_at LIMIT 100)`,
			now.Add(-exportListed).UnixMilli())
		return err
	})
}
