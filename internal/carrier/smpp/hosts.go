package smpp

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// maxHosts is how many hosts one carrier may have.
const maxHosts = 8

// hosts are all hosts of the carrier, the one of the URL first.
func (a *Address) hosts() []string { return append([]string{a.Host}, a.Hosts...) }

// setHosts reads the hosts that stand beside the one of the URL.
func setHosts(a *Address, text string) error {
	for name := range strings.SplitSeq(text, ",") {
		u, err := url.Parse("//" + strings.TrimSpace(name))
		if err != nil || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return sms.InvalidField("hosts", "must be host:port between commas, such as hosts=b.example.net:2775,c.example.net; %q is none", name)
		}
		host, err := a.hostOf(u)
		if err != nil {
			return sms.InvalidField("hosts", "must be host:port between commas, each with a host and a port from 1 to 65535 or none")
		}
		a.Hosts = append(a.Hosts, host)
	}
	if len(a.Hosts) >= maxHosts {
		return sms.InvalidField("hosts", "are %d with the one of the address; at most %d are possible", len(a.Hosts)+1, maxHosts)
	}
	return nil
}

// hostOf is host:port of a URL, with the port of the scheme when it has none.
func (a *Address) hostOf(u *url.URL) (string, error) {
	if u.Hostname() == "" {
		return "", sms.InvalidField("host", "is missing after the @")
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
		if a.TLS {
			port = tlsPort
		}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", sms.InvalidField("port", "must be 1 to 65535")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// turn says which host a session tries next. The sessions of a carrier begin at different hosts, so that with several
// of both not all are lost with one host.
type turn struct {
	hosts    []string
	home, at int
}

func (c *Carrier) turn(session int) *turn {
	hosts := c.cfg.Address.hosts()
	return &turn{hosts, session % len(hosts), session % len(hosts)}
}

func (t *turn) host() string { return t.hosts[t.at] }

// next goes on to the next host, and home after a session that lived. It reports whether every host had its turn.
func (t *turn) next(lived bool) (around bool) {
	if t.at = (t.at + 1) % len(t.hosts); lived {
		t.at = t.home
	}
	return t.at == t.home
}
