package config

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
)

// setting is one setting: its key in the file, its name as a flag (listen → --listen) and as a variable
// (STAFFETTA_LISTEN), and where it stands in the Config.
type setting struct {
	key   string
	name  string
	path  bool                // a relative one in the file is taken from the file's folder
	field func(c *Config) any // *string, *bool, *int64 or *[]string
}

// settings lists all of them, in the order of the documentation.
var settings = [...]setting{
	{key: "data", name: "data", path: true, field: func(c *Config) any { return &c.Data }},
	{key: "database", name: "database", field: func(c *Config) any { return &c.Database }},
	{key: "secret_file", name: "secret-file", path: true, field: func(c *Config) any { return &c.SecretFile }},
	{key: "http.listen", name: "listen", field: func(c *Config) any { return &c.HTTP.Listen }},
	{key: "http.tls_cert", name: "tls-cert", path: true, field: func(c *Config) any { return &c.HTTP.TLSCert }},
	{key: "http.tls_key", name: "tls-key", path: true, field: func(c *Config) any { return &c.HTTP.TLSKey }},
	{key: "http.insecure_http", name: "insecure-http", field: func(c *Config) any { return &c.HTTP.InsecureHTTP }},
	{key: "http.trusted_proxies", name: "trusted-proxies", field: func(c *Config) any { return &c.HTTP.TrustedProxies }},
	{key: "smpp.listen", name: "smpp-listen", field: func(c *Config) any { return &c.SMPP.Listen }},
	{key: "smpp.tls_listen", name: "smpps-listen", field: func(c *Config) any { return &c.SMPP.TLSListen }},
	{key: "smpp.tls_cert", name: "smpp-tls-cert", path: true, field: func(c *Config) any { return &c.SMPP.TLSCert }},
	{key: "smpp.tls_key", name: "smpp-tls-key", path: true, field: func(c *Config) any { return &c.SMPP.TLSKey }},
	{key: "limits.max_backlog", name: "max-backlog", field: func(c *Config) any { return &c.Limits.MaxBacklog }},
	{key: "metrics.listen", name: "metrics-listen", field: func(c *Config) any { return &c.Metrics.Listen }},
	{key: "webhook.allow_private", name: "webhook-allow-private", field: func(c *Config) any { return &c.Webhook.AllowPrivate }},
	{key: "lookup.url", name: "lookup-url", field: func(c *Config) any { return &c.Lookup.URL }},
	{key: "lookup.key_header", name: "lookup-key-header", field: func(c *Config) any { return &c.Lookup.KeyHeader }},
	{key: "lookup.key", name: "lookup-key", field: func(c *Config) any { return &c.Lookup.Key }},
	{key: "lookup.key_file", name: "lookup-key-file", path: true, field: func(c *Config) any { return &c.Lookup.KeyFile }},
	{key: "lookup.fields", name: "lookup-fields", field: func(c *Config) any { return &c.Lookup.Fields }},
	{key: "lookup.timeout_seconds", name: "lookup-timeout-seconds", field: func(c *Config) any { return &c.Lookup.Timeout }},
	{key: "lookup.keep_seconds", name: "lookup-keep-seconds", field: func(c *Config) any { return &c.Lookup.Keep }},
	{key: "console.url", name: "console-url", field: func(c *Config) any { return &c.Console.URL }},
	{key: "mail.smtp", name: "mail-smtp", field: func(c *Config) any { return &c.Mail.SMTP }},
	{key: "mail.from", name: "mail-from", field: func(c *Config) any { return &c.Mail.From }},
	{key: "mail.username", name: "mail-username", field: func(c *Config) any { return &c.Mail.Username }},
	{key: "mail.password_file", name: "mail-password-file", path: true, field: func(c *Config) any { return &c.Mail.PasswordFile }},
	{key: "mail.tls", name: "mail-tls", field: func(c *Config) any { return &c.Mail.TLS }},
	{key: "oidc.issuer", name: "oidc-issuer", field: func(c *Config) any { return &c.OIDC.Issuer }},
	{key: "oidc.client_id", name: "oidc-client-id", field: func(c *Config) any { return &c.OIDC.ClientID }},
	{key: "oidc.client_secret_file", name: "oidc-client-secret-file", path: true, field: func(c *Config) any { return &c.OIDC.ClientSecretFile }},
	{key: "oidc.name", name: "oidc-name", field: func(c *Config) any { return &c.OIDC.Name }},
	{key: "log.level", name: "log-level", field: func(c *Config) any { return &c.Log.Level }},
	{key: "log.format", name: "log-format", field: func(c *Config) any { return &c.Log.Format }},
}

func (s setting) flag() string { return "--" + s.name }

func (s setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// read sets it from the text of a flag or a variable.
func (s setting) read(c *Config, text string) error {
	switch field := s.field(c).(type) {
	case *string:
		*field = text
	case *bool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("must be true or false")
		}
		*field = on
	case *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return errors.New("must be a whole number")
		}
		*field = n
	case *[]string:
		*field = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return nil
}

// anchor takes a relative path of the file from the file's folder, wherever the program was started.
func (s setting) anchor(c *Config, folder string) {
	if field, ok := s.field(c).(*string); ok && s.path && *field != "" && !filepath.IsAbs(*field) {
		*field = filepath.Join(folder, *field)
	}
}

func keys() []string {
	all := make([]string, 0, len(settings))
	for _, s := range settings {
		all = append(all, s.key)
	}
	return all
}
