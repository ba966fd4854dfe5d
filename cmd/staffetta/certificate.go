package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/config"
)

// certificateCheck is how often the files are looked at, at most.
const certificateCheck = time.Second

// certificate is a certificate and key that are read again when their files change. Nil speaks no TLS.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	checked time.Time
	stamp   string
	current *tls.Certificate
}

// newCertificate reads the files; nil when there are none.
func newCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	if cert == "" {
		return nil, nil
	}
	c := &certificate{cert: cert, key: key, log: log, checked: time.Now()}
	c.stamp = c.stampOfFiles()
	return c, c.load()
}

// certificates are those of the doors.
type certificates struct {
	http *certificate // nil: plain HTTP
	smpp *certificate // of the TLS port; that of HTTP unless there is one of its own
}

func newCertificates(cfg *config.Config, log *slog.Logger) (c certificates, err error) {
	if c.http, err = newCertificate(cfg.HTTP.TLSCert, cfg.HTTP.TLSKey, log); err != nil || cfg.SMPP.TLSListen == "" {
		return c, err
	}
	if c.smpp = c.http; cfg.SMPP.TLSCert != "" {
		c.smpp, err = newCertificate(cfg.SMPP.TLSCert, cfg.SMPP.TLSKey, log)
	}
	return c, err
}

func (c *certificate) config() *tls.Config {
	if c == nil {
		return nil
	}
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.cert, c.key, err)
	}
	c.current = &pair
	return nil
}

// get answers the certificate of now. Files that do not go together, as in the middle of a renewal, leave the old one
// in force.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= certificateCheck {
		c.checked = now
		if stamp := c.stampOfFiles(); stamp != c.stamp {
			c.stamp = stamp
			if err := c.load(); err != nil {
				c.stamp = "" // look again next time
				c.log.Warn("the changed certificate cannot be used; the old one stays", "error", err)
			} else {
				c.log.Info("the certificate was read again", "file", c.cert)
			}
		}
	}
	return c.current, nil
}

// stampOfFiles changes when the files do; a missing file is a change too.
func (c *certificate) stampOfFiles() (stamp string) {
	for _, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprintf("%d %d ", info.ModTime().UnixNano(), info.Size())
		}
	}
	return stamp
}
