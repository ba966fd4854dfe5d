package httpapi

import (
	"net/http"
	"net/netip"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// authenticate finds out who is calling; the contract's 401 and 403, and 429 for an address that guesses.
func (d *Door) authenticate(c *call) error {
	caller, err := d.parts.Authenticator.Authenticate(c.r.Context(), credentials(c.r), d.clientAddress(c.r))
	if err != nil {
		return err
	}
	c.caller = caller
	return nil
}

// credentials reads what the client showed, from headers only. An API key decides over Basic, even an empty or
// wrong one.
func credentials(r *http.Request) auth.Credentials {
	if keys := r.Header["X-Api-Key"]; len(keys) == 1 {
		return auth.Credentials{APIKey: keys[0], HasKey: true}
	} else if len(keys) > 1 {
		return auth.Credentials{HasKey: true} // which of them would count is anybody's guess: none does
	}
	if len(r.Header["Authorization"]) > 1 {
		return auth.Credentials{}
	}
	name, password, ok := r.BasicAuth()
	return auth.Credentials{Username: name, Password: password, HasBasic: ok}
}

// clientAddress is the TCP peer, or what a named proxy says about it.
func (d *Door) clientAddress(r *http.Request) netip.Addr {
	return auth.ClientAddress(peerAddress(r), r.Header["X-Forwarded-For"], d.parts.Proxies)
}

// peerAddress is the TCP peer without zone; the zero address when there is none.
func peerAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap().WithZone("")
}

// local reports whether the request surely comes from this machine. A forwarded one does not, unless a named
// proxy says so: a proxy in front of the server makes every client look like a neighbour.
func (d *Door) local(r *http.Request) bool {
	peer, client := peerAddress(r), d.clientAddress(r)
	forwarded := len(r.Header["X-Forwarded-For"])+len(r.Header["Forwarded"])+len(r.Header["X-Real-Ip"]) > 0
	if forwarded && client == peer {
		return false
	}
	return client.IsLoopback()
}

var errNotLocal = sms.Errorf(sms.Forbidden, "this path is served to clients on the same machine only")
