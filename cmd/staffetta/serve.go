package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/httpapi"
	"github.com/staffetta/staffetta/internal/store"
)

type serveCommand struct {
	Demo           bool   `help:"Set up an account \"demo\" with 100 € and a practice carrier, and print how to send a first message."`
	Listen         string `placeholder:"ADDR" help:"Where to listen for HTTP; default 127.0.0.1:8080 ($$STAFFETTA_LISTEN)."`
	TLSCert        string `name:"tls-cert" placeholder:"FILE" help:"Certificate chain, PEM; with it the server speaks HTTPS ($$STAFFETTA_TLS_CERT)."`
	TLSKey         string `name:"tls-key" placeholder:"FILE" help:"Its private key, PEM; both are read again when they change ($$STAFFETTA_TLS_KEY)."`
	InsecureHTTP   *bool  `name:"insecure-http" help:"Allow plain HTTP on other addresses than loopback ($$STAFFETTA_INSECURE_HTTP)."`
	TrustedProxies string `name:"trusted-proxies" placeholder:"CIDR,…" help:"Proxies whose X-Forwarded-For is believed ($$STAFFETTA_TRUSTED_PROXIES)."`
	SMPPListen     string `name:"smpp-listen" placeholder:"ADDR" help:"Where to listen for SMPP, such as :2775; default: nowhere ($$STAFFETTA_SMPP_LISTEN)."`
	SMPPSListen    string `name:"smpps-listen" placeholder:"ADDR" help:"Where to listen for SMPP over TLS, such as :3550; default: nowhere ($$STAFFETTA_SMPPS_LISTEN)."`
	SMPPTLSCert    string `name:"smpp-tls-cert" placeholder:"FILE" help:"Certificate chain for SMPP, PEM; default: that of HTTP ($$STAFFETTA_SMPP_TLS_CERT)."`
	SMPPTLSKey     string `name:"smpp-tls-key" placeholder:"FILE" help:"Its private key, PEM ($$STAFFETTA_SMPP_TLS_KEY)."`
	MaxBacklog     *int64 `name:"max-backlog" placeholder:"N" help:"How many messages may wait before new ones are answered 503; default 5000000 ($$STAFFETTA_MAX_BACKLOG)."`
	MetricsListen  string `name:"metrics-listen" placeholder:"ADDR" help:"Where to listen for Prometheus; default: the HTTP address, for loopback clients only ($$STAFFETTA_METRICS_LISTEN)."`
	AllowPrivate   *bool  `name:"webhook-allow-private" help:"Send webhooks over http and to private addresses too, for trying out; --demo does ($$STAFFETTA_WEBHOOK_ALLOW_PRIVATE)."`
	ConsoleURL     string `name:"console-url" placeholder:"URL" help:"Where browsers find the console, for links in mail and single sign-on, https://sms.example.com ($$STAFFETTA_CONSOLE_URL)."`
	LogLevel       string `name:"log-level" placeholder:"LEVEL" help:"debug, info, warn or error; default info ($$STAFFETTA_LOG_LEVEL)."`
	LogFormat      string `name:"log-format" placeholder:"FORMAT" help:"text or json; default text ($$STAFFETTA_LOG_FORMAT)."`
}

func (serveCommand) Help() string {
	return `Serves until SIGTERM or Ctrl-C: then the doors close, what is on its way to carriers finishes, sessions unbind, and the
process ends within 10 seconds.

The configuration file has the same settings; flags go before variables, variables before the file:

` + serveFile + `Examples:

    staffetta serve --demo
    staffetta serve --data /var/lib/staffetta --listen :443 --tls-cert chain.pem --tls-key key.pem
    staffetta serve --data /var/lib/staffetta --smpp-listen :2775 --smpps-listen :3550 --smpp-tls-cert chain.pem --smpp-tls-key key.pem
    staffetta serve --config /etc/staffetta.toml

Customers of SMPP often have no TLS, so --smpp-listen takes any address; on one that others can reach, passwords cross
the network in the clear, which the log says: let such accounts in from known addresses only (allow-list), or by a VPN.

Servers that share a PostgreSQL database, 14 or later, share its messages: when one dies, another sends what it had. The
URL is that of libpq: several hosts, sslmode, and PGPASSWORD or ~/.pgpass in its environment. Each server keeps sessions of
its own to every carrier. All are given one secret.

    staffetta serve --database postgres://staffetta@db.example.net/staffetta --secret-file /etc/staffetta.secret`
}

