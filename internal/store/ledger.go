package store

import (
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// ledger is the balances that a transaction has touched: read once, changed in memory by all members, written once
// at the end, in order of account.
type ledger map[sms.AccountID]*entry

type entry struct {
	sms.Balance
	dirty bool
}

func (l ledger) get(tx *Tx, account sms.AccountID) (*entry, error) {
	if e, ok := l[account]; ok {
		return e, nil
	}
	balance, err := tx.rows.balance(account)
	if err != nil {
		return nil, err
	}
	e := &entry{Balance: balance}
	l[account] = e
	return e, nil
}

// reserve takes price out of what is available; false when that is less.
func (l ledger) reserve(tx *Tx, account sms.AccountID, price sms.Money) (bool, error) {
	e, err := l.get(tx, account)
	if err != nil || e.Available() < price {
		return false, err
	}
	e.Reserved += price
	e.dirty = e.dirty || price != 0
	return true, nil
}

// settle turns what was reserved into a charge, or gives it back.
func (l ledger) settle(tx *Tx, account sms.AccountID, bill sms.Bill) error {
	if bill == (sms.Bill{}) {
		return nil
	}
	e, err := l.get(tx, account)
	if err != nil {
		return err
	}
	e.Reserved -= bill.Charged + bill.Released
	e.Credit -= bill.Charged
	e.dirty = true
	return nil
}

func (l ledger) save(tx *Tx) error {
	accounts := make([]sms.AccountID, 0, len(l))
	for account, e := range l {
		if e.dirty {
			accounts = append(accounts, account)
		}
	}
	slices.Sort(accounts)
	for _, account := range accounts {
		if err := tx.rows.saveBalance(account, l[account].Balance); err != nil {
			return err
		}
	}
	return nil
}
