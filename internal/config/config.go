// Package config says how a server is set up.
//
// What comes in: one strict TOML file, STAFFETTA_* variables and flags; a flag goes before a variable, a variable
// before the file, the file before the default. What goes out: one Config that is complete and valid, or an error
// that names the setting, where it was written, and what it must be. It never opens a socket or a database, and
// never prints a secret.
package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// Config is all settings. The tags are the keys of the file.
type Config struct {
	Data       string  `toml:"data"`        // the data folder
	Database   string  `toml:"database"`    // postgres://…; empty: SQLite in the data folder
	SecretFile string  `toml:"secret_file"` // empty: DATA/secret; with a database it or STAFFETTA_SECRET is needed
	HTTP       HTTP    `toml:"http"`
	SMPP       SMPP    `toml:"smpp"`
	Limits     Limits  `toml:"limits"`
	Metrics    Metrics `toml:"metrics"`
	Webhook    Webhook `toml:"webhook"`
	Lookup     Lookup  `toml:"lookup"`
	Console    Console `toml:"console"`
	Mail       Mail    `toml:"mail"`
	OIDC       OIDC    `toml:"oidc"`
	Log        Log     `toml:"log"`

	secret string // STAFFETTA_SECRET
}

// Where names the place of the data for people and logs: the folder, or the database without user and password.
func (c *Config) Where() string {
	if c.Database == "" {
		return c.Data
	}
	u, err := url.Parse(c.Database)
	if err != nil { // not after Load
		return "postgres://"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// HTTP is the door for customers.
type HTTP struct {
	Listen         string   `toml:"listen"`
	TLSCert        string   `toml:"tls_cert"`
	TLSKey         string   `toml:"tls_key"`
	InsecureHTTP   bool     `toml:"insecure_http"` // plain HTTP on other addresses than loopback
	TrustedProxies []string `toml:"trusted_proxies"`

	Proxies []netip.Prefix `toml:"-"` // TrustedProxies, parsed
}

// TLS reports whether the door speaks HTTPS.
func (h HTTP) TLS() bool { return h.TLSCert != "" }

// SMPP is the door for customers who speak SMPP.
type SMPP struct {
	Listen    string `toml:"listen"`     // plain; empty: none
	TLSListen string `toml:"tls_listen"` // TLS; empty: none
	TLSCert   string `toml:"tls_cert"`   // empty: that of HTTP
	TLSKey    string `toml:"tls_key"`
}

// InTheClear reports whether passwords may cross a network in plain text: the field's usual way, but worth a warning.
func (s SMPP) InTheClear() bool {
	host, err := splitListen(s.Listen)
	return s.Listen != "" && err == nil && !loopback(host)
}

// Limits are how much the server takes.
type Limits struct {
	MaxBacklog int64 `toml:"max_backlog"` // messages that may wait for their carriers or their date
}

// Metrics is where Prometheus reads.
type Metrics struct {
	Listen string `toml:"listen"` // empty: on the HTTP door, for loopback clients only
}

// Webhook is how events leave.
type Webhook struct {
	AllowPrivate bool `toml:"allow_private"` // http, and addresses inside of a network, for trying out
}

// Lookup is who says in which network a number is.
type Lookup struct {
	URL       string   `toml:"url"`        // of a provider that answers GET with JSON; {msisdn} becomes the digits; empty: none
	KeyHeader string   `toml:"key_header"` // the header under which the key is sent
	Key       string   `toml:"key"`        // better in STAFFETTA_LOOKUP_KEY, or
	KeyFile   string   `toml:"key_file"`   // in a file
	Fields    []string `toml:"fields"`     // where each member stands in the answer: mcc=network.mcc
	Timeout   int64    `toml:"timeout_seconds"`
	Keep      int64    `toml:"keep_seconds"` // how long an answer is kept
}

// Secret is the key of the provider.
func (l Lookup) Secret() (string, error) {
	if l.KeyFile == "" {
		return l.Key, nil
	}
	return secretFrom("lookup.key_file", l.KeyFile)
}

// Console is the pages for people.
type Console struct {
	URL string `toml:"url"` // where browsers find it, for links in mail and for single sign-on; empty: where the server listens
}

// Mail is who takes invitations and resets of passwords to people; without it they are shown to who made them.
type Mail struct {
	SMTP         string `toml:"smtp"` // host:port; empty: nothing is mailed
	From         string `toml:"from"`
	Username     string `toml:"username"`
	PasswordFile string `toml:"password_file"`
	TLS          string `toml:"tls"` // starttls, or tls from the first octet
}

// Password is that of the mail server.
func (m Mail) Password() (string, error) { return secretFrom("mail.password_file", m.PasswordFile) }

// OIDC is a provider of single sign-on for the console.
type OIDC struct {
	Issuer           string `toml:"issuer"` // its URL; empty: none
	ClientID         string `toml:"client_id"`
	ClientSecretFile string `toml:"client_secret_file"`
	Name             string `toml:"name"` // as people call it
}

// ClientSecret is by which the provider knows this server.
func (o OIDC) ClientSecret() (string, error) {
	return secretFrom("oidc.client_secret_file", o.ClientSecretFile)
}

// secretFrom reads a file that a setting names; no file is no secret.
func secretFrom(key, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", key, name, plain(err))
	}
	return strings.TrimSpace(string(content)), nil
}

// Log is what is written to standard error.
type Log struct {
	Level  string `toml:"level"`
	Format string `toml:"format"`
}

// SlogLevel is the level as slog has it.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // validated; the zero level is info
	return level
}

func defaults() Config {
	return Config{
		Data:   "./data",
		HTTP:   HTTP{Listen: "127.0.0.1:8080"},
		Limits: Limits{MaxBacklog: 5_000_000},
		Lookup: Lookup{Timeout: 5, Keep: 86_400},
		Mail:   Mail{TLS: "starttls"},
		OIDC:   OIDC{Name: "single sign-on"},
		Log:    Log{Level: "info", Format: "text"},
	}
}
