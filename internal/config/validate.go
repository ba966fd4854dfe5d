package config

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// validate checks what the sources add up to.
func (l *loader) validate(place bool) error {
	checks := []func() error{l.store, l.door, l.tls, l.smpp, l.proxies, l.limits, l.metrics, l.lookup, l.console, l.mail, l.oidc, l.log}
	if place {
		checks = checks[:1]
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) store() error {
	c := l.config
	if c.Data == "" {
		return l.wrong("data", "must be a folder")
	}
	if c.SecretFile != "" && c.secret != "" {
		return l.wrong("secret_file", "is set, and %sSECRET is set too: leave one out", prefix)
	}
	if c.Database == "" {
		return nil
	}
	if u, err := url.Parse(c.Database); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") { // err holds the password
		return l.wrong("database", "must be a URL such as postgres://user@host/name")
	}
	if _, both := l.origin["data"]; both {
		return l.wrong("data", "is set, and a database is set too: leave one out")
	}
	if c.SecretFile == "" && c.secret == "" {
		return l.wrong("database", "needs --secret-file or %sSECRET too: everything that shares a database shares one secret", prefix)
	}
	return nil
}

func (l *loader) door() error {
	h := l.config.HTTP
	host, err := splitListen(h.Listen)
	if err != nil {
		return l.wrong("http.listen", "%w", err)
	}
	if !h.TLS() && !h.InsecureHTTP && !loopback(host) {
		return l.wrong("http.listen", "%s is not a loopback address: passwords would cross the network in the clear; "+
			"set --tls-cert and --tls-key, or --insecure-http when a proxy in front speaks TLS", h.Listen)
	}
	return nil
}

func (l *loader) tls() error {
	h := l.config.HTTP
	return l.pair(keyFile{"http.tls_cert", "--tls-cert", h.TLSCert}, keyFile{"http.tls_key", "--tls-key", h.TLSKey})
}

// keyFile is the setting of a file of a certificate or of its key.
type keyFile struct{ key, flag, name string }

// pair checks that both files are named, or none, and that they are there.
func (l *loader) pair(cert, key keyFile) error {
	if cert.name != "" && key.name == "" {
		return l.wrong(cert.key, "needs %s too", key.flag)
	}
	if key.name != "" && cert.name == "" {
		return l.wrong(key.key, "needs %s too", cert.flag)
	}
	for _, file := range []keyFile{cert, key} {
		if file.name == "" {
			continue
		}
		if info, err := os.Stat(file.name); err != nil || info.IsDir() {
			return l.wrong(file.key, "there is no file %s", file.name)
		}
	}
	return nil
}

func (l *loader) smpp() error {
	s := l.config.SMPP
	for _, listen := range []struct{ key, address string }{{"smpp.listen", s.Listen}, {"smpp.tls_listen", s.TLSListen}} {
		if listen.address == "" {
			continue
		}
		if _, err := splitListen(listen.address); err != nil {
			return l.wrong(listen.key, "%w", err)
		}
	}
	if err := l.pair(keyFile{"smpp.tls_cert", "--smpp-tls-cert", s.TLSCert}, keyFile{"smpp.tls_key", "--smpp-tls-key", s.TLSKey}); err != nil {
		return err
	}
	if s.TLSListen != "" && s.TLSCert == "" && !l.config.HTTP.TLS() {
		return l.wrong("smpp.tls_listen", "needs a certificate: --smpp-tls-cert and --smpp-tls-key, or --tls-cert and --tls-key for HTTP too")
	}
	return nil
}

func (l *loader) proxies() error {
	for _, entry := range l.config.HTTP.TrustedProxies {
		proxy, err := parsePrefix(entry)
		if err != nil {
			return l.wrong("http.trusted_proxies", "%q must be an IP address or a range such as 10.0.0.0/8", entry)
		}
		l.config.HTTP.Proxies = append(l.config.HTTP.Proxies, proxy)
	}
	return nil
}

// mostBacklog keeps the sum of what waits and what comes far from overflowing.
const mostBacklog = 1_000_000_000

func (l *loader) limits() error {
	if n := l.config.Limits.MaxBacklog; n < 1 || n > mostBacklog {
		return l.wrong("limits.max_backlog", "must be 1 to %d messages", mostBacklog)
	}
	return nil
}

func (l *loader) metrics() error {
	if l.config.Metrics.Listen == "" {
		return nil
	}
	if _, err := splitListen(l.config.Metrics.Listen); err != nil {
		return l.wrong("metrics.listen", "%w", err)
	}
	return nil
}

func (l *loader) log() error {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.config.Log.Level) {
		return l.wrong("log.level", "%q must be debug, info, warn or error", l.config.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, l.config.Log.Format) {
		return l.wrong("log.format", "%q must be text or json", l.config.Log.Format)
	}
	return nil
}

type listenError string

func (e listenError) Error() string {
	return strconv.Quote(string(e)) + " must be an address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8443"
}

func splitListen(address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", listenError(address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", listenError(address)
	}
	return host, nil
}

// loopback reports whether nobody else can reach a host; an unknown name counts as reachable.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// parsePrefix reads an address or a range; IPv4 written as IPv6 is IPv4.
func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		address = address.Unmap().WithZone("")
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	parsed, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if parsed.Addr().Is4In6() && parsed.Bits() >= 96 {
		parsed = netip.PrefixFrom(parsed.Addr().Unmap(), parsed.Bits()-96)
	}
	return parsed.Masked(), nil
}

func (l *loader) lookup() error {
	c := l.config.Lookup
	if c.URL != "" {
		u, err := url.Parse(strings.ReplaceAll(c.URL, "{msisdn}", "0"))
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || !strings.Contains(c.URL, "{msisdn}") {
			return l.wrong("lookup.url", "must be a URL with {msisdn} in it, such as https://lookup.example.com/v1/{msisdn}")
		}
	}
	if c.Key != "" && c.KeyFile != "" {
		return l.wrong("lookup.key_file", "is set, and lookup.key is set too: leave one out")
	}
	if (c.Key != "" || c.KeyFile != "") && c.KeyHeader == "" {
		return l.wrong("lookup.key_header", "is needed with a key: the header under which it is sent, such as X-Api-Key")
	}
	if c.Timeout < 1 || c.Timeout > 30 {
		return l.wrong("lookup.timeout_seconds", "must be 1 to 30")
	}
	if c.Keep < 0 || c.Keep > 30*86_400 {
		return l.wrong("lookup.keep_seconds", "must be 0 to %d", 30*86_400)
	}
	return nil
}
