package sms

import (
	"cmp"
	"net/netip"
	"time"
)

// Operation is what a key may do.
type Operation string

// The operations of the contract.
const (
	OpSMS      Operation = "SMS"
	OpRCS      Operation = "RCS"
	OpWhatsApp Operation = "WHATSAPP"
	OpPlatform Operation = "PLATFORM"
)

// Operations lists all of them, in the order in which they are shown.
var Operations = []Operation{OpSMS, OpRCS, OpWhatsApp, OpPlatform}

// Account is who sends and pays. Balances are not here: they live in the store and change with every message.
type Account struct {
	ID        AccountID
	Name      string // unique; letters as the operator wrote them
	Created   time.Time
	Suspended bool
	Plan      Plan
	Settings  Settings
	AllowList AllowList
}

// Plan is how many requests a key may make. Zero is no limit.
type Plan struct {
	Name      string // "production", "trial", "unlimited" or "custom"
	PerMinute int
	PerSecond int
}

// Settings is what `account set NAME KEY=VALUE` changes.
type Settings struct {
	Uncertain     string // "resend" (default) or "hold"
	MaxParts      int    // default 10, at most 255
	Transliterate bool   // default for messages that do not say it
	Charge        string // "submitted" (default) or "delivered"
	Senders       string // "free" (default) or "listed": only those on its list
	Inbound       string // where messages from handsets go: InboundWebhook (or empty), InboundSMPP, or the URL of a form callback
	Routing       string // "priority" (default) or "cost": by which routes that fit equally well are ordered

	MaxBinds       int    // SMPP sessions at a time, on each server; 0: DefaultBinds
	SMPPThroughput int    // segments a second that are taken by SMPP, on each server; 0: any number
	SMPPWindow     int    // submit_sm without an answer, in each session; 0: DefaultWindow
	SMPPDeliver    int    // deliver_sm without an answer, in each session; 0: DefaultDeliver
	SMPPCharset    string // what data_coding 0 is: "gsm" (or empty), "latin1" or "utf8"

	Overdue     string        // what a part is whose receipt never came: "unknown" (or empty), "delivered" or "failed"
	Retention   time.Duration // how long a message is kept after its final state; default DefaultRetention
	RedactAfter time.Duration // how long after it its text and number are blanked; 0: never
}

// What an account may do by SMPP unless it says otherwise.
const (
	DefaultBinds   = 4
	DefaultWindow  = 500
	DefaultDeliver = 10
)

// MaxWindow is the largest SMPPWindow and SMPPDeliver.
const MaxWindow = 1000

// Binds is how many SMPP sessions the account may have at a time on one server.
func (s Settings) Binds() int { return cmp.Or(s.MaxBinds, DefaultBinds) }

// Window is how many requests of one SMPP session may be without an answer.
func (s Settings) Window() int { return cmp.Or(s.SMPPWindow, DefaultWindow) }

// Deliver is how many deliver_sm of one SMPP session may be without an answer.
func (s Settings) Deliver() int { return cmp.Or(s.SMPPDeliver, DefaultDeliver) }

// The values of Settings.Inbound that are no URL.
const (
	InboundWebhook = "webhook"
	InboundSMPP    = "smpp"
)

// InboundWay is how messages from handsets reach the account.
func (s *Settings) InboundWay() Way {
	switch s.Inbound {
	case "", InboundWebhook:
		return ByWebhook
	case InboundSMPP:
		return BySMPP
	}
	return ByCallback
}

// OverdueState is what becomes of a part whose receipt never came.
func (s Settings) OverdueState() State {
	switch s.Overdue {
	case "delivered":
		return Delivered
	case "failed":
		return Failed
	}
	return Unknown
}

// DefaultRetention is how long messages are kept unless an account says otherwise.
const DefaultRetention = 90 * 24 * time.Hour

// AllowList is the addresses from which an account (or a key) may be used. Enabled and empty lets nobody in.
type AllowList struct {
	Enabled bool
	Entries []AllowEntry
}

// AllowEntry is one address or range; IPv4-mapped IPv6 is kept as IPv4.
type AllowEntry struct {
	Prefix netip.Prefix
	Note   string
}

// User is a name and password for Basic authentication and SMPP binds.
type User struct {
	Name     string // 3–15 of a-z 0-9 . _ -, unique on the server
	Account  AccountID
	Hash     string // argon2id of the password, in the PHC string form
	SMPPHash string // of the 8-character one for SMPP clients that cut; empty: none
	Changed  time.Time
}

// Key is an API key without its value.
type Key struct {
	ID          string // the <id> in stf_live_<id>_…
	Account     AccountID
	Name        string
	Description string
	Operations  []Operation
	Hash        []byte    // HMAC-SHA256 of the whole value under the server's secret
	OldHash     []byte    // the value before the last regeneration; nil: none
	OldUntil    time.Time // how long it is valid; zero: it is not
	AllowList   AllowList // the key's own, on top of the account's
	Created     time.Time
	Expires     time.Time // zero: never
	Revoked     time.Time // zero: not
	LastUsed    time.Time // zero: never, as far as it is stored
	LastFrom    string    // the address from which it was used then
}

// Price is what one part costs to the numbers that start with Prefix.
type Price struct {
	Account AccountID // zero: the general list
	Prefix  string    // digits; empty: all numbers
	Part    Money
}

// Balance is the credit of an account. What is available is Credit less Reserved, and never negative.
type Balance struct {
	Credit   Money
	Reserved Money
}

// Available is what can still be spent.
func (b Balance) Available() Money { return b.Credit - b.Reserved }

// Carrier is a way out: who is at the other end and how to speak to it.
type Carrier struct {
	ID      CarrierID
	Name    string
	Kind    string // "smpp" or "practice"
	Address string // smpp://system_id@host:port?bind=…&window=… , without the password
	Secret  string // the password; never printed
	Default bool   // takes what no route names
	State   CarrierState
}

// CarrierState is what an operator has told a carrier to do.
type CarrierState uint8

// The states of a carrier.
const (
	CarrierActive   CarrierState = iota // it works
	CarrierDraining                     // no message is given to it; what waits for it leaves
	CarrierDisabled                     // it is not bound; what waits for it waits, or goes another way
)

var carrierStates = [...]string{"active", "draining", "disabled"}

// String is the state in one word.
func (s CarrierState) String() string {
	if int(s) < len(carrierStates) {
		return carrierStates[s]
	}
	return "invalid"
}
