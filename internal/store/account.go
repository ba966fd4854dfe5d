package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// Deed is who does what to what, as the audit log keeps it. None of it holds a secret.
type Deed struct{ Actor, Action, Target, Detail string }

// note writes the deed into the audit log of the transaction.
func (d Deed) note(tx *Tx) error { return tx.Audit(d.Action, d.Target, d.Detail) }

// of names the account as the target, where the one who acts does not know its name.
func (d Deed) of(tx *Tx, account sms.AccountID) (Deed, error) {
	if d.Target != "" {
		return d, nil
	}
	err := tx.QueryRow(`SELECT name FROM account WHERE id = ?`, int64(account)).Scan(&d.Target)
	return d, err
}

// noteBy is note in a transaction of many, which is in nobody's name; of nobody there is nothing to note.
func (d Deed) noteBy(tx *Tx) error {
	if d.Actor == "" {
		return nil
	}
	before := tx.actor
	defer func() { tx.actor = before }()
	tx.actor = d.Actor
	return d.note(tx)
}

// Note writes a deed that changes nothing into the audit log.
func (s *Store) Note(ctx context.Context, deed Deed) error {
	return s.Change(ctx, deed.Actor, deed.note)
}

// CreateAccount stores an account with its credit, its first user and its first key, all or nothing, and sets the id
// and the date of creation of account; an error leaves it as it was. The error of a name or username that is taken is
// sms.Conflict and names the field.
func (s *Store) CreateAccount(ctx context.Context, deed Deed, account *sms.Account, first First) error {
	made := *account // the commit loop may still write it when the caller has given up
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		if err := insertAccount(tx, &made); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO balance (account_id, credit) VALUES (?, ?)`, made.ID, int64(first.Credit)); err != nil {
			return err
		}
		first.User.Account, first.Key.Account = made.ID, made.ID
		if err := insertUser(tx, &first.User); err != nil {
			return err
		}
		if err := insertKey(tx, &first.Key); err != nil {
			return err
		}
		return deed.note(tx)
	})
	if err == nil {
		*account = made
	}
	return err
}

// First is what an account begins with.
type First struct {
	Credit sms.Money
	User   sms.User
	Key    sms.Key
}

func insertAccount(tx *Tx, a *sms.Account) error {
	var taken bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM account WHERE name = ?)`, a.Name).Scan(&taken)
	if err != nil {
		return err
	}
	if taken {
		return &sms.Error{Code: sms.Conflict, Message: "an account named " + a.Name + " exists already",
			Fields: []sms.FieldError{{Field: "name", Message: "is taken"}}}
	}
	if err := tx.QueryRow(`SELECT COALESCE(MAX(id), 0) + 1 FROM account`).Scan(&a.ID); err != nil {
		return err
	}
	a.Created = tx.Now()
	_, err = tx.Exec(`INSERT INTO account (id, name, created_at, suspended, plan, per_minute, per_second, settings,
		allow_enabled, allow_list, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Name, a.Created.UnixMilli(), a.Suspended, a.Plan.Name, a.Plan.PerMinute, a.Plan.PerSecond,
		encodeSettings(a.Settings), a.AllowList.Enabled, encodeAllowList(a.AllowList), tx.Revision())
	return err
}

// ChangeAccount reads an account, lets change alter it and stores it, in one transaction. Its id, name and date of
// creation stay. The error of an unknown id is sms.NotFound; an error of change leaves everything as it was.
func (s *Store) ChangeAccount(ctx context.Context, deed Deed, id sms.AccountID, change func(*sms.Account) error) error {
	return s.Change(ctx, deed.Actor, func(tx *Tx) error {
		accounts, err := queryAccounts(tx, `WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if len(accounts) == 0 {
			return sms.Errorf(sms.NotFound, "there is no account %d", id)
		}
		a := accounts[0]
		if err := change(&a); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE account SET suspended = ?, plan = ?, per_minute = ?, per_second = ?, settings = ?,
			allow_enabled = ?, allow_list = ?, version = ? WHERE id = ?`,
			a.Suspended, a.Plan.Name, a.Plan.PerMinute, a.Plan.PerSecond, encodeSettings(a.Settings),
			a.AllowList.Enabled, encodeAllowList(a.AllowList), tx.Revision(), id); err != nil {
			return err
		}
		return deed.note(tx)
	})
}

// AdjustCredit adds to the credit of an account, or takes from it; what is reserved for messages on their way
// cannot be taken (sms.Invalid).
func (s *Store) AdjustCredit(ctx context.Context, deed Deed, id sms.AccountID, by sms.Money) (sms.Balance, error) {
	var after sms.Balance
	err := s.Change(ctx, deed.Actor, func(tx *Tx) error {
		e, err := tx.balances.get(tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return sms.Errorf(sms.NotFound, "there is no account %d", id)
		}
		if err != nil {
			return err
		}
		if by < 0 && e.Available()+by < 0 {
			return sms.InvalidField("amount", "only %s € can be taken: the credit is %s €, of which %s € is reserved for messages on their way",
				e.Available(), e.Credit, e.Reserved)
		}
		if by > 0 && e.Credit > maxCredit-by {
			return sms.InvalidField("amount", "the credit of an account is at most %s €", maxCredit)
		}
		e.Credit += by
		e.dirty = true
		after = e.Balance
		return deed.note(tx)
	})
	if err != nil {
		return sms.Balance{}, err
	}
	return after, nil
}

const maxCredit = 1_000_000_000 * sms.Euro

// Balance reads the credit of an account.
func (s *Store) Balance(ctx context.Context, id sms.AccountID) (b sms.Balance, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		return tx.QueryRow(`SELECT credit, reserved FROM balance WHERE account_id = ?`, id).Scan(&b.Credit, &b.Reserved)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return b, sms.Errorf(sms.NotFound, "there is no account %d", id)
	}
	return b, err
}

// AccountStanding is an account with what it can spend.
type AccountStanding struct {
	sms.Account
	sms.Balance
}

// Accounts reads all accounts, in order of name.
func (s *Store) Accounts(ctx context.Context) (all []AccountStanding, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		accounts, err := queryAccounts(tx, `ORDER BY name`)
		if err != nil {
			return err
		}
		balances, err := queryBalances(tx)
		for _, a := range accounts {
			all = append(all, AccountStanding{a, balances[a.ID]})
		}
		return err
	})
	return all, err
}

// AccountsAfter reads up to limit accounts in order of name: those after a name, with some letters in theirs.
func (s *Store) AccountsAfter(ctx context.Context, after, search string, limit int) (some []AccountStanding, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		accounts, err := queryAccounts(tx, `WHERE name > ? AND lower(name) LIKE ? ESCAPE '!' ORDER BY name LIMIT ?`, after, containing(search), limit)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			var b sms.Balance
			if err := tx.QueryRow(`SELECT credit, reserved FROM balance WHERE account_id = ?`, a.ID).Scan(&b.Credit, &b.Reserved); err != nil {
				return err
			}
			some = append(some, AccountStanding{a, b})
		}
		return nil
	})
	return some, err
}

var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// containing is the pattern of LIKE for what holds a text.
func containing(text string) string { return "%" + likeEscapes.Replace(strings.ToLower(text)) + "%" }

func queryBalances(tx *Tx) (map[sms.AccountID]sms.Balance, error) {
	rows, err := tx.Query(`SELECT account_id, credit, reserved FROM balance`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	balances := map[sms.AccountID]sms.Balance{}
	for rows.Next() {
		var id sms.AccountID
		var b sms.Balance
		if err := rows.Scan(&id, &b.Credit, &b.Reserved); err != nil {
			return nil, err
		}
		balances[id] = b
	}
	return balances, rows.Err()
}

func queryAccounts(tx *Tx, where string, args ...any) ([]sms.Account, error) {
	rows, err := tx.Query(`SELECT id, name, created_at, suspended, plan, per_minute, per_second, settings, allow_enabled,
		allow_list FROM account `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var accounts []sms.Account
	for rows.Next() {
		var a sms.Account
		var created sql.NullInt64
		var settings, list string
		if err := rows.Scan(&a.ID, &a.Name, &created, &a.Suspended, &a.Plan.Name, &a.Plan.PerMinute, &a.Plan.PerSecond,
			&settings, &a.AllowList.Enabled, &list); err != nil {
			return nil, err
		}
		a.Created = moment(created)
		if err := errors.Join(decodeSettings(settings, &a.Settings), decodeAllowList(list, &a.AllowList)); err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return accounts, rows.Err()
}
