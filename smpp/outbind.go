package smpp

import (
	"context"
	"io"
	"net"
	"time"
)

// Outbind asks the ESME to bind as a receiver. It has no response. SMPP 3.4
// §4.1.7.1.
type Outbind struct {
	SystemID string
	Password string
	TLVs     TLVs
}

// CommandID implements PDU.
func (p *Outbind) CommandID() CommandID { return CommandOutbind }

// AppendBody implements PDU.
func (p *Outbind) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: CommandOutbind}
	e.cstring(&fieldSystemID, p.SystemID)
	e.cstring(&fieldPassword, p.Password)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *Outbind) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.SystemID = d.cstring(&fieldSystemID)
	p.Password = d.cstring(&fieldPassword)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// maxOutbind is the longest outbind taken; its mandatory parameters need 41 octets.
const maxOutbind = 1024

// AwaitOutbind reads the outbind with which an SMSC begins a connection that it
// made, and nothing after it: [Connect] then binds over the same connection. The
// caller owns conn in any case. The error is a *FrameError for a peer that does
// not speak SMPP, and ErrNoOutbind for another PDU.
func AwaitOutbind(ctx context.Context, conn net.Conn) (*Outbind, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var frame [maxOutbind]byte
	if _, err := io.ReadFull(conn, frame[:HeaderLen]); err != nil {
		return nil, err
	}
	h := header(frame[:])
	if h.Length < HeaderLen || h.Length > maxOutbind {
		return nil, &FrameError{Header: h, Max: maxOutbind}
	}
	if h.ID != CommandOutbind {
		return nil, ErrNoOutbind
	}
	if _, err := io.ReadFull(conn, frame[HeaderLen:h.Length]); err != nil {
		return nil, err
	}
	p := new(Outbind)
	return p, p.DecodeBody(h, frame[HeaderLen:h.Length])
}
