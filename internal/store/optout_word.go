package store

import (
	"context"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// SetOptOutWord says what a word means at a number of an account; account zero: of every one; no action: it is forgotten.
func (s *Store) SetOptOutWord(ctx context.Context, deed Deed, account sms.AccountID, w sms.OptOutRule) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		query, args := `DELETE FROM opt_out_word WHERE account_id = ? AND number = ? AND word = ?`, []any{int64(account), w.Number, w.Word}
		if w.Action != "" {
			query, args = `INSERT INTO opt_out_word (account_id, number, word, action, language) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (account_id, number, word) DO UPDATE SET action = excluded.action, language = excluded.language`,
				append(args, string(w.Action), w.Language)
		}
		return changeOne(tx, deed, query, args...)
	})
}

// changeOne runs the statement of a change; sms.NotFound when it touches nothing.
func changeOne(tx *Tx, deed Deed, query string, args ...any) error {
	n, err := tx.Exec(query, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return sms.Errorf(sms.NotFound, "there is no such entry")
	}
	return deed.note(tx)
}

// SetOptOutReply says what is answered to an action of an account; an empty text: nothing.
func (s *Store) SetOptOutReply(ctx context.Context, deed Deed, account sms.AccountID, r sms.OptOutReply) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		query, args := `DELETE FROM opt_out_reply WHERE account_id = ? AND action = ? AND language = ?`, []any{int64(account), string(r.Action), r.Language}
		if r.Text != "" {
			query, args = `INSERT INTO opt_out_reply (account_id, action, language, body) VALUES (?, ?, ?, ?)
				ON CONFLICT (account_id, action, language) DO UPDATE SET body = excluded.body`, append(args, r.Text)
		}
		return changeOne(tx, deed, query, args...)
	})
}

// SetOptOutAlias says for which senders a number of an account stands beside itself, in place of those before.
func (s *Store) SetOptOutAlias(ctx context.Context, deed Deed, account sms.AccountID, number string, senders []string) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if _, err := tx.Exec(`DELETE FROM opt_out_alias WHERE account_id = ? AND number = ?`, int64(account), number); err != nil {
			return err
		}
		for _, sender := range senders {
			if _, err := tx.Exec(`INSERT INTO opt_out_alias (account_id, number, sender) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				int64(account), number, sender); err != nil {
				return err
			}
		}
		return deed.note(tx)
	})
}

// OptOutSettings reads how an account treats words; of words, those of every account too.
func (s *Store) OptOutSettings(ctx context.Context, account sms.AccountID) (all sms.OptOutSettings, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		if err := eachText(tx, func(t []string) {
			all.Words = append(all.Words, sms.OptOutRule{Everyone: t[0] == "0", Number: t[1], Word: t[2], Action: sms.OptOutAction(t[3]), Language: t[4]})
		}, `SELECT CAST(account_id AS TEXT), number, word, action, language FROM opt_out_word WHERE account_id IN (0, ?) ORDER BY account_id, number, word`, int64(account)); err != nil {
			return err
		}
		if err := eachText(tx, func(t []string) {
			all.Replies = append(all.Replies, sms.OptOutReply{Action: sms.OptOutAction(t[0]), Language: t[1], Text: t[2]})
		}, `SELECT action, language, body FROM opt_out_reply WHERE account_id = ? ORDER BY action, language`, int64(account)); err != nil {
			return err
		}
		return eachText(tx, func(t []string) {
			if n := len(all.Aliases); n == 0 || all.Aliases[n-1].Number != t[0] {
				all.Aliases = append(all.Aliases, sms.OptOutAlias{Number: t[0]})
			}
			last := &all.Aliases[len(all.Aliases)-1]
			last.Senders = append(last.Senders, t[1])
		}, `SELECT number, sender FROM opt_out_alias WHERE account_id = ? ORDER BY number, sender`, int64(account))
	})
	return all, err
}

// eachText calls take for each row of texts.
func eachText(tx *Tx, take func([]string), query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	texts, targets := make([]string, len(columns)), make([]any, len(columns))
	for i := range texts {
		targets[i] = &texts[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		take(texts)
	}
	return rows.Err()
}

// OptOutAnswers reads answers that are not yet messages, the oldest first.
func (s *Store) OptOutAnswers(ctx context.Context, limit int) (answers []sms.OptOutAnswer, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(`SELECT id, account_id, number, sender, body, at FROM opt_out_answer ORDER BY id LIMIT ?`, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a sms.OptOutAnswer
			var at int64
			if err := rows.Scan(&a.ID, (*int64)(&a.Account), (*int64)(&a.Number), &a.Sender, &a.Text, &at); err != nil {
				return err
			}
			a.At = time.UnixMilli(at).UTC()
			answers = append(answers, a)
		}
		return rows.Err()
	})
	return answers, err
}

// DropOptOutAnswer forgets an answer that has become a message, or never can.
func (s *Store) DropOptOutAnswer(ctx context.Context, id int64) error {
	return s.wait(ctx, &dropAnswerMember{id: id})
}

type dropAnswerMember struct {
	answer
	id int64
}

func (d *dropAnswerMember) apply(tx *Tx) error {
	_, err := tx.Exec(`DELETE FROM opt_out_answer WHERE id = ?`, d.id)
	return err
}
