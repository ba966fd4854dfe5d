package auth

import (
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress is where a request comes from: the TCP peer, and beyond it only what named proxies say. While the
// address is that of a named proxy, the next entry of X-Forwarded-For is taken, from the right: what stands further
// left was written by somebody whom nobody named. forwardedFor is the lines of that header in their order. An entry
// that is no address ends the walk at the proxy that passed it on. The answer has no zone, and IPv4-mapped IPv6 is
// IPv4.
func ClientAddress(peer netip.Addr, forwardedFor []string, proxies []netip.Prefix) netip.Addr {
	client := plain(peer)
	for _, line := range slices.Backward(forwardedFor) {
		for more := true; more; {
			if !named(client, proxies) {
				return client
			}
			var entry string
			line, entry, more = cutLast(line)
			next, ok := parseForwarded(entry)
			if !ok {
				return client
			}
			client = next
		}
	}
	return client
}

func named(addr netip.Addr, proxies []netip.Prefix) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return unmap(p).Contains(addr) })
}

func cutLast(line string) (rest, entry string, more bool) {
	if i := strings.LastIndexByte(line, ','); i >= 0 {
		return line[:i], line[i+1:], true
	}
	return "", line, false
}

// parseForwarded reads an address, with a port or without, IPv6 in brackets or without.
func parseForwarded(entry string) (netip.Addr, bool) {
	entry = strings.Trim(entry, " \t")
	if addrPort, err := netip.ParseAddrPort(entry); err == nil {
		return plain(addrPort.Addr()), true
	}
	if inner, ok := strings.CutPrefix(entry, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(inner, ":") {
			return netip.Addr{}, false
		}
		entry = inner
	}
	addr, err := netip.ParseAddr(entry)
	return plain(addr), err == nil
}