// serveFile is a configuration file with every setting.
const serveFile = `    data = "/var/lib/staffetta"
    database = ""
    secret_file = ""
    [http]
    listen = "127.0.0.1:8080"
    tls_cert = ""
    tls_key = ""
    insecure_http = false
    trusted_proxies = []
    [smpp]
    listen = ""
    tls_listen = ""
    tls_cert = ""
    tls_key = ""
    [limits]
    max_backlog = 5000000
    [metrics]
    listen = ""
    [webhook]
    allow_private = false
    [lookup]
    url = ""
    key_header = ""
    key_file = ""
    fields = []
    timeout_seconds = 5
    keep_seconds = 86400
    [console]
    url = ""
    [mail]
    smtp = ""
    from = ""
    username = ""
    password_file = ""
    tls = "starttls"
    [oidc]
    issuer = ""
    client_id = ""
    client_secret_file = ""
    name = "single sign-on"
    [log]
    level = "info"
    format = "text"

`

func (c serveCommand) flags() map[string]string {
	flags := map[string]string{"listen": c.Listen, "tls-cert": c.TLSCert, "tls-key": c.TLSKey, "trusted-proxies": c.TrustedProxies,
		"smpp-listen": c.SMPPListen, "smpps-listen": c.SMPPSListen, "smpp-tls-cert": c.SMPPTLSCert, "smpp-tls-key": c.SMPPTLSKey,
		"metrics-listen": c.MetricsListen, "console-url": c.ConsoleURL, "log-level": c.LogLevel, "log-format": c.LogFormat}
	if c.InsecureHTTP != nil {
		flags["insecure-http"] = fmt.Sprint(*c.InsecureHTTP)
	}
	if c.MaxBacklog != nil {
		flags["max-backlog"] = fmt.Sprint(*c.MaxBacklog)
	}
	if c.AllowPrivate != nil || c.Demo {
		flags["webhook-allow-private"] = fmt.Sprint(c.AllowPrivate == nil || *c.AllowPrivate)
	}
	return flags
}

// Run is the life of a server, from top to bottom.
func (c serveCommand) Run(t *terminal) error {
	cfg, err := t.config(c.flags())
	if err != nil {
		return err
	}
	log := newLogger(t.err, cfg.Log)
	tuneMemory()
	secrets, err := newCertificates(cfg, log)
	if err != nil {
		return err
	}
	doors, err := openDoors(t, cfg)
	if err != nil {
		return err
	}
	defer doors.close()
	stored, secret, err := admin.OpenStore(t, cfg, store.Options{Log: log, MaxBacklog: cfg.Limits.MaxBacklog, Version: version}, true)
	if err != nil {
		return err
	}
	s, err := build(t, cfg, stored, secret, log)
	if err != nil {
		return joinClose(err, stored)
	}
	if cfg.Database == "" { // commands work on a database themselves
		doors.admin, err = admin.Listen(cfg.Data)
	}
	if err != nil {
		return joinClose(err, stored)
	}
	l := newLife()
	s.people.At(doors.url(cfg))
	s.start(l, doors, secrets)
	err = c.greet(t, s, doors.url(cfg))
	if t.Err() != nil { // stopped before it was ready
		err = nil
	} else if err == nil {
		err = l.wait(t)
	}
	log.Info("stopping")
	return joinClose(l.stop(err), stored)
}

