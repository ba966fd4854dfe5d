package smpp

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// authority signs certificates for the tests.
type authority struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newAuthority writes its own certificate to ca.pem.
func newAuthority(t *testing.T) *authority {
	a := &authority{folder: t.TempDir()}
	a.certificate = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.key = a.sign(t, "ca", a.certificate, nil)
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.folder, name+".pem") }

// sign writes name.pem and name-key.pem; without a parent's key the certificate is its own.
func (a *authority) sign(t *testing.T, name string, c *x509.Certificate, parent *ecdsa.PrivateKey) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent = key
	}
	signed, err := x509.CreateCertificate(rand.Reader, c, a.certificate, &key.PublicKey, parent)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name: {Type: "CERTIFICATE", Bytes: signed}, name + "-key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(a.path(file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return key
}

// issue makes a certificate for a DNS name, or for 127.0.0.1 when there is none.
func (a *authority) issue(t *testing.T, name, dns string) {
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}; dns != "" {
		c.IPAddresses, c.DNSNames = nil, []string{dns}
	}
	a.sign(t, name, c, a.key)
}

// listen is a scripted SMSC behind TLS with the certificate of that name; it wants one of the authority from its
// clients when mutual.
func (a *authority) listen(t *testing.T, name string, mutual bool) (*smpptest.SMSC, string) {
	t.Helper()
	own, err := tls.LoadX509KeyPair(a.path(name), a.path(name+"-key"))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	if mutual {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		ca, err := os.ReadFile(a.path("ca"))
		if err != nil || !config.ClientCAs.AppendCertsFromPEM(ca) {
			t.Fatal(err)
		}
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	smsc, accepting := smpptest.NewSMSCWithoutListener(t), make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			smsc.ServeConn(conn)
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-accepting })
	return smsc, listener.Addr().String()
}

func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

// Which certificates are taken, and that nobody else sees a password.
func TestTrust(t *testing.T) {
	good, stranger := newAuthority(t), newAuthority(t)
	good.issue(t, "host", "")
	good.issue(t, "other", "smsc.example.net")
	good.issue(t, "client", "client.example")
	stranger.issue(t, "client", "client.example")
	for name, c := range map[string]struct {
		certificate string
		mutual      bool
		parameters  string
		trouble     string // empty: bound
	}{
		"own authority":                {"host", false, query("tls_ca", good.path("ca")), ""},
		"authorities of the system":    {"host", false, "", "unknown authority"},
		"another authority":            {"host", false, query("tls_ca", stranger.path("ca")), "unknown authority"},
		"another name":                 {"other", false, query("tls_ca", good.path("ca")), "127.0.0.1"},
		"another name that is known":   {"other", false, query("tls_ca", good.path("ca"), "tls_server_name", "smsc.example.net"), ""},
		"another name than the known":  {"host", false, query("tls_ca", good.path("ca"), "tls_server_name", "smsc.example.net"), "smsc.example.net"},
		"no verification":              {"other", false, "tls_verify=off", ""},
		"client certificate":           {"host", true, query("tls_ca", good.path("ca"), "tls_cert", good.path("client"), "tls_key", good.path("client-key")), ""},
		"no client certificate":        {"host", true, query("tls_ca", good.path("ca")), "certificate required"},
		"client certificate of others": {"host", true, query("tls_ca", good.path("ca"), "tls_cert", stranger.path("client"), "tls_key", stranger.path("client-key")), "tls: "},
		"no such file":                 {"host", false, query("tls_ca", good.path("absent")), "tls_ca: open "},
		"a file of something else":     {"host", false, query("tls_ca", good.path("host-key")), "tls_ca: no certificate in PEM form"},
		"a key of something else":      {"host", true, query("tls_cert", good.path("client"), "tls_key", good.path("host-key")), "tls_cert, tls_key: "},
	} {
		t.Run(name, func(t *testing.T) {
			smsc, address := good.listen(t, c.certificate, c.mutual)
			w := start(t, "smpps://esme:hunter2@"+address+"?"+c.parameters, nil)
			if c.trouble == "" {
				if got := await(t, await(t, w.sessions).submit(t.Context(), message("x"))); got.Verdict != dispatch.Accepted {
					t.Errorf("%+v", got)
				}
				return
			}
			state := awaitState(t, w.carrier, func(s State) bool { return s.LastError != "" })
			if state.Bound != 0 || !strings.Contains(state.LastError, c.trouble) {
				t.Errorf("%+v", state)
			}
			if n := len(smsc.Frames(smpp.CommandBindTransceiver)); n != 0 {
				t.Error("a password went to a stranger")
			}
		})
	}
}

// A renewed certificate counts at the next bind, without a restart.
func TestTrust_files_are_read_again(t *testing.T) {
	a := newAuthority(t)
	a.issue(t, "host", "")
	_, address := a.listen(t, "host", false)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	w := start(t, "smpps://esme@"+address+"?"+query("tls_ca", ca), nil)
	awaitState(t, w.carrier, func(s State) bool { return strings.Contains(s.LastError, "no such file") })
	if err := os.Rename(a.path("ca"), ca); err != nil {
		t.Fatal(err)
	}
	await(t, w.sessions)
}

// Without verification, each bind says so aloud.
func TestTrust_off_is_said_aloud(t *testing.T) {
	a := newAuthority(t)
	a.issue(t, "host", "")
	_, address := a.listen(t, "host", false)
	var log bytes.Buffer
	w := start(t, "smpps://esme@"+address+"?tls_verify=off", func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	await(t, w.sessions)
	w.stop()
	if !strings.Contains(log.String(), `level=WARN msg="TLS IS NOT VERIFIED`) {
		t.Errorf("the log:\n%s", log.String())
	}
	for text, want := range map[string]bool{"smpps://e@h?tls_verify=off": true, "smpps://e@h": false, "smpp://e@h": false} {
		a, err := ParseAddress(text)
		if err != nil || (a.Warning() != "") != want {
			t.Errorf("%s: %q, %v", text, a.Warning(), err)
		}
	}
}
