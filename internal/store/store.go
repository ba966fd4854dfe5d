// Package store keeps everything that must not be lost.
//
// What comes in: accepted messages, marks, outcomes, reports and administrative changes, from many goroutines at
// once. What goes out: the same on durable storage, an answer to each caller after the commit that holds its work,
// and reads of what is stored. All writes of all callers pass one commit loop that puts everything that waits into
// the next transaction, so that one sync of the disk serves many callers.
//
// It knows no step and no protocol, decides no route, never answers before the commit, and is the only package that
// knows which database there is.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/staffetta/staffetta/internal/sms"
)

// Options says where the store is and who opens it.
type Options struct {
	Dir    string // the data folder; made with mode 0700 when absent
	URL    string // postgres://…: the database is there, and Dir holds nothing; empty: SQLite in Dir
	Secret []byte // the server's secret; its fingerprint must be that of the stored data
	Node   int    // the number of this process among those that share a database; 0: it takes a free one; always 1 on SQLite
	Log    *slog.Logger

	Existing   bool   // a database must hold a schema of ours already: none is made
	Version    string // of the program, for the other nodes to see
	MaxBacklog int64  // how many messages may wait before new ones are refused; 0: any number
}

// Store is one open database. Run must be running for any method that writes to return.
type Store struct {
	options  Options
	dialect  dialect
	log      *slog.Logger
	lock     *os.File
	writer   *sql.DB
	conn     *sql.Conn // the only connection that writes, used by the commit loop alone
	native   *pgx.Conn // the same connection where the database is PostgreSQL
	reader   *sql.DB
	wal      *os.File // SQLite's log, to sync it
	badDisk  bool     // a sync has failed; nobody writes it while Run runs but what syncs
	write    *statements
	reads    sync.Map // query → *sql.Stmt
	queue    queue
	ids      *sms.IDSource
	counted  sms.ID   // the first message that the table traffic counts
	marks    int64    // the highest mark; commit loop only
	doubt    doubt    // commit loop only
	looked   [2]int64 // the parked receipts that were looked at again last, soon and later; commit loop only
	serving  bool     // it sends; set before Run
	news     news
	born     time.Time // moments of this process are counted from here, by the monotonic clock
	claim    atomic.Pointer[claim]
	lease    atomic.Int64 // when the last heartbeat that came through began, in nanoseconds from born
	rest     atomic.Int64 // until when this node adopts nobody, likewise
	stale    atomic.Bool  // the heartbeat is too old, or gone: a new epoch is needed
	away     atomic.Bool  // the database took nothing the last time
	parked   int          // receipts that wait for their message; commit loop only
	repeats  *recent
	habits   habits       // how carriers write ids; commit loop only
	waiting  atomic.Int64 // messages that are queued or scheduled
	wanted   wanted       // who wants events
	last     time.Time    // when a process before this one was surely alive last
	stir     stir         // who has new ones
	choosers choosers     // whose recipients have opted out

	withdrawn withdrawn

	Counters Counters
}

// Counters are what /metrics shows of the store. All only grow.
type Counters struct {
	// Reached is how many messages came to each state; index by sms.State.
	Reached [sms.States]atomic.Int64

	Commits, Members, Refused, Failures     atomic.Int64
	ReportsOverdue                          atomic.Int64 // parts of which no receipt came in time
	ReportsParked, ReportsRepeated          atomic.Int64
	CommitNanoseconds, ReportsMatchedByForm atomic.Int64
	Adopted                                 atomic.Int64 // messages that dead nodes left

	InboundParts, InboundRepeated     atomic.Int64 // deliveries of messages from handsets that were new, or were not
	InboundRouted, InboundUnrouted    atomic.Int64 // messages that came to an account, or to nobody
	InboundIncomplete, InboundDropped atomic.Int64 // that ended without all their parts, or were nobody's for too long
}

// FileName is the database inside the data folder.
const FileName = "staffetta.db"

// Open opens the database, brings its schema up to date and prepares the commit loop. On SQLite it locks the data
// folder; the error of a folder in use is ErrInUse.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{options: options, log: options.Log, repeats: newRecent(1 << 16), habits: habits{}, born: time.Now()}
	s.queue.init()
	s.stir = stir{queues: map[EventQueue]bool{}, wake: make(chan struct{}, 1)}
	open := s.openSQLite
	if options.URL != "" {
		open = s.openPostgres
	}
	if err := open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.takeStock(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openSQLite locks the data folder and opens the database in it.
func (s *Store) openSQLite(ctx context.Context) (err error) {
	s.dialect = sqliteDialect
	s.claim.Store(&claim{node: 1, epoch: 1})
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if s.lock, err = lockFolder(s.options.Dir); err != nil {
		return err
	}
	file := filepath.Join(s.options.Dir, FileName)
	if err := touch(file); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if s.writer, err = openSQLite(ctx, file, false); err != nil {
		return err
	}
	if err = migrate(ctx, goose.DialectSQLite3, s.writer, sqliteMigrations, "migrations/sqlite"); err != nil {
		return err
	}
	if s.reader, err = openSQLite(ctx, file, true); err != nil {
		return err
	}
	return s.openLog()
}

// highestSQL is the highest id that was ever given, of messages, of events, of messages from handsets and of exports.
const highestSQL = `SELECT COALESCE(MAX(id), 0) FROM (SELECT MAX(id) AS id FROM message UNION ALL SELECT MAX(id) FROM event
	UNION ALL SELECT MAX(id) FROM inbound_message
	UNION ALL SELECT MAX(id) FROM export) AS all_kinds`

// takeStock reads what the commit loop must know before its first transaction.
func (s *Store) takeStock(ctx context.Context) error {
	return s.alone(ctx, func(tx *Tx) error {
		if err := checkMoved(tx, s.options.URL == ""); err != nil {
			return err
		}
		if err := checkSecret(tx, s.options.Secret); err != nil {
			return err
		}
		var highest int64
		query := `SELECT (` + highestSQL + `), COALESCE((SELECT MAX(id) FROM mark), 0), (SELECT COUNT(*) FROM parked)`
		news, err := readWanted(tx, 0)
		if err != nil {
			return err
		}
		s.wanted.learn(news)
		accounts, err := readChoosers(tx, 0)
		if err != nil {
			return err
		}
		s.choosers.add(accounts...)
		if err := tx.QueryRow(query).Scan(&highest, &s.marks, &s.parked); err != nil {
			return err
		}
		if s.counted, err = trafficFrom(tx); err != nil {
			return err
		}
		s.ids = sms.NewIDSource(s.claim.Load().node, sms.ID(highest))
		s.last = sms.ID(highest).Time()
		return nil
	})
}

// Close gives the database and the folder back. Run must have returned.
func (s *Store) Close() error {
	var errs []error
	if err := s.leave(); err != nil {
		s.log.Warn("the number of this node is not given back: another adopts what it left in some seconds", "error", withoutPassword(err))
	}
	if s.reader != nil {
		errs = append(errs, s.reader.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.writeBack(), s.write.close(), s.conn.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	for _, file := range []*os.File{s.wal, s.lock} {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

// Dir is the data folder.
func (s *Store) Dir() string { return s.options.Dir }

func milliseconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}
