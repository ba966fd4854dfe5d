// Package mail hands one mail in plain text over to a mail server, by SMTP (RFC 5321).
//
// What comes in: an address, a subject and a text. What goes out: the mail, taken by the server when Send returns nil. It keeps no queue
// and tries no second time, logs nothing, and never sends password or mail in the clear to another machine.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"strings"
	"time"
)

// Options is the mail server, and who writes.
type Options struct {
	Server   string // host:port
	From     string // an address, with a name or without
	Username string // empty: none is asked for
	Password string
	TLS      bool           // from the first octet, as on port 465; else by STARTTLS (RFC 3207)
	Roots    *x509.CertPool // nil: those of the system
}

// Sender sends mail. Safe for concurrent use.
type Sender struct {
	options Options
	host    string
	from    *mail.Address
}

// patience is how long one mail may take, whatever the context says.
const patience = 20 * time.Second

// New makes a sender; the error names what is wrong with the options.
func New(options Options) (*Sender, error) {
	host, _, err := net.SplitHostPort(options.Server)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q must be a host and a port", options.Server)
	}
	from, err := mail.ParseAddress(options.From)
	if err != nil {
		return nil, fmt.Errorf("%q must be an email address", options.From)
	}
	return &Sender{options, host, from}, nil
}

// Send hands over one mail. to must be a plain address; a line break in it or in subject is an error.
func (s *Sender) Send(ctx context.Context, to, subject, text string) error {
	if strings.ContainsAny(to+subject, "\r\n") {
		return errors.New("a line break in an address or a subject")
	}
	message, err := s.written(to, subject, text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.options.Server, err)
	}
	defer client.Close()
	if err := s.deliver(client, to, message); err != nil {
		return fmt.Errorf("mail server %s: %w", s.options.Server, err)
	}
	return nil
}

// connect opens a connection that nobody else can read.
func (s *Sender) connect(ctx context.Context) (*smtp.Client, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.options.Server)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = connection.SetDeadline(deadline)
	}
	security := &tls.Config{ServerName: s.host, RootCAs: s.options.Roots, MinVersion: tls.VersionTLS12}
	if s.options.TLS {
		connection = tls.Client(connection, security)
	}
	client, err := smtp.NewClient(connection, s.host)
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	if err := s.secure(client, security); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

// secure turns the connection into one of TLS, unless it is one, or stays on this machine and the server has none.
func (s *Sender) secure(client *smtp.Client, security *tls.Config) error {
	if s.options.TLS {
		return nil
	}
	if ok, _ := client.Extension("STARTTLS"); ok {
		return client.StartTLS(security)
	}
	if loopback(s.host) {
		return nil
	}
	return errors.New("it offers no STARTTLS, and nothing is sent in the clear")
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

func (s *Sender) deliver(client *smtp.Client, to string, message []byte) error {
	if s.options.Username != "" {
		if err := client.Auth(smtp.PlainAuth("", s.options.Username, s.options.Password, s.host)); err != nil {
			return err
		}
	}
	if err := client.Mail(s.from.Address); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(message); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	_ = client.Quit() // it has the mail
	return nil
}

// written is the mail as it goes over the line, RFC 5322 and RFC 2045.
func (s *Sender) written(to, subject, text string) ([]byte, error) {
	var message bytes.Buffer
	_, domain, _ := strings.Cut(s.from.Address, "@")
	for _, header := range [][2]string{
		{"From", s.from.String()}, {"To", (&mail.Address{Address: to}).String()}, {"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", time.Now().Format(time.RFC1123Z)}, {"Message-ID", "<" + rand.Text() + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, {"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&message, "%s: %s\r\n", header[0], header[1])
	}
	message.WriteString("\r\n")
	body := quotedprintable.NewWriter(&message)
	if _, err := body.Write([]byte(text)); err != nil {
		return nil, err
	}
	return message.Bytes(), body.Close()
}
