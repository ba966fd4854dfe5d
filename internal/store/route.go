package store

import (
	"context"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

const routeColumns = `id, prefix, country, sender, account_id, carrier_id, priority, weight, cost`

// AddRoute stores a new route and answers its id.
func (s *Store) AddRoute(ctx context.Context, deed Deed, r sms.Route) (id sms.RouteID, err error) {
	var stored sms.RouteID // the commit loop may still write it when the caller has given up
	err = s.Change(ctx, deed.Actor, func(tx *Tx) error {
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
