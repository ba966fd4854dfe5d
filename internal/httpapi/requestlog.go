package httpapi

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// logRequest writes one line at debug level: never the query, a header or a body, and no key that somebody put
// into the path.
func (d *Door) logRequest(c *call) {
	ctx := c.r.Context()
	if !d.parts.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attributes := []slog.Attr{
		slog.String("method", c.r.Method),
		slog.String("path", redact(c.r.URL.Path)),
		slog.Int("status", c.status),
		slog.Duration("duration", time.Since(c.started)),
		slog.String("request_id", c.id),
	}
	if c.caller.Account != nil {
		attributes = append(attributes, slog.String("account", c.caller.Account.Name))
	}
	if c.failure != nil {
		attributes = append(attributes, slog.String("failure", redact(failureText(c.failure))))
	}
	d.parts.Log.LogAttrs(ctx, slog.LevelDebug, "request", attributes...)
}

const (
	keyStart  = "stf_live_"
	redacted  = "[redacted]"
	longest   = 200 // octets of a text from outside in one line of the log
	keyLetter = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
)

// failureText is the message and the cause. What is said about an invalid request repeats what the client sent, and
// the client has it.
func failureText(err error) string {
	told, ok := errors.AsType[*sms.Error](err)
	switch {
	case !ok:
		return err.Error()
	case told.Code == sms.Invalid:
		return "invalid request"
	case told.Cause != nil:
		return told.Message + ": " + told.Cause.Error()
	}
	return told.Message
}

// redact replaces what looks like an API key, in any letter case, and cuts what is long.
func redact(text string) string {
	for at := 0; at+len(keyStart) <= len(text); at++ {
		if end := at + len(keyStart); strings.EqualFold(text[at:end], keyStart) {
			text = text[:end] + redacted + strings.TrimLeft(text[end:], keyLetter)
		}
	}
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}
