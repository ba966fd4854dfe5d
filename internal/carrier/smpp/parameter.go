package smpp

import (
	"net/url"
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
	choice("bind", func(a *Address) *string { return &a.Bind }, BindTransceiver, BindPair),
	number("window", 1, 10_000, func(a *Address) *int { return &a.Window }),
	number("sessions", 1, maxSessions, func(a *Address) *int { return &a.Sessions }),
	number("throughput", 0, 1_000_000, func(a *Address) *int { return &a.Throughput }),
	duration("response_timeout", func(a *Address) *time.Duration { return &a.ResponseTimeout }),
	duration("enquire_link", func(a *Address) *time.Duration { return &a.EnquireLink }),
	{"system_type", func(a *Address) string { return a.SystemType }, setSystemType},
	choice("validity", func(a *Address) *string { return &a.Validity }, ValidityRelative, ValidityNone),
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

func setSystemType(a *Address, text string) error {
	if len(text) > maxSystemType || !printable(text) {
		return sms.InvalidField("system_type", "must be at most %d printable ASCII characters", maxSystemType)
	}
	a.SystemType = text
	return nil
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
	if a.Throughput > 0 && a.Throughput < a.Sessions {
		return sms.InvalidField("throughput", "must be 0 (unlimited) or at least the number of sessions, %d", a.Sessions)
	}
	return nil
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
