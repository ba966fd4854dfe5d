package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// shareLife is how long a share counts, by the database's clock, after it was renewed.
const shareLife = 5 * time.Second

// Shares divides the throughput of carriers among the nodes that serve them: use is called with the fraction of each that
// this process may use for 4 s from the beginning of the call. Together the fractions of a carrier never exceed 1: one
// that shrinks is in use before anybody else can see it, one that grows only what others have left. Shares of carriers
// that are not named are given back. On SQLite all of it is this process's.
func (s *Store) Shares(ctx context.Context, carriers []sms.CarrierID, use func(sms.CarrierID, float64)) error {
	if !s.shared() {
		for _, carrier := range carriers {
			use(carrier, 1)
		}
		return nil
	}
	mine := s.claim.Load().node
	for _, carrier := range carriers {
		if err := s.share(ctx, mine, carrier, use); err != nil {
			return err
		}
	}
	return s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM share WHERE node = $1 AND carrier_id <> ALL ($2::bigint[])`, mine, integers(carriers))
		return err
	})
}

// share renews the share of one carrier: an equal one, as far as the others have left it.
func (s *Store) share(ctx context.Context, mine int, carrier sms.CarrierID, use func(sms.CarrierID, float64)) error {
	fraction := 0.0
	err := s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// Nodes come one after another: nobody counts on what another is about to take.
		if _, err := tx.ExecContext(ctx, `SELECT 1 FROM carrier WHERE id = $1 FOR NO KEY UPDATE`, carrier); err != nil {
			return err
		}
		var others int
		var taken, before float64
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FILTER (WHERE node <> $2), COALESCE(SUM(fraction) FILTER (WHERE node <> $2), 0),
			COALESCE(SUM(fraction) FILTER (WHERE node = $2), 0) FROM share
			WHERE carrier_id = $1 AND renewed > clock_timestamp() - $3 * interval '1 second'`,
			carrier, mine, shareLife.Seconds()).Scan(&others, &taken, &before)
		if err != nil {
			return err
		}
		fraction = max(0, min(1/float64(others+1), 1-taken))
		if fraction < before {
			use(carrier, fraction)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO share (carrier_id, node, fraction, renewed) VALUES ($1, $2, $3, clock_timestamp())
			ON CONFLICT (carrier_id, node) DO UPDATE SET fraction = excluded.fraction, renewed = excluded.renewed`, carrier, mine, fraction)
		return err
	})
	if err == nil {
		use(carrier, fraction)
	}
	return err
}
