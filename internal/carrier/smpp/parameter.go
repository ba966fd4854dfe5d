package smpp

import (
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
)

// parameter is one name of the query: what it says of an address, and how it is read.
type parameter struct {
	name string
	get  func(a *Address) string
	set  func(a *Address, text string) error
}

// maxSessions is how many sessions of one carrier the dispatcher gives work to.
const maxSessions = 16

// parameters in the order in which they are written.
var parameters = []parameter{
	{"hosts", func(a *Address) string { return strings.Join(a.Hosts, ",") }, setHosts},
	file("tls_ca", func(a *Address) *string { return &a.Trust.CA }),
	file("tls_cert", func(a *Address) *string { return &a.Trust.Cert }),
	file("tls_key", func(a *Address) *string { return &a.Trust.Key }),
	printableText("tls_server_name", 253, func(a *Address) *string { return &a.Trust.ServerName }),
	choice("tls_verify", func(a *Address) *string { return &a.Trust.Verify }, VerifyOn, VerifyOff),
	choice("bind", func(a *Address) *string { return &a.Bind }, BindTransceiver, BindPair),
	number("window", 1, 10_000, func(a *Address) *int { return &a.Window }),
	number("sessions", 1, maxSessions, func(a *Address) *int { return &a.Sessions }),
	number("throughput", 0, 1_000_000, func(a *Address) *int { return &a.Throughput }),
	number("session_throughput", 0, 1_000_000, func(a *Address) *int { return &a.SessionThroughput }),
	duration("response_timeout", func(a *Address) *time.Duration { return &a.ResponseTimeout }),
	duration("enquire_link", func(a *Address) *time.Duration { return &a.EnquireLink }),
	duration("enquire_timeout", func(a *Address) *time.Duration { return &a.EnquireTimeout }),
	printableText("system_type", maxSystemType, func(a *Address) *string { return &a.SystemType }),
	choice("validity", func(a *Address) *string { return &a.Validity }, ValidityRelative, ValidityAbsolute, ValidityNone),
	choice("dcs0", func(a *Address) *string { return &a.Dialect.Alphabet }, AlphabetGSM, AlphabetPacked, AlphabetLatin1, AlphabetASCII),
	choice("long", func(a *Address) *string { return &a.Dialect.Long }, LongUDH, LongSAR, LongPayload),
	choice("flash", func(a *Address) *string { return &a.Dialect.Flash }, FlashGeneral, FlashClass, FlashSubunit),
	rule("source_ton", 7, func(a *Address) *Rule { return &a.Dialect.SourceTON }),
	rule("source_npi", 18, func(a *Address) *Rule { return &a.Dialect.SourceNPI }),
	rule("dest_ton", 7, func(a *Address) *Rule { return &a.Dialect.DestTON }),
	rule("dest_npi", 18, func(a *Address) *Rule { return &a.Dialect.DestNPI }),
	rewriting("source_rewrite", func(a *Address) *Rewrite { return &a.Dialect.SourceRewrite }),
	rewriting("dest_rewrite", func(a *Address) *Rewrite { return &a.Dialect.DestRewrite }),
	{"dest_prefix", func(a *Address) string { return a.Dialect.DestPrefix }, setDestPrefix},
	printableText("service_type", maxServiceType, func(a *Address) *string { return &a.Dialect.ServiceType }),
	number("registered_delivery", 0, 31, func(a *Address) *int { return &a.Dialect.Registered }),
	choice("receipts", func(a *Address) *string { return &a.Dialect.Receipts }, ReceiptsEach, ReceiptsLast),
	choice("receipt_ids", func(a *Address) *string { return &a.ReceiptIDs }, IDsAuto, IDsExact, IDsFolded, IDsDecimal, IDsHex),
	{"codes", func(a *Address) string { return a.Codes.list() }, setCodes},
	{"tlv", tlvList, setTLVs},
	{"outbind_listen", func(a *Address) string { return a.OutbindListen }, setOutbindListen},
	class("temporary", dispatch.Temporary),
	class("permanent", dispatch.Permanent),
	class("carrier_wide", dispatch.CarrierWide),
	class("throttled", dispatch.Throttled),
}

func choice(name string, field func(*Address) *string, values ...string) parameter {
	return parameter{name,
		func(a *Address) string { return *field(a) },
		func(a *Address, text string) error {
			if !slices.Contains(values, text) {
				return sms.InvalidField(name, "must be %s", strings.Join(values, " or "))
			}
			*field(a) = text
			return nil
		}}
}

func number(name string, least, most int, field func(*Address) *int) parameter {
	return parameter{name,
		func(a *Address) string { return strconv.Itoa(*field(a)) },
		func(a *Address, text string) error {
			n, err := strconv.Atoi(text)
			if err != nil || n < least || n > most {
				return sms.InvalidField(name, "must be a whole number from %d to %d", least, most)
			}
			*field(a) = n
			return nil
		}}
}

// duration reads 30s, 1m30s, or whole seconds.
func duration(name string, field func(*Address) *time.Duration) parameter {
	return parameter{name,
		func(a *Address) string { return field(a).String() },
		func(a *Address, text string) error {
			if _, err := strconv.Atoi(text); err == nil {
				text += "s"
			}
			d, err := time.ParseDuration(text)
			if err != nil || d < time.Second || d > 10*time.Minute {
				return sms.InvalidField(name, "must be a time from 1s to 10m, such as 30s")
			}
			*field(a) = d
			return nil
		}}
}

func printableText(name string, most int, field func(*Address) *string) parameter {
	return parameter{name,
		func(a *Address) string { return *field(a) },
		func(a *Address, text string) error {
			if len(text) > most || !printable(text) {
				return sms.InvalidField(name, "must be at most %d printable ASCII characters", most)
			}
			*field(a) = text
			return nil
		}}
}

// file reads a path on the machine of the server. A relative one would depend on where the server was started.
func file(name string, field func(*Address) *string) parameter {
	return parameter{name,
		func(a *Address) string { return *field(a) },
		func(a *Address, text string) error {
			if !filepath.IsAbs(text) || strings.ContainsRune(text, 0) {
				return sms.InvalidField(name, "must be the whole path of a file, such as /etc/staffetta/%s.pem", name)
			}
			*field(a) = text
			return nil
		}}
}

func (a *Address) setParameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return sms.InvalidField("address", "the parameters after ? are not name=value&name=value")
	}
	names := make([]string, 0, len(parameters))
	for _, p := range parameters {
		names = append(names, p.name)
		given := values[p.name]
		delete(values, p.name)
		if len(given) > 1 {
			return sms.InvalidField(p.name, "is given more than once")
		}
		if len(given) == 0 {
			continue
		}
		if err := p.set(a, given[0]); err != nil {
			return err
		}
	}
	for unknown := range values {
		return sms.InvalidField(unknown, "is not a parameter; there are %s", strings.Join(names, ", "))
	}
	return a.Trust.check(a.TLS)
}

// query writes the parameters that are not the default.
func (a *Address) query() string {
	usual := defaults()
	var text strings.Builder
	for _, p := range parameters {
		value := p.get(a)
		if value == p.get(&usual) {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('&')
		}
		text.WriteString(p.name + "=" + url.QueryEscape(value))
	}
	return text.String()
}

// Set is one parameter of an address, and what it is when it is left out.
type Set struct{ Key, Value, Usual string }

// Parameters are all of them, in the order in which they are written.
func (a *Address) Parameters() []Set {
	usual := defaults()
	all := make([]Set, len(parameters))
	for i, p := range parameters {
		all[i] = Set{p.name, p.get(a), p.get(&usual)}
	}
	return all
}
