package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type smppCommands struct {
	Sessions smppSessions `cmd:"" help:"List the customers that are bound by SMPP."`
}

type smppSessions struct{ output }

func (smppSessions) Help() string {
	return `SUBMITTED are messages that were accepted, REFUSED requests that were not (the log says why, once for each kind), OPEN
requests that wait for our answer. DELIVERED are deliver_sm that the customer took, IN FLIGHT those that wait for the
customer's answer: a number there that does not change is a customer who does not answer.

Of servers that share a database, each has its own sessions: see /metrics of each.

Example:

    staffetta smpp sessions`
}

func (c smppSessions) Run(t *terminal) error {
	sessions, err := ask(t, existing, admin.SMPPSessions, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, sessions, func(w io.Writer) {
		fmt.Fprintln(w, "ACCOUNT\tSYSTEM_ID\tBIND\tADDRESS\tSINCE\tSUBMITTED\tREFUSED\tOPEN\tDELIVERED\tIN FLIGHT")
		for _, s := range sessions {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n", s.Account, s.SystemID, s.Bind, s.Address, s.Since.Format(time.RFC3339),
				s.Submitted, s.Refused, s.Open, s.Delivered, s.InFlight)
		}
	})
}
