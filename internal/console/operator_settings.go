package console

import (
	"strconv"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
)

// settingsOf are the settings of an account as a form has them, by the keys of `account set`.
func settingsOf(s admin.Settings) []templates.Setting {
	n, yes := strconv.Itoa, strconv.FormatBool
	return []templates.Setting{
		{Key: "uncertain", Value: s.Uncertain, Options: []string{"resend", "hold"}},
		{Key: "charge", Value: s.Charge, Options: []string{"submitted", "delivered"}},
		{Key: "senders", Value: s.Senders, Options: []string{"free", "listed"}},
		{Key: "routing", Value: s.Routing, Options: []string{"priority", "cost"}},
		{Key: "receipt-overdue", Value: s.Overdue, Options: []string{"unknown", "delivered", "failed"}},
		{Key: "transliterate", Value: yes(s.Transliterate), Options: []string{"false", "true"}},
		{Key: "max-parts", Value: n(s.MaxParts)},
		{Key: "retention", Value: s.Retention},
		{Key: "redact-after", Value: s.RedactAfter},
		{Key: "inbound", Value: s.Inbound},
		{Key: "max-binds", Value: n(s.MaxBinds)},
		{Key: "smpp-throughput", Value: n(s.SMPPThroughput)},
		{Key: "smpp-window", Value: n(s.SMPPWindow)},
		{Key: "smpp-deliver", Value: n(s.SMPPDeliver)},
		{Key: "smpp-charset", Value: s.SMPPCharset, Options: []string{"gsm", "latin1", "utf8"}},
	}
}
