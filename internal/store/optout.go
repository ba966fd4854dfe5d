package store

import "github.com/staffetta/staffetta/internal/sms"

// wish is told, in the transaction that completes it, of each message from a handset to an account: its writer may wish
// to get no more messages, or some again.
func (s *Store) wish(_ *Tx, _ sms.AccountID, _ sms.Number, _, _ string) error { return nil }
