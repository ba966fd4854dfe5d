package store

import (
	"database/sql"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/internal/sms"
)

// optOutKey is what is asked before a message is taken, and again before it leaves.
type optOutKey struct {
	account sms.AccountID
	number  sms.Number
	sender  string // sms.Sender.Key
}

func optOutKeyOf(m *sms.Message) optOutKey {
	return optOutKey{m.Account, m.Destination, m.Sender.Key()}
}

// choosers knows which accounts ever had an opt-out, so that for all others nothing is looked up. The commit loop reads
// it; changes of this process come with their commit, those of other nodes with Changes.
type choosers struct {
	mu       sync.Mutex
	accounts atomic.Pointer[map[sms.AccountID]bool] // replaced as a whole
}

func (c *choosers) has(account sms.AccountID) bool {
	accounts := c.accounts.Load()
	return accounts != nil && (*accounts)[account]
}

func (c *choosers) add(accounts ...sms.AccountID) {
	if len(accounts) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[sms.AccountID]bool{}
	if known := c.accounts.Load(); known != nil {
		maps.Copy(next, *known)
	}
	for _, account := range accounts {
		next[account] = true
	}
	c.accounts.Store(&next)
}

func readChoosers(tx *Tx, since int64) (accounts []sms.AccountID, err error) {
	rows, err := tx.Query(`SELECT account_id FROM opt_out_account WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var account sms.AccountID
		if err := rows.Scan(&account); err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	return accounts, rows.Err()
}

// choose notes that an account has opt-outs. It is seen at once here: should the transaction fail, a look too many does
// no harm. Other nodes see it by its revision.
func (s *Store) choose(tx *Tx, account sms.AccountID) error {
	if s.choosers.has(account) {
		return nil
	}
	revision := tx.revision
	if revision == 0 {
		if err := tx.QueryRow(`UPDATE revision SET revision = revision + 1 RETURNING revision`).Scan(&revision); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`INSERT INTO opt_out_account (account_id, version) VALUES (?, ?) ON CONFLICT (account_id) DO NOTHING`, int64(account), revision); err != nil {
		return err
	}
	s.choosers.add(account)
	return nil
}

// unwanted reports whether the recipient of a message does not want it.
func (s *Store) unwanted(tx *Tx, m *sms.Message) (bool, error) {
	if !s.choosers.has(m.Account) || m.Notice {
		return false, nil
	}
	return tx.rows.optedOut(optOutKeyOf(m))
}

// foreseeOptOuts adds what unwanted will ask for.
func (s *Store) foreseeOptOuts(n *needs, m *sms.Message) {
	if s.choosers.has(m.Account) && !m.Notice {
		n.optOuts = append(n.optOuts, optOutKeyOf(m))
	}
}

// optedOutSQL answers 1 for a recipient that does not want a sender's messages. What stands for the sender decides before
// what stands for all.
const optedOutSQL = `SELECT COALESCE(
	(SELECT 1 - allowed FROM opt_out WHERE account_id = ? AND number = ? AND sender = ?),
	(SELECT 1 - allowed FROM opt_out WHERE account_id = ? AND number = ? AND sender = ''), 0)`

func (r rowByRow) optedOut(key optOutKey) (bool, error) {
	account, number := int64(key.account), int64(key.number)
	blocked, err := r.tx.stmts.number(r.tx.ctx, optedOutSQL, []any{account, number, key.sender, account, number})
	return blocked != 0, err
}

// wish looks whether a message from a handset is a word about opt-outs, and does what it says, in the transaction that
// keeps the message. to is the number that it was sent to, as senders are written.
func (s *Store) wish(tx *Tx, account sms.AccountID, from sms.Number, to string, text string) error {
	word, here := sms.OptOutWord(text), sms.Sender(to).Key()
	if word == "" || from == 0 {
		return nil
	}
	action, language, err := meaning(tx, account, here, word)
	if err != nil || action == "" || action == sms.Ignore {
		return err
	}
	changed := action == sms.Help
	if !changed {
		if changed, err = s.obey(tx, account, sms.OptOut{Number: from, Sender: here, Source: word}, action); err != nil {
			return err
		}
	}
	if !changed { // said before: it was answered then
		return nil
	}
	return answerWish(tx, account, sms.OptOut{Number: from, Sender: to}, action, language)
}

// meaning is what a word means at a number of an account: by its own words, those of every account, those that everybody
// knows.
func meaning(tx *Tx, account sms.AccountID, number, word string) (action sms.OptOutAction, language string, err error) {
	err = tx.QueryRow(`SELECT action, language FROM opt_out_word WHERE word = ? AND account_id IN (0, ?) AND number IN ('', ?)
		ORDER BY account_id DESC, number DESC LIMIT 1`, word, int64(account), number).Scan(&action, &language)
	if errors.Is(err, sql.ErrNoRows) {
		return sms.OptOutWords[word], "", nil
	}
	return action, language, err
}

// obey changes the opt-outs of who sent a word. It answers false when they were so already.
func (s *Store) obey(tx *Tx, account sms.AccountID, o sms.OptOut, action sms.OptOutAction) (changed bool, err error) {
	if action == sms.StopAll {
		o.Sender = ""
		return s.addOptOut(tx, account, o)
	}
	senders, err := standsFor(tx, account, o.Sender)
	if err != nil {
		return false, err
	}
	do := s.addOptOut
	if action == sms.Start {
		do = s.endOptOut
	}
	for _, o.Sender = range senders {
		did, err := do(tx, account, o)
		if err != nil {
			return false, err
		}
		changed = changed || did
	}
	return changed, nil
}

// standsFor is the number that a word was sent to, and the senders that it stands for.
func standsFor(tx *Tx, account sms.AccountID, number string) ([]string, error) {
	senders := []string{number}
	rows, err := tx.Query(`SELECT sender FROM opt_out_alias WHERE account_id = ? AND number = ?`, int64(account), number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var sender string
		if err := rows.Scan(&sender); err != nil {
			return nil, err
		}
		senders = append(senders, sender)
	}
	return senders, rows.Err()
}

// addOptOut blocks a sender, or with none all of them, for a recipient. It answers false when that was so already.
func (s *Store) addOptOut(tx *Tx, account sms.AccountID, o sms.OptOut) (added bool, err error) {
	if err := s.choose(tx, account); err != nil {
		return false, err
	}
	if o.Sender == "" { // it says more than the exceptions
		if _, err := tx.Exec(`DELETE FROM opt_out WHERE account_id = ? AND number = ? AND allowed = 1`, int64(account), int64(o.Number)); err != nil {
			return false, err
		}
	}
	return writeOptOut(tx, account, o)
}

func writeOptOut(tx *Tx, account sms.AccountID, o sms.OptOut) (bool, error) {
	at := o.At
	if at.IsZero() {
		at = tx.now
	}
	tx.rows.forgetOptOuts()
	n, err := tx.Exec(`INSERT INTO opt_out (account_id, number, sender, allowed, source, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id, number, sender) DO UPDATE SET allowed = excluded.allowed, source = excluded.source, at = excluded.at
		WHERE opt_out.allowed <> excluded.allowed`, int64(account), int64(o.Number), o.Sender, o.Allowed, o.Source, at.UnixMilli())
	return n > 0, err
}

// endOptOut allows a sender again for a recipient, or with none what stands for all of them. It answers false when
// nothing stood against it.
func (s *Store) endOptOut(tx *Tx, account sms.AccountID, o sms.OptOut) (ended bool, err error) {
	tx.rows.forgetOptOuts()
	n, err := tx.Exec(`DELETE FROM opt_out WHERE account_id = ? AND number = ? AND sender = ? AND allowed = 0`, int64(account), int64(o.Number), o.Sender)
	if err != nil {
		return false, err
	}
	if o.Sender == "" {
		_, err := tx.Exec(`DELETE FROM opt_out WHERE account_id = ? AND number = ? AND allowed = 1`, int64(account), int64(o.Number))
		return n > 0, err
	}
	var all bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM opt_out WHERE account_id = ? AND number = ? AND sender = '')`, int64(account), int64(o.Number)).Scan(&all); err != nil || !all {
		return n > 0, err
	}
	o.Allowed = true
	excepted, err := writeOptOut(tx, account, o)
	return n > 0 || excepted, err
}

// answerWish keeps the answer to a word, if the account has one. It becomes a message of the account a moment later:
// prices and ways out are not the store's.
func answerWish(tx *Tx, account sms.AccountID, o sms.OptOut, action sms.OptOutAction, language string) error {
	if action == sms.StopAll {
		action = sms.Stop
	}
	_, err := tx.Exec(`INSERT INTO opt_out_answer (account_id, number, sender, body, at) SELECT account_id, ?, ?, body, ? FROM opt_out_reply
		WHERE account_id = ? AND action = ? AND language IN ('', ?) ORDER BY language DESC LIMIT 1`,
		int64(o.Number), o.Sender, tx.now.UnixMilli(), int64(account), string(action), language)
	return err
}
