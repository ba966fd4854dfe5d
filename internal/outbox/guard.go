package outbox

import (
	"errors"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// errInside says that an endpoint is not on the internet.
var errInside = errors.New("the address is not a public one")

// guard refuses connections to addresses inside of a network. It judges the address that is being connected to, after the
// name was resolved: a name cannot lead elsewhere by then. Any port will do.
type guard struct{ public *ssrf.Guardian }

func newGuard() guard { return guard{ssrf.New(ssrf.WithAnyPort())} }

// control is for net.Dialer.
func (g guard) control(network, address string, c syscall.RawConn) error {
	if g.public.Safe(network, address, c) != nil {
		return errInside
	}
	return nil
}

// permits judges an address that stands in a URL.
func (g guard) permits(address netip.Addr) bool { return g.public.SafeAddr(address) == nil }
