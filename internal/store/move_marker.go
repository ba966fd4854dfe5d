package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrMoved is the error of opening data that was moved elsewhere, or of a database into which a move is not finished:
// two servers with the same messages would send all of them twice.
var ErrMoved = errors.New("not to be served")

// Both ends of a move keep a row of setting under this name until it is done, and the old one keeps it for good.
const moveSetting = "move"

// moveMarker is what the row says. Its member names are stored and never change their meaning.
type moveMarker struct {
	ID    string `json:"id"`    // the same at both ends
	From  string `json:"from"`  // the data folder
	To    string `json:"to"`    // the database, without a password
	Began int64  `json:"began"` // milliseconds
	Done  int64  `json:"done"`  // 0: not yet
}

// refusal is why data with this marker is not served; nil where it may be.
func (m *moveMarker) refusal(old bool) error {
	switch {
	case m == nil || !old && m.Done != 0:
		return nil
	case !old:
		return fmt.Errorf("%w: a move from %s into this database began on %s and is not finished: run staffetta move again", ErrMoved, m.From, day(m.Began))
	case m.Done == 0:
		return fmt.Errorf("%w: a move of %s to %s began on %s and is not finished: run staffetta move again, or give it up with staffetta move --undo",
			ErrMoved, m.From, m.To, day(m.Began))
	}
	return fmt.Errorf("%w: %s was moved to %s on %s; serve that with --database. If no server ever ran there, staffetta move --undo makes this folder usable again",
		ErrMoved, m.From, m.To, day(m.Done))
}

func day(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04 UTC") }

// readMarker answers the row, nil when there is none.
func readMarker(row interface{ Scan(...any) error }) (*moveMarker, error) {
	var text string
	if err := row.Scan(&text); err != nil {
		return nil, ignoreMissing(err)
	}
	marker := &moveMarker{}
	if err := json.Unmarshal([]byte(text), marker); err != nil {
		return nil, fmt.Errorf("stored marker of a move: %w", err)
	}
	return marker, nil
}

// checkMoved refuses data that another server has, or that is not complete.
func checkMoved(tx *Tx, sqlite bool) error {
	marker, err := readMarker(tx.QueryRow(`SELECT value FROM setting WHERE name = ?`, moveSetting))
	if err != nil {
		return err
	}
	return marker.refusal(sqlite)
}

const writeMarkerSQL = `INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// writeMarker is durable when it returns.
func (s *Store) writeMarker(ctx context.Context, m *moveMarker) error {
	return s.alone(ctx, func(tx *Tx) error {
		_, err := tx.Exec(writeMarkerSQL, moveSetting, encode(m))
		return err
	})
}

// UndoMove makes a data folder usable again that was moved, or of which a move has begun. What was copied stays in the
// database and belongs to no move any more.
func UndoMove(ctx context.Context, dir string) (err error) {
	s, err := openMoved(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.alone(ctx, func(tx *Tx) error {
		removed, err := tx.Exec(`DELETE FROM setting WHERE name = ?`, moveSetting)
		if err == nil && removed == 0 {
			return fmt.Errorf("%s was not moved: there is nothing to undo", dir)
		}
		return err
	})
}

// markerOf reads the marker of a data folder that nobody serves.
func (s *Store) markerOf(ctx context.Context) (marker *moveMarker, err error) {
	return readMarker(s.reader.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = ?`, moveSetting))
}

// fingerprintOfStored is that of the secret under which data was made; empty when none was served yet.
func fingerprintOfStored(row interface{ Scan(...any) error }) (fingerprint string, err error) {
	err = row.Scan(&fingerprint)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return fingerprint, err
}
