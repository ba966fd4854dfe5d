package outbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const (
	answerLimit = 5 * time.Second // from the look-up of the name to the end of the answer
	bodyKept    = 512             // octets of an answer that are kept
	bodyRead    = 8 << 10         // octets that are read so that the connection can be used again
)

// sender makes requests.
type sender struct {
	client *http.Client
	guard  guard
}

func newSender(allowPrivate bool) sender {
	s := sender{guard: newGuard()}
	dialer := &net.Dialer{Timeout: answerLimit}
	if !allowPrivate {
		dialer.Control = s.guard.control
	}
	s.client = &http.Client{
		Transport: &http.Transport{ // no proxy: it would be asked to connect to what the guard refuses
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConns: 1024,
			MaxIdleConnsPerHost: widest, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: answerLimit, MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

func (s sender) close() { s.client.CloseIdleConnections() }

// answer is what came of a request.
type answer struct {
	status     int    // 0: there was none
	body       []byte // its first octets
	failure    string // why it does not count; empty: the event has arrived
	retryAfter time.Duration
}

func (a answer) gone() bool { return a.status == http.StatusGone }

// post makes one attempt: Standard Webhooks, "Webhook headers".
func (s sender) post(ctx context.Context, hook *sms.Webhook, id string, body []byte) answer {
	return s.postSigned(ctx, hook.URL, signedHeader(hook, id, time.Now(), body), body)
}

// signedHeader is the header of a request that is signed at a moment.
func signedHeader(hook *sms.Webhook, id string, at time.Time, body []byte) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Staffetta"}, "Webhook-Id": {id},
		"Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature(hook, id, at, body)}}
}

func (s sender) postSigned(ctx context.Context, to string, header http.Header, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return answer{failure: "the URL cannot be used"}
	}
	request.Header = header
	response, err := s.client.Do(request)
	if err != nil {
		return answer{failure: reason(err)}
	}
	defer func() { _ = response.Body.Close() }()
	a := answer{status: response.StatusCode, body: make([]byte, bodyKept)}
	n, err := io.ReadFull(response.Body, a.body)
	a.body = a.body[:n:n]
	if err == nil {
		_, err = io.CopyN(io.Discard, response.Body, bodyRead)
	}
	switch {
	case a.status < 200 || a.status > 299:
		a.failure, a.retryAfter = refusal(a.status), retryAfter(response.Header, time.Now())
	case err != nil && ctx.Err() != nil:
		a.failure = "the answer did not end within 5 seconds"
	}
	return a
}

func refusal(status int) string {
	if status >= 300 && status < 400 {
		return "answered with a redirect (" + strconv.Itoa(status) + "), which is not followed"
	}
	return "answered with status " + strconv.Itoa(status)
}

// reason says in few words why no answer came. It names no address: the customer reads it.
func reason(err error) string {
	if errors.Is(err, errInside) {
		return errInside.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "no answer within 5 seconds"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name could not be resolved"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate is not valid"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is not valid"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "the connection was refused"
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "no answer within 5 seconds"
	}
	return "the connection failed"
}
