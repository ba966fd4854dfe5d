package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/staffetta/staffetta/internal/sms"
)

// MoveOptions says what is moved where.
type MoveOptions struct {
	Dir    string // the data folder of a server that does not run
	URL    string // postgres://…: an empty database, or one into which this move has begun
	Secret []byte // the server's secret, with which the new database must be served too
	Step   int    // rows in one transaction; 0: enough that commits weigh little, few enough for memory

	// Progress is told how far a step has come, from one goroutine; nil: nobody is.
	Progress func(step string, done, of int64)
}

// Moved is what a move found when it compared both sides.
type Moved struct {
	From     string       `json:"from"`
	To       string       `json:"to"` // without a password
	Tables   []MovedTable `json:"tables"`
	Source   Sums         `json:"source"`
	Target   Sums         `json:"target"`
	Replaced int64        `json:"replacedTexts"` // texts with octets that PostgreSQL does not store, in this run
}

// Move copies everything that is stored in a data folder into a PostgreSQL database, compares both, and then marks the
// folder so that no server starts on it any more. It holds the folder's lock; the error of a folder that a server holds
// is ErrInUse. When it is interrupted, the same again goes on where it was. It decides about no message: what was
// leaving when the last server ended is settled by the first that serves the database. The error when the two do not
// agree is ErrMoveDiffers, and Moved says where.
func Move(ctx context.Context, options MoveOptions) (moved *Moved, err error) {
	if options.Step == 0 {
		options.Step = moveStep
	}
	m := &mover{options: options, result: &Moved{From: options.Dir, To: withoutCredentials(options.URL)}}
	if m.source, err = openMoved(ctx, options.Dir); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.checkSource(ctx); err != nil {
		return nil, err
	}
	if err := m.openTarget(ctx); err != nil {
		return nil, err
	}
	return m.result, m.run(ctx)
}

// mover is one run of a move.
type mover struct {
	options  MoveOptions
	source   *Store
	database *sql.DB // the target, for its migrations
	target   *pgx.Conn
	marker   *moveMarker
	replaced int64
	result   *Moved
}

func (m *mover) run(ctx context.Context) error {
	tables, err := movedTables(ctx, m.source.reader, m.target)
	if err != nil {
		return err
	}
	if err := m.begin(ctx, tables); err != nil {
		return err
	}
	if err := m.makeWeeks(ctx); err != nil {
		return err
	}
	for _, t := range tables {
		if err := m.copyTable(ctx, t); err != nil {
			return fmt.Errorf("%w; the same again goes on from here", err)
		}
	}
	m.result.Replaced = m.replaced
	if err := m.verify(ctx, tables); err != nil {
		return err
	}
	return m.finish(ctx, tables)
}

