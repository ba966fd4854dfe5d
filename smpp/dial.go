package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// DialConfig says where and as whom to bind. Zero values mean the default.
type DialConfig struct {
	Config
	// Addr is host:port.
	Addr string
	// TLS turns on TLS when set; ServerName defaults to the host of Addr.
	TLS *tls.Config
	// Bind is sent as it stands; InterfaceVersion defaults to 0x34, Type to
	// Transceiver.
	Bind Bind
	// BindTimeout bounds connecting, the TLS handshake and the bind together;
	// default 10 s.
	BindTimeout time.Duration
	// Handler takes the carrier's requests. Without one they are answered
	// ESME_RX_T_APPN, so that the carrier repeats them.
	Handler Handler
	// DialContext replaces net.Dialer.DialContext.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Dial connects and binds. The caller owes the session a Run, or a Close. A
// refused bind is a *BindError.
func Dial(ctx context.Context, c DialConfig) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, positive(c.BindTimeout, 10*time.Second))
	defer cancel()
	dial := c.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", c.Addr)
	if err != nil {
		return nil, err
	}
	if c.TLS != nil {
		if conn, err = secure(ctx, conn, c); err != nil {
			return nil, err
		}
	}
	return Connect(ctx, conn, c)
}

func secure(ctx context.Context, conn net.Conn, c DialConfig) (net.Conn, error) {
	cfg := c.TLS.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(c.Addr) // dialled: it has a port
	}
	t := tls.Client(conn, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error says more
		return nil, err
	}
	return t, nil
}

// Connect binds over a connection that is there already, and owns it from then
// on. It bounds the bind by ctx alone and does not use Addr, TLS, BindTimeout
// and DialContext of c.
func Connect(ctx context.Context, conn net.Conn, c DialConfig) (*Session, error) {
	cfg := c.Config.withDefaults()
	bind := c.Bind
	if bind.Type == 0 {
		bind.Type = Transceiver
	}
	if bind.InterfaceVersion == 0 {
		bind.InterfaceVersion = InterfaceVersion
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	frames := newFrameReader(conn, cfg.MaxPDU)
	resp, err := exchangeBind(conn, frames, &bind)
	if !stop() {
		err = errors.Join(context.Cause(ctx), err)
	}
	if err != nil {
		_ = conn.Close() // the bind's error says more
		return nil, err
	}
	info := BindInfo{Type: bind.Type, SystemID: bind.SystemID, PeerSystemID: resp.SystemID, RemoteAddr: conn.RemoteAddr()}
	info.InterfaceVersion, _ = resp.TLVs.Uint8(TagSCInterfaceVersion)
	return newSession(conn, frames, cfg, info, false, c.Handler), nil
}

// exchangeBind sends the bind and waits for its answer: some SMSCs answer
// bind_receiver with bind_transmitter_resp. What else the peer sends before that
// is not for anybody.
func exchangeBind(conn net.Conn, frames *frameReader, bind *Bind) (*BindResp, error) {
	b, err := AppendPDU(nil, ESME_ROK, 1, bind)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(b); err != nil {
		return nil, err
	}
	for {
		h, frame, err := frames.read()
		if err != nil {
			return nil, err
		}
		switch {
		case h.ID == CommandGenericNack:
			return nil, &BindError{Type: bind.Type, Status: max(h.Status, ESME_RINVMSGLEN)}
		case !h.ID.IsResponse() || !(h.ID &^ responseBit).IsBind() || h.Sequence != 1:
			continue
		case h.Status != ESME_ROK:
			return nil, &BindError{Type: bind.Type, Status: h.Status}
		}
		resp := new(BindResp)
		return resp, resp.DecodeBody(h, frame[HeaderLen:])
	}
}
