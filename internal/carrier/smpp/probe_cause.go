package smpp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/staffetta/staffetta/smpp"
)

// Cause is why a step of a probe failed.
type Cause string

// The causes.
const (
	CauseNoName       Cause = "no_name"       // no such host
	CauseNameServer   Cause = "name_server"   // the name could not be looked up
	CauseRefused      Cause = "refused"       // nobody listens there
	CauseUnreachable  Cause = "unreachable"   // no way to the address
	CauseTimeout      Cause = "timeout"       // no answer in time
	CauseClosed       Cause = "closed"        // the carrier closed the connection
	CauseCertificate  Cause = "certificate"   // it does not hold
	CauseNotTLS       Cause = "not_tls"       // the other side speaks no TLS
	CauseTLS          Cause = "tls"           // the handshake failed for another reason
	CauseFiles        Cause = "files"         // of certificates, on this machine
	CauseCredentials  Cause = "credentials"   // system_id, password or system_type
	CauseBoundAlready Cause = "bound_already" // the carrier allows no further session
	CauseBind         Cause = "bind"          // refused for another reason
	CauseOther        Cause = "other"
)

// causeOf finds the cause of an error of a probe.
func causeOf(err error) Cause {
	if refused, ok := errors.AsType[*smpp.BindError](err); ok {
		return causeOfBind(refused)
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return CauseNoName
		}
		return CauseNameServer
	}
	if cause := causeOfTLS(err); cause != "" {
		return cause
	}
	network, isNetwork := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, smpp.ErrTimeout),
		isNetwork && network.Timeout():
		return CauseTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return CauseRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return CauseUnreachable
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed):
		return CauseClosed
	}
	return CauseOther
}

func causeOfBind(refused *smpp.BindError) Cause {
	switch {
	case refused.Status == smpp.ESME_RALYBND:
		return CauseBoundAlready
	case refusedBind(refused) && refused.Status != smpp.ESME_RBINDFAIL:
		return CauseCredentials
	}
	return CauseBind
}

func causeOfTLS(err error) Cause {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return CauseNotTLS
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return CauseCertificate
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return CauseCertificate
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok || strings.HasPrefix(err.Error(), "tls_c") {
		return CauseFiles
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok || strings.HasPrefix(err.Error(), "tls: ") || strings.HasPrefix(err.Error(), "remote error: tls: ") {
		return CauseTLS
	}
	return ""
}

func listed(names []string) string { return strings.Join(names, ", ") }