// openMoved opens a data folder under its lock, whether it was moved or not.
func openMoved(ctx context.Context, dir string) (*Store, error) {
	if _, err := os.Stat(filepath.Join(dir, FileName)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no data in %s", dir)
	}
	s := &Store{options: Options{Dir: dir}, repeats: newRecent(1)}
	s.queue.init()
	err := s.openSQLite(ctx)
	if errors.Is(err, ErrInUse) {
		err = fmt.Errorf("%w: stop the server first", err)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkSource refuses a folder that was moved to another database already, and one that was made under another secret.
func (m *mover) checkSource(ctx context.Context) (err error) {
	if m.marker, err = m.source.markerOf(ctx); err != nil {
		return err
	}
	if m.marker != nil && m.marker.Done != 0 && m.marker.To != m.result.To {
		return m.marker.refusal(true)
	}
	stored, err := fingerprintOfStored(m.source.reader.QueryRowContext(ctx, fingerprintSQL))
	if err == nil && stored != "" && stored != fingerprintOf(m.options.Secret) {
		err = ErrSecret
	}
	return err
}

const fingerprintSQL = `SELECT value FROM setting WHERE name = 'secret_fingerprint'`

// moveLock keeps two moves out of one database.
const moveLock = 0x73746166_6d6f7665 // "stafmove"

// openTarget brings the schema of the database up to date and takes one connection of it.
func (m *mover) openTarget(ctx context.Context) error {
	config, err := pgx.ParseConfig(m.options.URL)
	if err != nil {
		return errors.New("the database URL is not one: it should be like postgres://user:password@host:5432/name")
	}
	config.RuntimeParams["application_name"] = "staffetta move"
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["bytea_output"] = "hex"
	m.database = stdlib.OpenDB(*config)
	if err := checkPostgres(ctx, m.database); err != nil {
		return fmt.Errorf("database %s: %w", config.Host, err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	if err := migrate(ctx, goose.DialectPostgres, m.database, postgresMigrations, "migrations/postgres", goose.WithSessionLocker(locker)); err != nil {
		return err
	}
	if m.target, err = pgx.ConnectConfig(ctx, config); err != nil {
		return withoutPassword(err)
	}
	return m.lockTarget(ctx)
}

// lockTarget waits a little: the connection of a move that was killed lives on until the server notices.
func (m *mover) lockTarget(ctx context.Context) error {
	for range 50 {
		var mine bool
		if err := m.target.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(moveLock)).Scan(&mine); err != nil || mine {
			return err
		}
		pause(ctx, 100*time.Millisecond)
	}
	return errors.New("another move into this database is running")
}

func (m *mover) close() error {
	var errs []error
	if m.target != nil {
		errs = append(errs, m.target.Close(context.Background()))
	}
	if m.database != nil {
		errs = append(errs, m.database.Close())
	}
	return errors.Join(append(errs, m.source.Close())...)
}

// begin marks both sides, the old one first: from then on no server starts on either.
func (m *mover) begin(ctx context.Context, tables []movedTable) error {
	theirs, err := readMarker(m.target.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, moveSetting))
	if err != nil {
		return err
	}
	known := theirs != nil && m.marker != nil && theirs.ID == m.marker.ID
	if m.marker != nil && m.marker.Done != 0 && (!known || theirs.Done != 0) {
		return m.marker.refusal(true)
	}
	if known {
		return m.checkUnserved(ctx)
	}
	if theirs != nil {
		return fmt.Errorf("the database holds what a move from %s brought, begun on %s; a move needs an empty database", theirs.From, day(theirs.Began))
	}
	if err := m.checkEmpty(ctx, tables); err != nil {
		return err
	}
	if m.marker == nil {
		m.marker = &moveMarker{ID: newMoveID(), From: m.options.Dir, Began: time.Now().UnixMilli()}
	}
	m.marker.To = m.result.To
	if err := m.source.writeMarker(ctx, m.marker); err != nil {
		return err
	}
	if err := m.beginTarget(ctx); err != nil {
		return err
	}
	return m.checkUnserved(ctx)
}

func newMoveID() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// beginTarget takes away what every new database has.
func (m *mover) beginTarget(ctx context.Context) error {
	return pgx.BeginFunc(ctx, m.target, func(tx pgx.Tx) error {
		for _, statement := range []string{`DELETE FROM revision`, `DELETE FROM setting`} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, postgresDialect.number(writeMarkerSQL), moveSetting, encode(m.marker))
		return err
	})
}

// checkEmpty refuses a database that holds more than a new one.
func (m *mover) checkEmpty(ctx context.Context, tables []movedTable) error {
	for _, t := range tables {
		if slices.Contains([]string{"revision", "setting"}, t.name) {
			continue
		}
		var full bool
		if err := m.target.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`).Scan(&full); err != nil {
			return err
		}
		if full {
			return fmt.Errorf("the database holds data already (table %s has rows); a move needs an empty database", t.name)
		}
	}
	stored, err := fingerprintOfStored(m.target.QueryRow(ctx, fingerprintSQL))
	if err == nil && stored != "" && stored != fingerprintOf(m.options.Secret) {
		err = fmt.Errorf("the database was made under another secret: %w", ErrSecret)
	}
	return err
}

// checkUnserved refuses a database on which a server or a command runs. Looked at after the marker is there, it cannot
// miss one: whoever opens a database takes its number first, and looks for the marker then.
func (m *mover) checkUnserved(ctx context.Context) error {
	var served bool
	err := m.target.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM node WHERE heartbeat > now() - interval '15 seconds')`).Scan(&served)
	if err == nil && served {
		err = errors.New("a server runs on the database: stop it, and give its heartbeat 15 seconds to age")
	}
	return err
}

// finish makes the database one that can be served, and the folder one that cannot: the folder first, so that there is
// no moment at which both could be.
func (m *mover) finish(ctx context.Context, tables []movedTable) error {
	if err := m.prepareTarget(ctx, tables); err != nil {
		return err
	}
	m.marker.Done = time.Now().UnixMilli()
	if err := m.source.writeMarker(ctx, m.marker); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, m.target, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM setting WHERE name LIKE $1`, progressName("%")); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, postgresDialect.number(writeMarkerSQL), moveSetting, encode(m.marker))
		return err
	})
}

// prepareTarget has the database count on where the old one stopped and lets its planner know the tables. Messages and
// marks keep the number of the process that worked on them: to the servers that come it is a node that has left.
func (m *mover) prepareTarget(ctx context.Context, tables []movedTable) error {
	for _, t := range tables {
		for _, c := range t.columns {
			if !c.identity {
				continue
			}
			column := pgx.Identifier{c.target}.Sanitize()
			if _, err := m.target.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, $2), COALESCE((SELECT MAX(`+column+`) FROM `+t.name+`), 0) + 1, false)`,
				t.name, c.target); err != nil {
				return err
			}
		}
		if _, err := m.target.Exec(ctx, `ANALYZE `+t.name); err != nil {
			return err
		}
	}
	return nil
}

// makeWeeks makes the partitions of all weeks that the messages are of, before they come: what is in the DEFAULT one stays
// there, and keeps its week from getting one.
func (m *mover) makeWeeks(ctx context.Context) error {
	var lowest, highest sms.ID
	query := `SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), 0) FROM message`
	if err := m.source.reader.QueryRowContext(ctx, query).Scan(&lowest, &highest); err != nil || highest == 0 {
		return err
	}
	s := &Store{dialect: postgresDialect, writer: m.database, reader: m.database}
	for week := weekOf(lowest.Time()); week.first() <= highest; week = weekOf(week.end()) {
		if err := s.define(ctx, week.definition()); err != nil {
			return fmt.Errorf("partition %s: %w", week.name(), err)
		}
	}
	return s.makePartitions(ctx, time.Now())
}

func (m *mover) tell(step string, done, of int64) {
	if m.options.Progress != nil {
		m.options.Progress(step, done, of)
	}
}

// withoutCredentials is a database URL that can be shown.
func withoutCredentials(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "the database"
	}
	query := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if query.Has(name) {
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}
