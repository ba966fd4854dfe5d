package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
)

type accountSet struct {
	accountName
	Settings []string `arg:"" name:"key=value" help:"What to change."`
	output
}

func (accountSet) Help() string {
	lines := strings.ReplaceAll("\n"+strings.TrimSpace(admin.SettingsHelp()), "\n", "\n    ")
	return `The settings, and what each may be:
` + lines + `

uncertain says what happens to a message of which nobody knows whether it left, after a crash: resend may send it
twice, hold shows it as UNKNOWN. transliterate replaces characters outside GSM-7 by near ones, in messages that do not
say it themselves. charge says when a message is charged: when a carrier takes it, or when it is delivered. senders=listed
refuses senders that are not on the account's list (staffetta sender --help). routing says by what routes that fit equally
well are ordered: their priority, or first their cost. receipt-overdue is what a part becomes whose receipt has not come a
day after the end of its validity. unknown: it costs what it costs without a receipt (nothing with charge=delivered), and a
receipt within another week still counts. delivered and failed are final. retention is how long a message is kept after its
final state (or, when it never gets one, after the end of its validity and a day).
redact-after is how long after that its text and its recipient's number are blanked; its status still answers, without
the number. Both happen some minutes late, and later for messages that took hours to come to their end; on PostgreSQL,
what is kept longest goes by whole weeks. Backups hold what they held. inbound says where messages from handsets to the
account's numbers go: docs/inbound.md. An account begins with uncertain=resend max-parts=10 transliterate=false
charge=submitted senders=free routing=priority receipt-overdue=unknown retention=90d redact-after=off inbound=webhook.

Of SMPP, on each server: max-binds is how many sessions may be bound at a time (4), smpp-throughput how many segments a
second are taken (any number), smpp-window how many requests of a session may wait for their answer (500), smpp-deliver
how many deliver_sm may wait for the customer's (10), and smpp-charset what data_coding 0 is (gsm).

Example:

    staffetta account set acme uncertain=hold retention=30d redact-after=12h`
}

func (c accountSet) Run(t *terminal) error {
	after, err := ask(t, existing, admin.SetAccount, admin.SetRequest{Account: c.Account, Pairs: c.Settings})
	if err != nil {
		return err
	}
	return c.print(t, after, func(w io.Writer) { printSettings(w, after) })
}

func printSettings(w io.Writer, a admin.Account) {
	s := a.Settings
	fmt.Fprintf(w, "uncertain\t%s\nmax-parts\t%d\ntransliterate\t%v\ncharge\t%s\nsenders\t%s\nrouting\t%s\nreceipt-overdue\t%s\n",
		s.Uncertain, s.MaxParts, s.Transliterate, s.Charge, s.Senders, s.Routing, s.Overdue)
	fmt.Fprintf(w, "retention\t%s\nredact-after\t%s\ninbound\t%s\nplan\t%s\n", s.Retention, s.RedactAfter, s.Inbound, plan(a))
	fmt.Fprintf(w, "max-binds\t%d\nsmpp-throughput\t%s\nsmpp-window\t%d\nsmpp-deliver\t%d\nsmpp-charset\t%s\n",
		s.MaxBinds, limit(s.SMPPThroughput), s.SMPPWindow, s.SMPPDeliver, s.SMPPCharset)
}
