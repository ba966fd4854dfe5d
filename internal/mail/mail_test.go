package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// server is a mail server that takes one mail and remembers what was said to it.
type server struct {
	listener net.Listener
	security *tls.Config // nil: no STARTTLS
	whole    bool        // TLS from the first octet
	refuse   string      // the command that is refused
	lines    chan []string
}

func start(t *testing.T, s *server) *server {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.lines = make(chan []string, 1)
	done := make(chan struct{})
	go func() { defer close(done); s.serve() }()
	t.Cleanup(func() { _ = s.listener.Close(); <-done })
	return s
}

func (s *server) serve() {
	connection, err := s.listener.Accept()
	if err != nil {
		return
	}
	defer func() { _ = connection.Close() }()
	if s.whole {
		connection = tls.Server(connection, s.security)
	}
	var said []string
	defer func() { s.lines <- said }()
	in, secure := bufio.NewScanner(connection), s.whole
	fmt.Fprint(connection, "220 test ESMTP\r\n")
	for in.Scan() {
		line := in.Text()
		said = append(said, line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case verb == s.refuse:
			fmt.Fprint(connection, "550 no\r\n")
		case verb == "EHLO" && s.security != nil && !secure:
			fmt.Fprint(connection, "250-test\r\n250 STARTTLS\r\n")
		case verb == "EHLO":
			fmt.Fprint(connection, "250-test\r\n250 AUTH PLAIN\r\n")
		case verb == "STARTTLS":
			fmt.Fprint(connection, "220 go\r\n")
			connection = tls.Server(connection, s.security)
			in, secure = bufio.NewScanner(connection), true
			said = append(said, "(secure)")
		case verb == "AUTH":
			fmt.Fprint(connection, "235 ok\r\n")
		case verb == "DATA":
			fmt.Fprint(connection, "354 go\r\n")
			for in.Scan() && in.Text() != "." {
				said = append(said, in.Text())
			}
			fmt.Fprint(connection, "250 taken\r\n")
		case verb == "QUIT":
			fmt.Fprint(connection, "221 bye\r\n")
			return
		default:
			fmt.Fprint(connection, "250 ok\r\n")
		}
	}
}

// certificate is one of 127.0.0.1, and who trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

func (s *server) send(t *testing.T, o Options) error {
	t.Helper()
	o.Server, o.From = s.listener.Addr().String(), "Staffetta <no-reply@example.com>"
	sender, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return sender.Send(t.Context(), "ada@example.com", "Perché no?", "One\n.\n"+strings.Repeat("é ", 100)+"\n")
}

func TestMailIsTaken(t *testing.T) {
	security, roots := certificate(t)
	for name, test := range map[string]struct {
		server  *server
		options Options
	}{
		"plain on this machine": {&server{}, Options{}},
		"STARTTLS":              {&server{security: security}, Options{Roots: roots, Username: "u", Password: "s3cret"}},
		"TLS":                   {&server{security: security, whole: true}, Options{Roots: roots, TLS: true, Username: "u", Password: "s3cret"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, test.server)
			if err := s.send(t, test.options); err != nil {
				t.Fatal(err)
			}
			lines := <-s.lines
			check(t, lines, test.options.Username != "")
		})
	}
}

// check reads the mail back as a reader of mail does.
func check(t *testing.T, lines []string, login bool) {
	t.Helper()
	all := strings.Join(lines, "\r\n")
	if want := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00u\x00s3cret")); login != strings.Contains(all, want) {
		t.Errorf("%q", all)
	}
	if !strings.Contains(all, "MAIL FROM:<no-reply@example.com>") || !strings.Contains(all, "RCPT TO:<ada@example.com>") {
		t.Errorf("%q", all)
	}
	_, text, _ := strings.Cut(all, "DATA\r\n")
	message, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil || subject != "Perché no?" || message.Header.Get("From") != `"Staffetta" <no-reply@example.com>` || message.Header.Get("Message-Id") == "" {
		t.Errorf("%q %v %v", subject, message.Header, err)
	}
	if date, err := message.Header.Date(); err != nil || time.Since(date) > time.Minute {
		t.Error(date, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if want := "One\r\n..\r\n" + strings.Repeat("é ", 100) + "\r\n"; err != nil || !strings.HasPrefix(string(body), want) {
		t.Errorf("%q, error %v", body, err)
	}
}

func TestMailIsRefused(t *testing.T) {
	security, _ := certificate(t)
	for name, test := range map[string]struct {
		server  *server
		options Options
	}{
		"a certificate that nobody trusts": {&server{security: security}, Options{Username: "u", Password: "s3cret"}},
		"the recipient":                    {&server{refuse: "RCPT"}, Options{}},
		"the sender":                       {&server{refuse: "MAIL"}, Options{}},
		"the mail":                         {&server{refuse: "DATA"}, Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, test.server)
			err := s.send(t, test.options)
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v", err)
			}
			if said := strings.Join(<-s.lines, "\n"); strings.Contains(said, "AUTH") {
				t.Errorf("the password went out: %q", said)
			}
		})
	}
}

// A server elsewhere without STARTTLS gets nothing.
func TestNothingGoesInTheClear(t *testing.T) {
	s := start(t, &server{})
	sender, err := New(Options{Server: s.listener.Addr().String(), From: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	sender.host = "mail.example.com"
	if err := sender.Send(t.Context(), "ada@example.com", "s", "t"); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("error %v", err)
	}
	if said := strings.Join(<-s.lines, "\n"); strings.Contains(said, "MAIL") {
		t.Errorf("%q", said)
	}
}

func TestLineBreaksAreRefused(t *testing.T) {
	sender, err := New(Options{Server: "127.0.0.1:1", From: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][2]string{{"a@example.com\r\nBcc: b@example.com", "s"}, {"a@example.com", "s\nBcc: b@example.com"}} {
		if err := sender.Send(t.Context(), wrong[0], wrong[1], "t"); err == nil || !strings.Contains(err.Error(), "line break") {
			t.Errorf("error %v", err)
		}
	}
	for _, wrong := range []Options{{Server: "x", From: "a@example.com"}, {Server: "x:1", From: "nobody"}} {
		if _, err := New(wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
