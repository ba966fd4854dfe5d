package store

import (
	"context"
	"strings"

	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
)

// SetSender puts a sender on the list of an account, for some countries or all; or changes for which.
func (s *Store) SetSender(ctx context.Context, deed Deed, sender sms.AllowedSender) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `INSERT INTO sender (account_id, sender, countries, version) VALUES (?, ?, ?, ?)
			ON CONFLICT (account_id, sender) DO UPDATE SET countries = excluded.countries, removed = 0, version = excluded.version`,
			int64(sender.Account), sender.Key, strings.Join(sender.Countries, " "), tx.Revision())
	})
}

// RemoveSender takes a sender off the list; sms.NotFound when it is not there.
func (s *Store) RemoveSender(ctx context.Context, deed Deed, sender sms.AllowedSender) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `UPDATE sender SET removed = 1, version = ? WHERE account_id = ? AND sender = ? AND removed = 0`,
			tx.Revision(), int64(sender.Account), sender.Key)
	})
}

// SetSenderRules says what countries ask of senders, all or nothing.
func (s *Store) SetSenderRules(ctx context.Context, deed Deed, rules []sms.SenderRule) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		for _, r := range rules {
			if _, err := tx.Exec(`INSERT INTO sender_rule (country, rule, note, version) VALUES (?, ?, ?, ?)
				ON CONFLICT (country) DO UPDATE SET rule = excluded.rule, note = excluded.note, removed = 0, version = excluded.version`,
				r.Country, string(r.Rule), r.Note, tx.Revision()); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
}

// RemoveSenderRule forgets the rule of a country; sms.NotFound when it has none.
func (s *Store) RemoveSenderRule(ctx context.Context, deed Deed, country string) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		return changeOne(tx, deed, `UPDATE sender_rule SET removed = 1, version = ? WHERE country = ? AND removed = 0`, tx.Revision(), country)
	})
}

func querySenderChanges(tx *Tx, since int64) (changes []directory.SenderChange, err error) {
	rows, err := tx.Query(`SELECT account_id, sender, countries, removed FROM sender WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c directory.SenderChange
		var countries string
		if err := rows.Scan((*int64)(&c.Account), &c.Key, &countries, &c.Removed); err != nil {
			return nil, err
		}
		c.Countries = strings.Fields(countries)
		changes = append(changes, c)
	}
	return changes, rows.Err()
}

func querySenderRuleChanges(tx *Tx, since int64) (changes []directory.SenderRuleChange, err error) {
	rows, err := tx.Query(`SELECT country, rule, note, removed FROM sender_rule WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c directory.SenderRuleChange
		if err := rows.Scan(&c.Country, (*string)(&c.Rule), &c.Note, &c.Removed); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, rows.Err()
}
