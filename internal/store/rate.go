package store

import (
	"context"
	"database/sql"
	"time"
)

// rateLock is the advisory lock under which nodes settle what each may let through, one after another.
const rateLock = 0x73746672617465

// RateClaim is what one node keeps for itself of the limits of a credential, and what it is asked for.
type RateClaim struct {
	Credential string
	Minute     int     // requests in any minute
	Second     int     // requests in any second
	Used       int     // requests of the last minute
	Demand     float64 // requests a second, refused ones too
}

// Rates lets this process settle with the other nodes what it may let through of each credential. settle is called once,
// while no other node settles, with the sums of what the others claim, and how many nodes there are; what it returns is
// claimed for 4 s from the beginning of the call, and what it does not name is given back. Not for SQLite, which has one process.
func (s *Store) Rates(ctx context.Context, credentials []string, settle func(others map[string]RateClaim, nodes int) []RateClaim) error {
	mine := s.claim.Load().node
	return s.aside(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(rateLock)); err != nil {
			return err
		}
		nodes := 1
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) + 1 FROM node WHERE serving = 1 AND id <> $1 AND heartbeat > clock_timestamp() - $2 * interval '1 second'`,
			mine, deadAfter.Seconds()).Scan(&nodes)
		if err != nil {
			return err
		}
		others, err := otherRates(ctx, tx, credentials, mine)
		if err != nil {
			return err
		}
		return claimRates(ctx, tx, mine, settle(others, nodes))
	})
}

func otherRates(ctx context.Context, tx *sql.Tx, credentials []string, mine int) (map[string]RateClaim, error) {
	rows, err := tx.QueryContext(ctx, `SELECT credential, SUM(minute)::bigint, SUM(second)::bigint, SUM(used)::bigint, SUM(demand) FROM rate_share
		WHERE credential = ANY ($1::text[]) AND node <> $2 AND renewed > clock_timestamp() - $3 * interval '1 second'
		GROUP BY credential`, credentials, mine, shareLife.Seconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	others := make(map[string]RateClaim)
	for rows.Next() {
		var c RateClaim
		if err := rows.Scan(&c.Credential, &c.Minute, &c.Second, &c.Used, &c.Demand); err != nil {
			return nil, err
		}
		others[c.Credential] = c
	}
	return others, rows.Err()
}

// claimRates makes these all the claims of a node. What a dead one left goes a minute later.
func claimRates(ctx context.Context, tx *sql.Tx, mine int, claims []RateClaim) error {
	names := make([]string, len(claims))
	minutes, seconds, used := make([]int64, len(claims)), make([]int64, len(claims)), make([]int64, len(claims))
	demands := make([]float64, len(claims))
	for i, c := range claims {
		names[i], minutes[i], seconds[i], used[i], demands[i] = c.Credential, int64(c.Minute), int64(c.Second), int64(c.Used), c.Demand
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM rate_share WHERE node = $1 AND credential <> ALL ($2::text[]) OR renewed < clock_timestamp() - $3 * interval '1 second'`,
		mine, names, time.Minute.Seconds())
	if err != nil || len(claims) == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO rate_share (credential, node, minute, second, used, demand, renewed)
		SELECT c.credential, $1, c.minute, c.second, c.used, c.demand, clock_timestamp()
		FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::double precision[]) AS c (credential, minute, second, used, demand)
		ON CONFLICT (credential, node) DO UPDATE SET minute = excluded.minute, second = excluded.second, used = excluded.used,
			demand = excluded.demand, renewed = excluded.renewed`, mine, names, minutes, seconds, used, demands)
	return err
}
