package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// errPathUnknown is what every path answers that no route has.
var errPathUnknown = sms.Errorf(sms.NotFound, "there is nothing at this path")

// ServeHTTP answers one request. A panic of a handler becomes a 500 and the server goes on.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{ResponseWriter: w, r: r, id: newRequestID(), started: time.Now(), crowd: &d.crowd}
	c.set("X-Request-Id", c.id)
	defer c.leave()
	defer d.logRequest(c)
	defer d.recoverPanic(c)
	if !canonical(r.URL.EscapedPath()) {
		d.problem(c, errPathUnknown)
		return
	}
	d.mux.ServeHTTP(c, r)
}

// handle makes the handler of one path; a nil resource is the path that nobody has.
func (d *Door) handle(at *resource) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := w.(*call) // ServeHTTP is the only caller of the mux
		if at == nil {
			d.problem(c, errPathUnknown)
			return
		}
		c.jsend, c.lookup = at.jsend, at.lookup
		found, ok := at.methods[r.Method]
		switch {
		case ok:
			if err := d.enter(c, found); err != nil {
				d.problem(c, err)
			}
		case r.Method == http.MethodOptions:
			c.set("Allow", at.allow)
			c.WriteHeader(http.StatusNoContent)
		default:
			c.set("Allow", at.allow)
			d.wrongMethod(c)
		}
	}
}

// enter asks in the order of the contract: credentials and allow-lists, operation, rate limit; then the route's
// handler judges the request itself.
func (d *Door) enter(c *call, to route) error {
	if to.needs == "" {
		return to.serve(d, c)
	}
	if err := d.authenticate(c); err != nil {
		return err
	}
	if !c.caller.May(to.needs) {
		return sms.Errorf(sms.Forbidden, "these credentials do not grant the operation %s", to.needs)
	}
	if err := d.limit(c); err != nil {
		return err
	}
	return to.serve(d, c)
}

var errPanic = errors.New("a handler panicked")

func (d *Door) recoverPanic(c *call) {
	value := recover()
	if value == nil {
		return
	}
	if value == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
		panic(value)
	}
	d.parts.Log.Error("panic in a handler", slog.String("request_id", c.id), slog.Any("panic", value),
		slog.String("stack", string(debug.Stack())))
	if c.status != 0 {
		panic(http.ErrAbortHandler) // the answer has begun: only a cut connection tells the client
	}
	d.problem(c, errPanic)
}
