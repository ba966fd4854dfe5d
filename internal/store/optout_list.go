package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// OptOutPage says which opt-outs of an account are asked for, in order of number and sender.
type OptOutPage struct {
	Number sms.Number  // of this number only; zero: of any
	Sender *string     // of this sender only (sms.Sender.Key); nil: any
	After  *sms.OptOut // behind this one; nil: the first
	Limit  int
}

// OptOuts reads a page.
func (s *Store) OptOuts(ctx context.Context, account sms.AccountID, page OptOutPage) (found []sms.OptOut, err error) {
	query, args := `SELECT number, sender, allowed, source, at FROM opt_out WHERE account_id = ?`, []any{int64(account)}
	if page.Number != 0 {
		query, args = query+` AND number = ?`, append(args, int64(page.Number))
	}
	if page.Sender != nil {
		query, args = query+` AND sender = ?`, append(args, *page.Sender)
	}
	if page.After != nil {
		query, args = query+` AND (number, sender) > (?, ?)`, append(args, int64(page.After.Number), page.After.Sender)
	}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(query+` ORDER BY number, sender LIMIT ?`, append(args, page.Limit)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o sms.OptOut
			var at int64
			if err := rows.Scan((*int64)(&o.Number), &o.Sender, &o.Allowed, &o.Source, &at); err != nil {
				return err
			}
			o.At = time.UnixMilli(at).UTC()
			found = append(found, o)
		}
		return rows.Err()
	})
	return found, err
}

// AddOptOuts stores opt-outs of an account, all or nothing, and answers for each whether it is new.
func (s *Store) AddOptOuts(ctx context.Context, deed Deed, account sms.AccountID, list []sms.OptOut) (added []bool, err error) {
	made := make([]bool, len(list))
	err = s.Change(ctx, deed.Actor, func(tx *Tx) error {
		for i, o := range list {
			if made[i], err = s.addOptOut(tx, account, o); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
	return made, err
}

// ImportOptOuts stores many opt-outs, all or nothing, and answers how many are new.
func (s *Store) ImportOptOuts(ctx context.Context, deed Deed, account sms.AccountID, list []sms.OptOut) (added int64, err error) {
	var made int64
	err = s.Change(ctx, deed.Actor, func(tx *Tx) (err error) {
		if made, err = s.importOptOuts(tx, account, list); err != nil {
			return err
		}
		return deed.note(tx)
	})
	return made, err
}

func (s *Store) importOptOuts(tx *Tx, account sms.AccountID, list []sms.OptOut) (added int64, err error) {
	if tx.dialect.numbered {
		return s.importTogether(tx, account, list)
	}
	for _, o := range list {
		did, err := s.addOptOut(tx, account, o)
		if err != nil {
			return added, err
		}
		if did {
			added++
		}
	}
	return added, nil
}

// importTogether is importOptOuts in one statement, where each costs a journey.
func (s *Store) importTogether(tx *Tx, account sms.AccountID, list []sms.OptOut) (int64, error) {
	if err := s.choose(tx, account); err != nil {
		return 0, err
	}
	var numbers, all, times []int64
	var senders, sources []string
	known := map[optOutKey]bool{}
	for _, o := range list {
		key := optOutKey{account, o.Number, o.Sender}
		if known[key] {
			continue
		}
		known[key] = true
		at := o.At
		if at.IsZero() {
			at = tx.now
		}
		numbers, senders, sources, times = append(numbers, int64(o.Number)), append(senders, o.Sender), append(sources, o.Source), append(times, at.UnixMilli())
		if o.Sender == "" {
			all = append(all, int64(o.Number))
		}
	}
	if len(all) > 0 {
		if _, err := tx.Exec(`DELETE FROM opt_out WHERE account_id = ? AND number = ANY (?) AND allowed = 1`, int64(account), all); err != nil {
			return 0, err
		}
	}
	return tx.Exec(`INSERT INTO opt_out (account_id, number, sender, allowed, source, at)
		SELECT ?::bigint, n, s, 0, w, a FROM unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[]) AS o (n, s, w, a)
		ON CONFLICT (account_id, number, sender) DO UPDATE SET allowed = 0, source = excluded.source, at = excluded.at
		WHERE opt_out.allowed <> 0`, int64(account), numbers, senders, sources, times)
}

// RemoveOptOut takes one away; sms.NotFound when it is not there.
func (s *Store) RemoveOptOut(ctx context.Context, deed Deed, account sms.AccountID, o sms.OptOut) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		ended, err := s.endOptOut(tx, account, o)
		if err != nil {
			return err
		}
		if !ended {
			return sms.Errorf(sms.NotFound, "there is no such opt-out")
		}
		return deed.note(tx)
	})
}

// Unwanted says of each message whether its recipient does not want it.
func (s *Store) Unwanted(ctx context.Context, messages []*sms.Message) ([]bool, error) {
	unwanted := make([]bool, len(messages))
	var asked []int
	for i, m := range messages {
		if s.choosers.has(m.Account) {
			asked = append(asked, i)
		}
	}
	for len(asked) > 0 {
		step := asked[:min(len(asked), importStep)]
		asked = asked[len(step):]
		if err := s.View(ctx, func(tx *Tx) error {
			for _, i := range step {
				key := optOutKeyOf(messages[i])
				account, number := int64(key.account), int64(key.number)
				var blocked int
				if err := tx.QueryRow(optedOutSQL, account, number, key.sender, account, number).Scan(&blocked); err != nil {
					return err
				}
				unwanted[i] = blocked != 0
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return unwanted, nil
}

// importStep is how many rows one transaction reads or writes, so that nobody waits long for its turn.
const importStep = 1000
