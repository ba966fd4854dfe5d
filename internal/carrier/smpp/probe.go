package smpp

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// The steps of a probe, in their order.
const (
	StepResolve = "resolve" // the name of the host
	StepConnect = "connect"
	StepTLS     = "tls"
	StepBind    = "bind"
	StepEnquire = "enquire_link"
	StepUnbind  = "unbind"
)

// Step is one step of a probe.
type Step struct {
	Name   string
	Host   string
	Took   time.Duration
	Cause  Cause  // empty: it went well
	Detail string // what was found, or the error as it was; never the password
}

// probeTimeout bounds a probe, however many hosts there are.
const probeTimeout = 10 * time.Second

// Prober tries addresses out. TLS and DialContext are those of Config.
type Prober struct {
	TLS         *tls.Config
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Probe tries an address out: each host is resolved, connected to and bound as its sessions would be, asked once with
// enquire_link, and unbound. It sends no message, takes at most ten seconds and tries each host once. What the carrier
// wants to deliver meanwhile is answered so that it comes again.
func (p Prober) Probe(ctx context.Context, a Address) []Step {
	b := &probe{Prober: p, address: &a}
	left, end := a.hosts(), time.Now().Add(probeTimeout)
	for len(left) > 0 {
		b.host = left[0]
		limited, cancel := context.WithTimeout(ctx, time.Until(end)/time.Duration(len(left)))
		b.try(limited)
		cancel()
		left = left[1:]
	}
	return b.steps
}

// probe is one on its way.
type probe struct {
	Prober
	address *Address
	host    string
	steps   []Step
}

// step does one step and notes what came of it.
func (b *probe) step(name string, do func() (detail string, err error)) bool {
	began := time.Now()
	detail, err := do()
	s := Step{Name: name, Host: b.host, Took: time.Since(began), Detail: detail}
	if err != nil {
		s.Cause = causeOf(err)
		s.Detail = err.Error()
	}
	b.steps = append(b.steps, s)
	return err == nil
}

// try tries one host.
func (b *probe) try(ctx context.Context) {
	if !b.resolve(ctx) {
		return
	}
	kinds := []smpp.BindType{smpp.Transceiver}
	if b.address.Bind == BindPair {
		kinds = []smpp.BindType{smpp.Receiver, smpp.Transmitter}
	}
	var sessions []*smpp.Session
	for _, kind := range kinds {
		conn := b.connect(ctx)
		if conn == nil {
			break
		}
		s := b.bind(ctx, conn, kind)
		if s == nil {
			break
		}
		sessions = append(sessions, s)
	}
	for _, s := range sessions {
		b.leave(ctx, s, len(sessions) == len(kinds))
	}
}

func (b *probe) resolve(ctx context.Context) bool {
	name, _, err := net.SplitHostPort(b.host)
	if err != nil || net.ParseIP(name) != nil {
		return true
	}
	return b.step(StepResolve, func() (string, error) {
		addresses, err := net.DefaultResolver.LookupHost(ctx, name)
		if err != nil {
			return "", err
		}
		return listed(addresses), nil
	})
}

// connect makes a connection, over TLS where the address wants it; nil when that fails.
func (b *probe) connect(ctx context.Context) (conn net.Conn) {
	ok := b.step(StepConnect, func() (string, error) {
		dial := b.DialContext
		if dial == nil {
			dial = new(net.Dialer).DialContext
		}
		var err error
		if conn, err = dial(ctx, "tcp", b.host); err != nil {
			return "", err
		}
		return conn.RemoteAddr().String(), nil
	})
	if !ok || !b.address.TLS {
		return conn
	}
	plain := conn
	if ok = b.step(StepTLS, func() (detail string, err error) {
		conn, detail, err = b.secure(ctx, plain)
		return detail, err
	}); !ok {
		_ = plain.Close() // the handshake's error is told
		return nil
	}
	return conn
}

func (b *probe) secure(ctx context.Context, plain net.Conn) (net.Conn, string, error) {
	config, err := b.address.Trust.config(b.TLS)
	if err != nil {
		return nil, "", err
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(b.host)
	}
	secured := tls.Client(plain, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, "", err
	}
	state := secured.ConnectionState()
	return secured, tls.VersionName(state.Version) + certificateOf(state), nil
}

func certificateOf(state tls.ConnectionState) string {
	if len(state.PeerCertificates) == 0 {
		return ""
	}
	leaf := state.PeerCertificates[0]
	return ", " + leaf.Subject.CommonName + ", " + leaf.NotAfter.UTC().Format(time.DateOnly)
}

// bind binds over a connection; nil when that fails.
func (b *probe) bind(ctx context.Context, conn net.Conn, kind smpp.BindType) (s *smpp.Session) {
	a := b.address
	b.step(StepBind, func() (string, error) {
		var err error
		s, err = smpp.Connect(ctx, conn, smpp.DialConfig{
			Config: smpp.Config{Window: 1, ResponseTimeout: a.ResponseTimeout, EnquireInterval: a.EnquireLink, EnquireTimeout: a.EnquireTimeout,
				Logger: slog.New(slog.DiscardHandler)},
			Bind: smpp.Bind{Type: kind, SystemID: a.SystemID, Password: a.Password, SystemType: a.SystemType},
		})
		if err != nil {
			return kind.String(), err
		}
		return kind.String() + ", " + s.Info().PeerSystemID, nil
	})
	return s
}

// leave asks a session whether it is there, and unbinds it.
func (b *probe) leave(ctx context.Context, s *smpp.Session, ask bool) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(life) }()
	if ask {
		b.step(StepEnquire, func() (string, error) { return "", s.EnquireLink(ctx) })
	}
	b.step(StepUnbind, func() (string, error) { return "", s.Unbind(ctx) })
	end()
	<-ended // it was ended here, so it says nothing new
}