// greet says where the server is, and with --demo how to use it.
func (c serveCommand) greet(t *terminal, s *server, url string) error {
	s.log.Info("serving", "url", url, "listen", s.config.HTTP.Listen, "data", s.config.Where(), "version", version)
	if !c.Demo {
		return inviteSetUp(t, s, url)
	}
	begun := *t // a server that is stopped meanwhile still shows the key that it made: nobody could see it again
	var done context.CancelFunc
	begun.Context, done = context.WithTimeout(context.WithoutCancel(t.Context), 10*time.Second)
	defer done()
	return demo(&begun, s, url)
}

// doors are the open ports.
type doors struct {
	http    net.Listener
	smpp    net.Listener // nil: there is none
	smpps   net.Listener // the same over TLS
	metrics net.Listener // nil: metrics are served on the HTTP port
	admin   net.Listener // nil: there is no data folder
}

// openDoors takes the ports before anything else happens: when one is taken, nothing was touched.
func openDoors(ctx context.Context, cfg *config.Config) (*doors, error) {
	d := &doors{}
	var err error
	open := func(address string) (listener net.Listener) {
		if err == nil && address != "" {
			listener, err = listen(ctx, address)
		}
		return listener
	}
	d.http = open(cfg.HTTP.Listen)
	d.metrics = open(cfg.Metrics.Listen)
	d.smpp, d.smpps = open(cfg.SMPP.Listen), open(cfg.SMPP.TLSListen)
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// listen opens a port, or says in one line why not.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, innermost(err))
	}
	return listener, nil
}

// close closes what nobody serves; a listener that was served is closed already.
func (d *doors) close() {
	for _, listener := range []net.Listener{d.http, d.smpp, d.smpps, d.metrics, d.admin} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

// url is how a client on this machine reaches the server.
func (d *doors) url(cfg *config.Config) string {
	scheme := "http"
	if cfg.HTTP.TLS() {
		scheme = "https"
	}
	address := d.http.Addr().String()
	if at, ok := d.http.Addr().(*net.TCPAddr); ok && at.IP.IsUnspecified() { // 0.0.0.0 and [::] are no addresses to call
		address = net.JoinHostPort("localhost", strconv.Itoa(at.Port))
	}
	return scheme + "://" + address
}

// start starts the parts in flow order, store first; they stop in the opposite order, doors first.
func (s *server) start(l *life, d *doors, certificates certificates) {
	l.run("store", s.store.Run)
	l.run("memory", keepMemoryLow)
	l.run("count", s.store.KeepCount)
	l.run("node", func(ctx context.Context) error { return s.store.Live(ctx, s.dispatcher) })
	l.run("directory", s.directory.Run)
	l.run("tidy", s.tidy)
	l.run("uses", s.uses.Run)
	l.run("refusals", s.refusals.Run)
	l.run("limits", s.limiter.Run)
	l.run("people", s.people.Run)
	l.run("retention", store.NewRetention(s.store).Run)
	l.run("inbound", store.NewInboundCare(s.store).Run)
	l.run("overdue", store.NewOverdue(s.store).Run)
	l.run("outbox", s.outbox.Run)
	l.run("exports", s.exports.Run)
	l.run("answers", s.replier.Run)
	l.run("dispatch", s.dispatcher.Run)
	l.run("carriers", s.carriers.Run)
	l.run("health", s.health.Run)
	if d.admin != nil {
		l.run("admin", func(ctx context.Context) error { return s.admin.Serve(ctx, d.admin, s.log) })
	}
	if d.metrics != nil {
		l.run("metrics", func(ctx context.Context) error {
			return serveHTTP(ctx, &http.Server{Handler: metricsOnly(s.metrics), ReadHeaderTimeout: slowClient}, d.metrics)
		})
	}
	s.startSMPP(l, d, certificates)
	l.run("http", func(ctx context.Context) error {
		door := httpapi.NewServer(s.door, s.log)
		door.TLSConfig = certificates.http.config()
		door.RegisterOnShutdown(s.console.EndStreams)
		return serveHTTP(ctx, door, d.http)
	})
}

func newLogger(to interface{ Write([]byte) (int, error) }, cfg config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.SlogLevel()}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
