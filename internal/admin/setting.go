package admin

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// Settings are those of an account.
type Settings struct {
	Uncertain     string `json:"uncertain"`
	MaxParts      int    `json:"maxParts"`
	Transliterate bool   `json:"transliterate"`
	Charge        string `json:"charge"`
	Routing       string `json:"routing"`
	Overdue       string `json:"receiptOverdue"`
	Retention     string `json:"retention"`   // such as 90d
	RedactAfter   string `json:"redactAfter"` // such as 12h, or off
	Inbound       string `json:"inbound"`     // webhook, smpp, or the URL of a form callback

	MaxBinds       int    `json:"maxBinds"`
	SMPPThroughput int    `json:"smppThroughput"` // segments a second; 0: any number
	SMPPWindow     int    `json:"smppWindow"`
	SMPPDeliver    int    `json:"smppDeliver"`
	SMPPCharset    string `json:"smppCharset"`
}

func defaultSettings() sms.Settings {
	return sms.Settings{Uncertain: "resend", MaxParts: 10, Charge: "submitted", Overdue: "unknown", Retention: sms.DefaultRetention}
}

func shownSettings(s sms.Settings) Settings {
	return Settings{s.Uncertain, s.MaxParts, s.Transliterate, s.Charge, cmp.Or(s.Routing, "priority"), cmp.Or(s.Overdue, "unknown"),
		span(s.Retention), span(s.RedactAfter), shownInbound(s.Inbound),
		s.Binds(), s.SMPPThroughput, s.Window(), s.Deliver(), cmp.Or(s.SMPPCharset, "gsm")}
}

// The plans of the contract, section 1.
var plans = [...]sms.Plan{
	{Name: "production", PerMinute: 1000, PerSecond: 50},
	{Name: "trial", PerMinute: 100, PerSecond: 10},
	{Name: "unlimited"},
}

func planNamed(name string) (sms.Plan, error) {
	for _, plan := range plans {
		if plan.Name == name {
			return plan, nil
		}
	}
	return sms.Plan{}, sms.InvalidField("plan", "must be production, trial or unlimited")
}

// SetRequest changes settings of an account: each pair is KEY=VALUE.
type SetRequest struct {
	Account string   `json:"account"`
	Pairs   []string `json:"pairs"`
}

// accountSetting is one KEY of `account set`.
type accountSetting struct {
	key  string
	Help string // what it may be
	set  func(a *sms.Account, value string) error
}

var accountSettings = [...]accountSetting{
	{"uncertain", "resend or hold", func(a *sms.Account, v string) error { return oneOf(&a.Settings.Uncertain, v, "resend", "hold") }},
	{"max-parts", "1 to 255", func(a *sms.Account, v string) error { return number(&a.Settings.MaxParts, v, 1, 255) }},
	{"transliterate", "true or false", func(a *sms.Account, v string) error { return yes(&a.Settings.Transliterate, v) }},
	{"charge", "submitted or delivered", func(a *sms.Account, v string) error { return oneOf(&a.Settings.Charge, v, "submitted", "delivered") }},
	{"routing", "priority or cost", func(a *sms.Account, v string) error { return oneOf(&a.Settings.Routing, v, "priority", "cost") }},
	{"receipt-overdue", "unknown, delivered or failed", func(a *sms.Account, v string) error {
		return oneOf(&a.Settings.Overdue, v, "unknown", "delivered", "failed")
	}},
	{"retention", "1d to 3650d", func(a *sms.Account, v string) error { return readSpan(&a.Settings.Retention, v, day) }},
	{"redact-after", "off, or 1m to 3650d, and shorter than retention", setRedactAfter},
	{"inbound", "webhook, smpp, or the URL of a form callback", setInbound},
	{"max-binds", "1 to 1000", func(a *sms.Account, v string) error { return number(&a.Settings.MaxBinds, v, 1, 1000) }},
	{"smpp-throughput", "0 (no limit) to 1000000", func(a *sms.Account, v string) error { return number(&a.Settings.SMPPThroughput, v, 0, 1_000_000) }},
	{"smpp-window", "1 to 1000", func(a *sms.Account, v string) error { return number(&a.Settings.SMPPWindow, v, 1, sms.MaxWindow) }},
	{"smpp-deliver", "1 to 1000", func(a *sms.Account, v string) error { return number(&a.Settings.SMPPDeliver, v, 1, sms.MaxWindow) }},
	{"smpp-charset", "gsm, latin1 or utf8", func(a *sms.Account, v string) error {
		return oneOf(&a.Settings.SMPPCharset, v, "gsm", "latin1", "utf8")
	}},
	{"plan", "production, trial or unlimited", setPlan},
	{"per-minute", "0 (no limit) to 1000000", func(a *sms.Account, v string) error { return limit(a, &a.Plan.PerMinute, v) }},
	{"per-second", "0 (no limit) to 1000000", func(a *sms.Account, v string) error { return limit(a, &a.Plan.PerSecond, v) }},
}

