package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Durability on SQLite. A commit writes to the log without waiting for the disk (synchronous=NORMAL); then the log is
// synced here, with fdatasync, and only then is anybody answered. The guarantee is that of synchronous=FULL: what was
// answered is on the disk. But the next group is applied while the disk works, and no sync writes metadata.
// docs/decisions/0001 has the measurement. On PostgreSQL a commit is durable by itself.

// openLog opens SQLite's log for syncing. Its file stays the same as long as a connection is open. (Closing a file
// drops the locks that a process has on it; SQLite has none on its log.)
func (s *Store) openLog() (err error) {
	s.wal, err = os.OpenFile(filepath.Join(s.options.Dir, FileName+"-wal"), os.O_RDWR, 0)
	return err
}

// sync returns when everything that is committed is durable.
func (s *Store) sync() error {
	if s.wal == nil {
		return nil
	}
	return fdatasync(s.wal)
}

// ErrDisk is the error of a disk that fails to keep what was written. Nothing may be answered after it: the process
// must end, and start again on what the disk really has.
var ErrDisk = errors.New("the disk did not keep what was written to it")

// keepDurable makes one committed group after another durable and tells its members, until groups is closed. While it
// waits for the disk, the commit loop applies the next group.
func (s *Store) keepDurable(groups <-chan []member) (err error) {
	for group := range groups {
		if err == nil {
			if failure := s.sync(); failure != nil {
				err, s.badDisk = fmt.Errorf("%w: %w", ErrDisk, failure), true
				s.log.Error("stopping", "error", err)
				s.queue.close()
			}
		}
		for _, m := range group {
			m.settle(asUnavailable(err))
		}
	}
	return err
}

// asUnavailable is what a caller hears of a failure of the disk.
func asUnavailable(err error) error {
	if err == nil {
		return nil
	}
	return &sms.Error{Code: sms.Unavailable, Message: "the server cannot store anything now", RetryAfter: 5 * time.Second, Cause: err}
}

// alone runs one transaction outside of the commit loop, before it runs, and makes it durable.
func (s *Store) alone(ctx context.Context, work func(tx *Tx) error) error {
	if err := s.transaction(ctx, work); err != nil {
		return err
	}
	return s.sync()
}

// writeBack brings the log into the database file, so that after an orderly end that file alone holds everything. It is a
// courtesy: a log that could not be written back is read at the next start.
func (s *Store) writeBack() error {
	if s.wal == nil || s.badDisk {
		return nil
	}
	_, err := s.conn.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err != nil && storeWide(err) {
		s.log.Warn("the log is not written back", "error", err)
		return nil
	}
	return err
}
