package smpp

import (
	"net/url"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Address says where a carrier is, as whom to bind and how to speak to it. It is written
//
//	smpp://system_id:password@host:port?bind=transceiver&window=100&sessions=1&throughput=0
//
// and with smpps for TLS. All parameters may be left away; those of the line above are the defaults. docs/carriers.md
// tells of each.
type Address struct {
	TLS               bool
	SystemID          string
	Password          string   // not part of String
	Host              string   // host:port
	Hosts             []string // further ones, tried in turn
	Trust             Trust
	OutbindListen     string // where the carrier may connect to ask for a bind; empty: nowhere
	Bind              string // BindTransceiver or BindPair
	Window            int    // parts that may be unanswered at once, for each session
	Sessions          int
	Throughput        int           // parts a second over all sessions; 0: as fast as the carrier takes them
	SessionThroughput int           // parts a second on each session; 0: no limit of its own
	ResponseTimeout   time.Duration // after that nobody knows whether the carrier took a part
	EnquireLink       time.Duration // silence after which the carrier is asked whether it is there
	EnquireTimeout    time.Duration // silence after that which ends the session
	SystemType        string
	Validity          string // ValidityRelative, ValidityAbsolute or ValidityNone
	Dialect           Dialect
	Classes           Classes
	ReceiptIDs        string // IDsAuto, …
	Codes             Codes
}

// The values of Address.Bind. A pair is a receiver and a transmitter, for a carrier that has no transceiver.
const (
	BindTransceiver = "transceiver"
	BindPair        = "pair"
)

// The values of Address.Validity: whether validity_period tells the carrier when a message stops being of use, and in
// which form of SMPP 3.4 §7.1.1. A carrier that answers ESME_RINVEXPIRY to all messages wants ValidityNone.
const (
	ValidityRelative = "relative"
	ValidityAbsolute = "absolute"
	ValidityNone     = "none"
)

const (
	scheme      = "smpp"
	schemeTLS   = "smpps"
	defaultPort = "2775"
	tlsPort     = "3550"
)

// Limits of SMPP 3.4 §5.2.1 and §5.2.3, without the NUL. For the password, §5.2.2 has 8; carriers hand out longer ones.
const (
	maxSystemID   = 15
	maxPassword   = 64
	maxSystemType = 12
)

func defaults() Address {
	return Address{Bind: BindTransceiver, Window: 100, Sessions: 1, ResponseTimeout: 30 * time.Second,
		EnquireLink: 30 * time.Second, EnquireTimeout: 10 * time.Second, Trust: Trust{Verify: VerifyOn}, Validity: ValidityRelative,
		Dialect: usualDialect(), ReceiptIDs: IDsAuto}
}

// ParseAddress reads an address. The error is an *sms.Error that names the part that is wrong (address, system_id,
// password, host, or a parameter) and never holds the password.
func ParseAddress(raw string) (Address, error) {
	a := defaults()
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != scheme && u.Scheme != schemeTLS) || u.Opaque != "" {
		// The error of package url repeats what it was given, the password included.
		return a, sms.InvalidField("address", "must look like smpp://system_id:password@host:port?window=100, "+
			"or smpps:// for TLS; in system_id and password write : / ? # @ %% as %%3A %%2F %%3F %%23 %%40 %%25")
	}
	if u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return a, sms.InvalidField("address", "nothing but parameters may follow host:port; "+
			"in system_id and password write / ? # as %%2F %%3F %%23")
	}
	a.TLS = u.Scheme == schemeTLS
	if err := a.setPeer(u); err != nil {
		return a, err
	}
	return a, a.setParameters(u.RawQuery)
}

func (a *Address) setPeer(u *url.URL) error {
	a.SystemID = u.User.Username()
	a.Password, _ = u.User.Password()
	switch {
	case a.SystemID == "":
		return sms.InvalidField("system_id", "is missing before the @")
	case len(a.SystemID) > maxSystemID || !printable(a.SystemID):
		return sms.InvalidField("system_id", "must be at most %d printable ASCII characters", maxSystemID)
	case len(a.Password) > maxPassword || !printable(a.Password):
		return sms.InvalidField("password", "must be at most %d printable ASCII characters", maxPassword)
	}
	var err error
	a.Host, err = a.hostOf(u)
	return err
}

func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// String is the address without the password; ParseAddress reads it again.
func (a Address) String() string {
	u := url.URL{Scheme: scheme, User: url.User(a.SystemID), Host: a.Host, RawQuery: a.query()}
	if a.TLS {
		u.Scheme = schemeTLS
	}
	return u.String()
}

// Change is one setting of an address: host, system_id, password, tls (true or false), address (the whole, of which the
// password may be left out to keep it), or a parameter. An empty value is the default of a parameter.
type Change struct{ Key, Value string }

// With is the address with settings changed, in their order; errors as of ParseAddress.
func (a Address) With(changes []Change) (Address, error) {
	u := url.URL{Scheme: scheme, User: url.UserPassword(a.SystemID, a.Password), Host: a.Host}
	if a.TLS {
		u.Scheme = schemeTLS
	}
	query, err := url.ParseQuery(a.query())
	if err != nil {
		return a, err
	}
	for _, c := range changes {
		if err := c.apply(&u, &query); err != nil {
			return a, err
		}
	}
	u.RawQuery = query.Encode()
	return ParseAddress(u.String())
}

func (c Change) apply(u *url.URL, query *url.Values) error {
	password, _ := u.User.Password()
	switch c.Key {
	case "system_id":
		u.User = url.UserPassword(c.Value, password)
	case "password":
		u.User = url.UserPassword(u.User.Username(), c.Value)
	case "host":
		host, err := url.Parse("//" + c.Value)
		if err != nil || host.Host != c.Value || host.User != nil {
			return sms.InvalidField("host", "must be host or host:port")
		}
		u.Host = c.Value
	case "tls":
		return c.applyTLS(u)
	case "address":
		return c.replace(u, query, password)
	default:
		if query.Del(c.Key); c.Value != "" {
			query.Set(c.Key, c.Value)
		}
	}
	return nil
}

func (c Change) applyTLS(u *url.URL) error {
	switch c.Value {
	case "true":
		u.Scheme = schemeTLS
	case "false":
		u.Scheme = scheme
	default:
		return sms.InvalidField("tls", "must be true or false")
	}
	return nil
}

func (c Change) replace(u *url.URL, query *url.Values, password string) error {
	whole, err := ParseAddress(c.Value)
	if err != nil {
		return err
	}
	if whole.Password == "" {
		whole.Password = password
	}
	next, err := url.Parse(whole.String())
	if err != nil {
		return err
	}
	*u = url.URL{Scheme: next.Scheme, User: url.UserPassword(whole.SystemID, whole.Password), Host: next.Host}
	*query = next.Query()
	return nil
}

// Keys are the names of all settings that Change knows.
func Keys() []string {
	keys := []string{"address", "host", "system_id", "password", "tls"}
	for _, p := range parameters {
		keys = append(keys, p.name)
	}
	return keys
}