func (s *Service) setAccount(c call, in SetRequest) (Account, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Account{}, err
	}
	if len(in.Pairs) == 0 {
		return Account{}, sms.InvalidField("setting", "is missing: write KEY=VALUE; keys are %s", settingNames())
	}
	var after sms.Account
	deed := c.deed("account set", in.Account, shownPairs(in.Pairs))
	err = s.Store.ChangeAccount(c, deed, account.ID, func(a *sms.Account) error {
		for _, pair := range in.Pairs {
			if err := apply(a, pair); err != nil {
				return err
			}
		}
		if a.Settings.RedactAfter >= a.Settings.Retention {
			return sms.InvalidField("redact-after", "must be shorter than retention, which is %s: then nothing is left to blank; off ends it",
				span(a.Settings.Retention))
		}
		after = *a
		return s.checkInbound(&a.Settings)
	})
	if err := s.settled(c, err); err != nil {
		return Account{}, err
	}
	if after.Settings.Inbound != account.Settings.Inbound { // what waits goes the new way
		if _, err := s.Store.ResendInbound(c, account.ID, store.Resend{}); err != nil {
			return Account{}, err
		}
	}
	balance, err := s.Store.Balance(c, account.ID)
	return shown(&after, balance), err
}

func apply(a *sms.Account, pair string) error {
	key, value, ok := strings.Cut(pair, "=")
	if !ok {
		return sms.InvalidField(pair, "must be written KEY=VALUE")
	}
	for _, setting := range accountSettings {
		if setting.key == strings.ReplaceAll(key, "_", "-") {
			if setting.set(a, value) != nil {
				return sms.InvalidField(key, "must be %s", setting.Help)
			}
			return nil
		}
	}
	return sms.InvalidField(key, "is no setting of an account; there are %s", settingNames())
}

func settingNames() string {
	var names []string
	for _, setting := range accountSettings {
		names = append(names, setting.key)
	}
	return strings.Join(names, ", ")
}

var errValue = errors.New("not a value of this setting")

func oneOf(field *string, value string, allowed ...string) error {
	if !slices.Contains(allowed, value) {
		return errValue
	}
	*field = value
	return nil
}

func number(field *int, value string, least, most int) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return errValue
	}
	*field = n
	return nil
}

func yes(field *bool, value string) error {
	if value != "true" && value != "false" {
		return errValue
	}
	*field = value == "true"
	return nil
}

func setPlan(a *sms.Account, value string) error {
	plan, err := planNamed(value)
	if err == nil {
		a.Plan = plan
	}
	return err
}

func limit(a *sms.Account, field *int, value string) error {
	err := number(field, value, 0, 1_000_000)
	if err == nil {
		a.Plan.Name = "custom"
	}
	return err
}

// SettingsHelp lists the settings of an account and what each may be, a line for each.
func SettingsHelp() string {
	var text strings.Builder
	for _, setting := range accountSettings {
		fmt.Fprintf(&text, "%-15s %s\n", setting.key, setting.Help)
	}
	return text.String()
}

const (
	day         = 24 * time.Hour
	longestSpan = 3650 * day
)

// readSpan reads a length of time: whole days as 90d, else as time.ParseDuration has it.
func readSpan(field *time.Duration, value string, least time.Duration) error {
	d, err := time.ParseDuration(value)
	if days, ok := strings.CutSuffix(value, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(n) * day
	}
	if err != nil || d < least || d > longestSpan {
		return errValue
	}
	*field = d.Truncate(time.Second)
	return nil
}

func setRedactAfter(a *sms.Account, value string) error {
	if value == "off" {
		a.Settings.RedactAfter = 0
		return nil
	}
	return readSpan(&a.Settings.RedactAfter, value, time.Minute)
}

func setInbound(a *sms.Account, value string) error {
	if value == "" {
		return errValue
	}
	a.Settings.Inbound = value // a URL is judged when all is set
	return nil
}

func shownInbound(inbound string) string {
	if inbound == "" {
		return sms.InboundWebhook
	}
	return inbound
}

// shownPairs are settings without what may be secret in a URL, for the audit log.
func shownPairs(pairs []string) string {
	shown := make([]string, len(pairs))
	for i, pair := range pairs {
		shown[i], _, _ = strings.Cut(pair, "?")
	}
	return strings.Join(shown, " ")
}

// span writes a length of time as readSpan reads it; off for none.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return "off"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	text := d.String()
	if d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
