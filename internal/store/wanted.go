package store

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/staffetta/staffetta/internal/sms"
)

// wanted knows which accounts want events, so that a transaction asks nobody. The commit loop reads it; changes of this
// process come with their commit, those of other nodes with Changes.
type wanted struct {
	mu       sync.Mutex
	accounts atomic.Pointer[map[sms.AccountID]wishes] // replaced as a whole
}

// wishes are what one account wants.
type wishes struct {
	events  bool // any
	interim bool // of states that are not final too
	version int64
}

func wantedBy(h *sms.Webhook, version int64) wishes {
	if h == nil || !h.DisabledAt.IsZero() {
		return wishes{version: version}
	}
	return wishes{events: true, interim: h.Interim, version: version}
}

func (w *wanted) by(account sms.AccountID) wishes {
	if accounts := w.accounts.Load(); accounts != nil {
		return (*accounts)[account]
	}
	return wishes{}
}

// learn takes over what is newer than what is known.
func (w *wanted) learn(news map[sms.AccountID]wishes) {
	if len(news) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	next := map[sms.AccountID]wishes{}
	if known := w.accounts.Load(); known != nil {
		maps.Copy(next, *known)
	}
	for account, n := range news {
		if n.version >= next[account].version {
			next[account] = n
		}
	}
	w.accounts.Store(&next)
}

// readWanted reads what changed after a revision.
func readWanted(tx *Tx, since int64) (map[sms.AccountID]wishes, error) {
	rows, err := tx.Query(`SELECT account_id, interim, removed, COALESCE(disabled_at, 0), version FROM webhook WHERE version > ?`, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	news := map[sms.AccountID]wishes{}
	for rows.Next() {
		var account sms.AccountID
		var interim, removed, disabled, version int64
		if err := rows.Scan(&account, &interim, &removed, &disabled, &version); err != nil {
			return nil, err
		}
		news[account] = wishes{events: removed == 0 && disabled == 0, interim: interim != 0, version: version}
	}
	return news, rows.Err()
}
