package auth

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:f::/48")}

func TestClientAddress(t *testing.T) {
	tests := map[string]struct {
		peer  string
		lines []string
		want  string
	}{
		"no header":                             {"192.0.2.1", nil, "192.0.2.1"},
		"a stranger's header":                   {"192.0.2.1", []string{"198.51.100.1"}, "192.0.2.1"},
		"a stranger names a proxy":              {"192.0.2.1", []string{"10.0.0.1"}, "192.0.2.1"},
		"loopback is no proxy unless named":     {"127.0.0.1", []string{"198.51.100.1"}, "127.0.0.1"},
		"one proxy":                             {"10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		"a proxy without a header":              {"10.0.0.1", nil, "10.0.0.1"},
		"two proxies":                           {"10.0.0.1", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"forged from the left":                  {"10.0.0.1", []string{"203.0.113.1, 198.51.100.1"}, "198.51.100.1"},
		"forged as a proxy from the left":       {"10.0.0.1", []string{"10.0.0.9, 198.51.100.1"}, "198.51.100.1"},
		"forged in a line of its own":           {"10.0.0.1", []string{"203.0.113.1", "198.51.100.1"}, "198.51.100.1"},
		"lines are joined in order":             {"10.0.0.1", []string{"203.0.113.1, 198.51.100.1", "10.0.0.3, 10.0.0.2"}, "198.51.100.1"},
		"all are proxies":                       {"10.0.0.1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"garbage":                               {"10.0.0.1", []string{"unknown"}, "10.0.0.1"},
		"garbage behind a proxy":                {"10.0.0.1", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		"empty entry":                           {"10.0.0.1", []string{"198.51.100.1,"}, "10.0.0.1"},
		"empty line":                            {"10.0.0.1", []string{"198.51.100.1", ""}, "10.0.0.1"},
		"spaces and tabs":                       {"10.0.0.1", []string{" \t198.51.100.1\t "}, "198.51.100.1"},
		"with a port":                           {"10.0.0.1", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"a port that is none":                   {"10.0.0.1", []string{"198.51.100.1:99999"}, "10.0.0.1"},
		"IPv6":                                  {"10.0.0.1", []string{"2001:db8::1"}, "2001:db8::1"},
		"IPv6 in brackets":                      {"10.0.0.1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"IPv6 with a port":                      {"10.0.0.1", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		"IPv6 with a zone":                      {"10.0.0.1", []string{"fe80::1%eth0"}, "fe80::1"},
		"half a bracket":                        {"10.0.0.1", []string{"[2001:db8::1"}, "10.0.0.1"},
		"IPv4 in brackets":                      {"10.0.0.1", []string{"[198.51.100.1]"}, "10.0.0.1"},
		"leading zeros":                         {"10.0.0.1", []string{"198.051.100.001"}, "10.0.0.1"},
		"a name":                                {"10.0.0.1", []string{"localhost"}, "10.0.0.1"},
		"mapped peer":                           {"::ffff:192.0.2.1", nil, "192.0.2.1"},
		"mapped proxy":                          {"::ffff:10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		"mapped client":                         {"10.0.0.1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"mapped proxy in the header":            {"10.0.0.1", []string{"198.51.100.1, ::ffff:10.0.0.2"}, "198.51.100.1"},
		"IPv6 proxy with a zone":                {"2001:db8:f::1%eth0", []string{"198.51.100.1"}, "198.51.100.1"},
		"syntax of Forwarded is not understood": {"10.0.0.1", []string{"for=198.51.100.1"}, "10.0.0.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ClientAddress(netip.MustParseAddr(test.peer), test.lines, proxies)
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestNoProxiesNoHeader(t *testing.T) {
	got := ClientAddress(netip.MustParseAddr("10.0.0.1"), []string{"198.51.100.1"}, nil)
	if got.String() != "10.0.0.1" {
		t.Errorf("got %s, want the peer", got)
	}
	if got := ClientAddress(netip.Addr{}, []string{"198.51.100.1"}, proxies); got.IsValid() {
		t.Errorf("a peer without an address became %s", got)
	}
}

// Whatever stands left of what the proxy wrote changes nothing.
func TestClientCannotChooseItsAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		forged := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"10.0.0.1", "198.51.100.9", "[::1]", "unknown", ""}))).Draw(t, "forged")
		header := strings.Join(append(forged, "203.0.113.5"), ",")
		lines := []string{header}
		if cut := strings.IndexByte(header, ','); cut >= 0 && rapid.Bool().Draw(t, "two lines") {
			lines = []string{header[:cut], header[cut+1:]}
		}
		if got := ClientAddress(netip.MustParseAddr("10.0.0.1"), lines, proxies); got.String() != "203.0.113.5" {
			t.Fatalf("%q gives %s", lines, got)
		}
	})
}
