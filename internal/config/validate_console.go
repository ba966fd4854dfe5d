package config

import (
	"net/mail"
	"net/url"
)

// console checks where browsers find it. A name that everybody reaches is not reached in the clear, unless it is this machine.
func (l *loader) console() error {
	if l.config.Console.URL == "" {
		return nil
	}
	u, err := url.Parse(l.config.Console.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || (u.Path != "" && u.Path != "/") {
		return l.wrong("console.url", "must be the URL of the server without a path, such as https://sms.example.com")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return l.wrong("console.url", "must begin with https://: browsers keep nobody signed in over plain HTTP")
	}
	return nil
}

func (l *loader) mail() error {
	m := l.config.Mail
	if m.TLS != "starttls" && m.TLS != "tls" {
		return l.wrong("mail.tls", "%q must be starttls or tls", m.TLS)
	}
	if m.SMTP == "" {
		if m.From != "" {
			return l.wrong("mail.from", "needs mail.smtp too: the mail server")
		}
		return nil
	}
	if host, err := splitListen(m.SMTP); err != nil || host == "" {
		return l.wrong("mail.smtp", "%q must be a host and a port, such as mail.example.com:587", m.SMTP)
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return l.wrong("mail.from", "must be the email address that writes, such as staffetta@example.com")
	}
	if (m.Username == "") != (m.PasswordFile == "") {
		return l.wrong("mail.username", "goes together with mail.password_file")
	}
	if l.config.Console.URL == "" {
		return l.wrong("mail.smtp", "needs --console-url too: mail has links to the console")
	}
	return nil
}

func (l *loader) oidc() error {
	o := l.config.OIDC
	if o.Issuer == "" {
		if o.ClientID != "" {
			return l.wrong("oidc.client_id", "needs oidc.issuer too: the URL of the provider")
		}
		return nil
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return l.wrong("oidc.issuer", "must be an https URL, as the provider writes it")
	}
	if o.ClientID == "" || o.Name == "" {
		return l.wrong("oidc.issuer", "needs oidc.client_id too, and oidc.name is what the button says")
	}
	if l.config.Console.URL == "" {
		return l.wrong("oidc.issuer", "needs --console-url too: the provider sends people back there")
	}
	return nil
}
