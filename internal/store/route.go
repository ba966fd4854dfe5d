package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

const routeColumns = `id, prefix, country, sender, account_id, carrier_id, priority, weight, cost`

// AddRoute stores a new route and answers its id. One that says the same for the same carrier as another, in whatever
// order and at whatever cost, is sms.Conflict: it would never be taken. A carrier that was removed meanwhile is
// sms.Conflict too.
func (s *Store) AddRoute(ctx context.Context, deed Deed, r sms.Route) (id sms.RouteID, err error) {
	var stored sms.RouteID // the commit loop may still write it when the caller has given up
	err = s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if err := meaningful(tx, r); err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT COALESCE(MAX(id), 0) + 1 FROM route`).Scan(&stored); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO route (`+routeColumns+`, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			int64(stored), r.Prefix, r.Country, string(r.Sender), r.Account, r.Carrier, r.Priority, r.Weight, int64(r.Cost), tx.Revision()); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err == nil {
		id = stored
	}
	return id, err
}

// meaningful refuses a route that leads nowhere, or stands there already.
func meaningful(tx *Tx, r sms.Route) error {
	var gone bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM carrier WHERE id = ? AND removed = 1)`, int64(r.Carrier)).Scan(&gone); err != nil {
		return err
	}
	if gone {
		return sms.Errorf(sms.Conflict, "the carrier was removed meanwhile")
	}
	var same int64
	err := tx.QueryRow(`SELECT id FROM route WHERE removed = 0 AND prefix = ? AND country = ? AND sender = ? AND account_id = ? AND carrier_id = ?
		LIMIT 1`, r.Prefix, r.Country, string(r.Sender), int64(r.Account), int64(r.Carrier)).Scan(&same)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return sms.Errorf(sms.Conflict, "route %d leads the same messages to the same carrier: remove it first to change its priority, weight or cost", same)
}

// removeRoutesTo takes the routes to a carrier away, each with a line in the audit log, and answers which.
func removeRoutesTo(tx *Tx, carrier sms.CarrierID, name string) (gone []sms.RouteID, err error) {
	rows, err := tx.Query(`SELECT id FROM route WHERE carrier_id = ? AND removed = 0 ORDER BY id`, int64(carrier))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		gone = append(gone, sms.RouteID(id))
	}
	if err := rows.Err(); err != nil || len(gone) == 0 {
		return gone, err
	}
	if _, err := tx.Exec(`UPDATE route SET removed = 1, version = ? WHERE carrier_id = ? AND removed = 0`, tx.Revision(), int64(carrier)); err != nil {
		return nil, err
	}
	for _, id := range gone {
		if err := tx.Audit("route remove", name, fmt.Sprintf("route %d, with its carrier", id)); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// RemoveRoute takes a route away; sms.NotFound when there is none. Messages that it led stay where they are.
func (s *Store) RemoveRoute(ctx context.Context, deed Deed, id sms.RouteID) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		n, err := tx.Exec(`UPDATE route SET removed = 1, version = ? WHERE id = ? AND removed = 0`, tx.Revision(), int64(id))
		if err != nil {
			return err
		}
		if n == 0 {
			return sms.Errorf(sms.NotFound, "there is no route %d", id)
		}
		return deed.note(tx)
	})
}

func queryRouteChanges(tx *Tx, since int64) (routes []directory.RouteChange, err error) {
	rows, err := tx.Query(`SELECT `+routeColumns+`, removed FROM route WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r directory.RouteChange
		var removed int64
		if err := rows.Scan((*int64)(&r.ID), &r.Prefix, &r.Country, (*string)(&r.Sender), (*int64)(&r.Account), (*int64)(&r.Carrier),
			&r.Priority, &r.Weight, (*int64)(&r.Cost), &removed); err != nil {
			return nil, err
		}
		r.Removed = removed != 0
		routes = append(routes, r)
	}
	return routes, rows.Err()
}
