package smpp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"
)

// maxBeforeBind is how many PDUs a connection may try before its bind.
const maxBeforeBind = 16

func (v *Server) logger() *slog.Logger { return v.Config.withDefaults().Logger }

// acceptBind waits for the bind of a new connection and answers it. It returns
// no session when the connection is to be closed, and the handler also when the
// bind was admitted and could not be answered.
func (v *Server) acceptBind(ctx context.Context, conn net.Conn) (*Session, Handler) {
	ctx, cancel := context.WithTimeout(ctx, positive(v.BindTimeout, 10*time.Second))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	o := opening{server: v, conn: conn, cfg: v.Config.withDefaults()}
	o.frames = newFrameReader(conn, o.cfg.MaxPDU)
	o.log = o.cfg.Logger.With("remote", addrString(conn.RemoteAddr()))
	for range maxBeforeBind {
		h, frame, err := o.frames.read()
		if err != nil {
			o.failed(err)
			return nil, nil
		}
		bind, ok := o.bind(h, frame[HeaderLen:])
		if !ok {
			continue
		}
		s, handler := o.authenticate(ctx, h, bind)
		if s != nil && !stop() { // the time was up in the last moment
			return nil, handler
		}
		return s, handler
	}
	o.log.Warn("smpp: no bind, connection closed")
	return nil, nil
}

// opening is a connection in the state OPEN.
type opening struct {
	server *Server
	conn   net.Conn
	cfg    Config
	frames *frameReader
	log    *slog.Logger
	warned bool
}

func (o *opening) failed(err error) {
	if e, ok := errors.AsType[*FrameError](err); ok {
		o.log.Warn("smpp: not SMPP, connection closed", "error", err)
		if New(e.Header.ID) != nil {
			o.write(appendBare(nil, CommandGenericNack, ESME_RINVCMDLEN, e.Header.Sequence))
		}
		return
	}
	o.log.Debug("smpp: connection ended before its bind", "error", err)
}

func (o *opening) write(b []byte) bool {
	_, err := o.conn.Write(b)
	return err == nil
}

// bind returns the bind in a frame, and answers anything else.
func (o *opening) bind(h Header, body []byte) (*Bind, bool) {
	if !h.ID.IsBind() {
		o.refuse(h)
		return nil, false
	}
	b := new(Bind)
	err := b.DecodeBody(h, body)
	if err == nil {
		return b, true
	}
	status := ESME_RBINDFAIL
	if e, ok := errors.AsType[*DecodeError](err); ok {
		status = e.Status
	}
	o.warn("smpp: malformed bind", err)
	o.write(appendBare(nil, h.ID.Response(), status, h.Sequence))
	return nil, false
}

func (o *opening) warn(message string, err error) {
	if !o.warned {
		o.warned = true
		o.log.Warn(message, "error", err)
	}
}

func (o *opening) refuse(h Header) {
	o.warn("smpp: PDU before the bind", errors.New(h.ID.String()))
	switch {
	case New(h.ID) == nil && !h.ID.IsResponse():
		o.write(appendBare(nil, CommandGenericNack, ESME_RINVCMDID, h.Sequence))
	case hasResponse(h.ID):
		o.write(appendBare(nil, h.ID.Response(), ESME_RINVBNDSTS, h.Sequence))
	}
}

func (o *opening) authenticate(ctx context.Context, h Header, b *Bind) (*Session, Handler) {
	handler, status := o.server.Authenticate(ctx, BindRequest{
		Type: b.Type, SystemID: b.SystemID, Password: b.Password, SystemType: b.SystemType,
		InterfaceVersion: b.InterfaceVersion, AddrTON: b.AddrTON, AddrNPI: b.AddrNPI,
		AddressRange: b.AddressRange, RemoteAddr: o.conn.RemoteAddr(),
	})
	if status != ESME_ROK {
		o.log.Info("smpp: bind refused", "system_id", b.SystemID, "command_status", status.String())
		o.write(appendBare(nil, h.ID.Response(), status, h.Sequence))
		return nil, nil
	}
	resp := &BindResp{Type: b.Type, SystemID: o.server.SystemID}
	if b.InterfaceVersion >= InterfaceVersion { // older peers know no optional parameters
		resp.TLVs.AddUint8(TagSCInterfaceVersion, InterfaceVersion)
	}
	out, err := AppendPDU(nil, ESME_ROK, h.Sequence, resp)
	if err != nil {
		o.log.Error("smpp: own answer to a bind", "error", err)
		return nil, handler
	}
	if !o.write(out) {
		return nil, handler
	}
	info := BindInfo{Type: b.Type, SystemID: b.SystemID, PeerSystemID: o.server.SystemID,
		InterfaceVersion: b.InterfaceVersion, RemoteAddr: o.conn.RemoteAddr()}
	return newSession(o.conn, o.frames, o.cfg, info, true, handler), handler
}
