package auth

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

var errAllowEntry = errors.New("must be an IPv4 or IPv6 address or a CIDR range, such as 203.0.113.7 or 2001:db8::/32")

// ParseAllowEntry reads an address or a CIDR range. Bits past the prefix are cut, IPv4-mapped IPv6 becomes IPv4; a
// zone, which means something on one link only, is refused. The error is for the caller.
func ParseAllowEntry(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, errAllowEntry
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errAllowEntry
	}
	if prefix = unmap(prefix); !prefix.IsValid() {
		return netip.Prefix{}, errAllowEntry
	}
	return prefix.Masked(), nil
}

// unmap makes an IPv4 prefix of an IPv4-mapped one; one that reaches beyond the mapped addresses becomes invalid.
func unmap(prefix netip.Prefix) netip.Prefix {
	if addr := prefix.Addr(); addr.Is4In6() {
		return netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return prefix
}

// Permits reports whether a list lets an address in: a list that is not enabled lets in everybody, one that is
// enabled and empty nobody.
func Permits(list sms.AllowList, addr netip.Addr) bool {
	return !list.Enabled || Matching(list, addr) != nil
}

// Matching is the first entry of a list that has an address, whether the list is enabled or not; nil: none has it.
func Matching(list sms.AllowList, addr netip.Addr) *sms.AllowEntry {
	addr = plain(addr)
	for i := range list.Entries {
		if unmap(list.Entries[i].Prefix).Contains(addr) {
			return &list.Entries[i]
		}
	}
	return nil
}

// plain is the one form in which addresses are compared.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }
