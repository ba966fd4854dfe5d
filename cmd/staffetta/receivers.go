package main

import (
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/smppapi"
	"github.com/staffetta/staffetta/internal/sms"
)

// receivers are the sessions of the SMPP door as the outbox wants them.
type receivers struct{ *smppapi.Server }

func (r receivers) Receivers(account sms.AccountID) (bound []outbox.Session) {
	for _, s := range r.Server.Receivers(account) {
		bound = append(bound, s)
	}
	return bound
}
