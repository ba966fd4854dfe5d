package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// The limits of one connection. A client that is slower is a broken or hostile one.
const (
	headerTimeout  = 10 * time.Second // until the headers are complete
	requestTimeout = 30 * time.Second // until the body is complete, too
	answerTimeout  = 60 * time.Second // until the answer is taken, from the end of the headers
	idleTimeout    = 120 * time.Second
	headerLimit    = 64 << 10 // octets; 500 ids of 64 characters in one query fit
)

// NewServer makes the http.Server of a door: it has no address and does not listen yet. What net/http has to say
// (a failed TLS handshake, a client that broke off) is debug, because any stranger can cause it.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerLimit,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
