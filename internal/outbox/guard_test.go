package outbox

import (
	"net/netip"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestGuard(t *testing.T) {
	for address, public := range map[string]bool{
		"8.8.8.8": true, "93.184.216.34": true, "2606:4700::1111": true, "2a00:1450:4001::1": true, "172.32.0.1": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.255.255.254": false, "::1": false, // loopback
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fd00::1": false, "fc00::1": false, // private
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, // link-local, and what clouds keep there
		"100.64.0.1": false, "100.127.255.255": false, // CGNAT
		"64:ff9b::7f00:1": false, "64:ff9b::808:808": false, "64:ff9b:1::a00:1": false, // NAT64
		"2002:7f00:1::": false, "2002:a00:1::1": false, "192.88.99.1": false, // 6to4
		"2001:0:a00:1::1": false, "2001::1": false, // Teredo
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": false, "::127.0.0.1": false, // IPv4 in IPv6
		"0.0.0.0": false, "::": false, "0.1.2.3": false, "255.255.255.255": false, "240.0.0.1": false,
		"224.0.0.1": false, "ff02::1": false, // multicast
		"192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false, "2001:db8::1": false, "3fff::1": false, // documentation
		"198.18.0.1": false, "192.0.0.1": false, "fec0::1": false, "100::1": false, "5f00::1": false,
	} {
		if got := newGuard().permits(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s: permitted %v", address, got)
		}
		dialed := netip.AddrPortFrom(netip.MustParseAddr(address), 8443).String()
		if err := newGuard().control("tcp6", dialed, nil); (err == nil) != public {
			t.Errorf("%s: %v", dialed, err)
		}
	}
	if newGuard().control("udp4", "8.8.8.8:443", nil) == nil || newGuard().control("tcp4", "example.com:443", nil) == nil {
		t.Error("what is no address of TCP was permitted")
	}
}

func TestURLs(t *testing.T) {
	h := NewHooks(nil, nil, false)
	trying := NewHooks(nil, nil, true)
	for url, want := range map[string][2]bool{
		"https://example.com/sms":           {true, true},
		"https://example.com:8443/sms?a=b":  {true, true},
		"http://example.com/sms":            {false, true},
		"http://localhost:3000":             {false, true},
		"https://localhost/":                {false, true},
		"https://LOCALHOST/":                {false, true},
		"https://127.0.0.1/":                {false, true},
		"https://[::1]/":                    {false, true},
		"https://[::ffff:169.254.169.254]/": {false, true},
		"https://8.8.8.8/":                  {true, true},
		"ftp://example.com":                 {false, false},
		"file:///etc/passwd":                {false, false},
		"https://user:pass@example.com/":    {false, false},
		"https://example.com/#a":            {false, false},
		"https:///path":                     {false, false},
		"https://exa mple.com/":             {false, false},
		"https://example.com/\n":            {false, false},
		"example.com":                       {false, false},
		"":                                  {false, false},
	} {
		for i, hooks := range []*Hooks{h, trying} {
			err := hooks.check(url)
			if (err == nil) != want[i] {
				t.Errorf("%q: %v", url, err)
			}
			if err != nil && sms.CodeOf(err) != sms.Invalid {
				t.Errorf("%q: %v names no field", url, err)
			}
		}
	}
}
