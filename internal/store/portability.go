package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/staffetta/staffetta/internal/sms"
)

// Portability reads what was imported of a number, nil when nothing was; any says whether there are any data.
func (s *Store) Portability(ctx context.Context, number sms.Number) (found *sms.Portability, any bool, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		p := &sms.Portability{Number: number}
		var ported int64
		err := tx.QueryRow(`SELECT mcc, mnc, kind, ported, operator, country FROM portability WHERE number = ?`, int64(number)).
			Scan(&p.MCC, &p.MNC, &p.Kind, &ported, &p.Operator, &p.Country)
		if errors.Is(err, sql.ErrNoRows) {
			return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM portability)`).Scan(&any)
		}
		if ported >= 0 {
			is := ported == 1
			p.Ported = &is
		}
		found, any = p, true
		return err
	})
	return found, any, err
}

// ImportPortability stores data of numbers in place of what was known of them.
func (s *Store) ImportPortability(ctx context.Context, deed Deed, list []sms.Portability) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		for _, p := range list {
			ported := int64(-1) // nobody said
			if p.Ported != nil {
				ported = map[bool]int64{true: 1}[*p.Ported]
			}
			if _, err := tx.Exec(`INSERT INTO portability (number, mcc, mnc, kind, ported, operator, country) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (number) DO UPDATE SET mcc = excluded.mcc, mnc = excluded.mnc, kind = excluded.kind, ported = excluded.ported,
				operator = excluded.operator, country = excluded.country`,
				int64(p.Number), p.MCC, p.MNC, p.Kind, ported, p.Operator, p.Country); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
}
