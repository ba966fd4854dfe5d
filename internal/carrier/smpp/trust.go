package smpp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/staffetta/staffetta/internal/sms"
)

// Trust is how a carrier shows who it is over TLS, and how we do. Unless told otherwise the certificate must be for the
// host that was dialled, and signed by an authority that the system knows.
type Trust struct {
	CA         string // file of the authorities that count in place of the system's
	Cert, Key  string // files of our own certificate
	ServerName string // the name in the carrier's certificate, where that is not the host
	Verify     string // VerifyOn or VerifyOff
}

// The values of Trust.Verify. Without verification anybody in between can read and change everything, the password
// included.
const (
	VerifyOn  = "on"
	VerifyOff = "off"
)

// check refuses what contradicts itself.
func (t *Trust) check(overTLS bool) error {
	for _, p := range []struct {
		name string
		set  bool
	}{{"tls_ca", t.CA != ""}, {"tls_cert", t.Cert != ""}, {"tls_key", t.Key != ""}, {"tls_server_name", t.ServerName != ""},
		{"tls_verify", t.Verify != VerifyOn}} {
		if p.set && !overTLS {
			return sms.InvalidField(p.name, "is for an address that begins with smpps://")
		}
	}
	switch {
	case t.Cert != "" && t.Key == "":
		return sms.InvalidField("tls_key", "is missing: tls_cert needs the file of its key")
	case t.Key != "" && t.Cert == "":
		return sms.InvalidField("tls_cert", "is missing: tls_key needs the file of its certificate")
	case t.Verify == VerifyOff && (t.CA != "" || t.ServerName != ""):
		return sms.InvalidField("tls_verify", "must not be off together with tls_ca or tls_server_name, which say what to verify")
	}
	return nil
}

// config is what to do the handshake with. The files are read each time, so that a renewed certificate counts at the
// next bind.
func (t *Trust) config(base *tls.Config) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		config = base.Clone()
	}
	config.ServerName = t.ServerName // empty: the host that is dialled
	config.InsecureSkipVerify = t.Verify == VerifyOff
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("tls_ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("tls_ca: no certificate in PEM form in " + t.CA)
		}
	}
	if t.Cert != "" {
		own, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("tls_cert, tls_key: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

// Warning is what an operator should not overlook about an address; empty for the most part.
func (a *Address) Warning() string {
	if a.TLS && a.Trust.Verify == VerifyOff {
		return "TLS IS NOT VERIFIED (tls_verify=off): anybody in between can read the password and every message"
	}
	return ""
}
