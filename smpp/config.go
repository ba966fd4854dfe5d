package smpp

import (
	"cmp"
	"log/slog"
	"time"
)

// Config is what both sides of a session set. Zero values mean the default.
type Config struct {
	// Window is how many requests may wait for an answer; default 10.
	Window int
	// ResponseTimeout is the response timer of a request; default 10 s. SMPP
	// 3.4 §7.2.
	ResponseTimeout time.Duration
	// EnquireInterval is how long nothing may come from the peer before it is
	// asked with enquire_link; default 30 s, negative: never.
	EnquireInterval time.Duration
	// EnquireTimeout is how long the answer to enquire_link may take before
	// the session ends with ErrPeerGone; default ResponseTimeout.
	EnquireTimeout time.Duration
	// InactivityTimeout ends the session when the peer sends nothing but
	// answers to enquire_link for so long; zero: never.
	InactivityTimeout time.Duration
	// WriteTimeout ends the session of a peer that does not read; default 10 s.
	WriteTimeout time.Duration
	// MaxPDU is the longest PDU taken, in octets; default DefaultMaxPDU.
	MaxPDU int
	// InboundLimit is how many requests of the peer may wait for Reply; further
	// ones are answered ESME_RX_T_APPN (client) or ESME_RMSGQFUL (server).
	// Default 512.
	InboundLimit int
	// Logger gets what an operator should know, each kind once per session, and
	// never a password or a message. Default: nothing is logged.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	c.Window = positive(c.Window, 10)
	c.ResponseTimeout = positive(c.ResponseTimeout, 10*time.Second)
	c.EnquireInterval = cmp.Or(c.EnquireInterval, 30*time.Second)
	c.EnquireTimeout = positive(c.EnquireTimeout, c.ResponseTimeout)
	c.WriteTimeout = positive(c.WriteTimeout, 10*time.Second)
	c.MaxPDU = max(positive(c.MaxPDU, DefaultMaxPDU), HeaderLen)
	c.InboundLimit = positive(c.InboundLimit, 512)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func positive[T ~int | ~int64](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
