package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// readyTimeout bounds the question to the store: a load balancer wants a no sooner than a late yes.
const readyTimeout = 3 * time.Second

// health says that the process answers, and nothing else.
func (d *Door) health(c *call) error {
	c.set("Cache-Control", "no-store")
	c.answer(http.StatusOK, jsonType, []byte(`{"status":"ok"}`))
	return nil
}

// ready is 200 when the store takes writes, else 503. Other components are named and never change the code: a
// message for a carrier that is away waits on disk.
func (d *Door) ready(c *call) error {
	ctx, cancel := context.WithTimeout(c.r.Context(), readyTimeout)
	defer cancel()
	status, word := http.StatusOK, "ready"
	store := Component{Name: "store", Up: true}
	if err := d.parts.Readiness.Store(ctx); err != nil {
		c.failure = err
		status, word = http.StatusServiceUnavailable, "unavailable"
		store = Component{Name: "store", Detail: "does not take writes"}
		c.set("Retry-After", strconv.FormatInt(wholeSeconds(defaultRetry), 10))
	}
	body := append(appendText([]byte(`{"status":`), word), `,"components":[`...)
	body = appendComponent(body, store)
	for _, component := range d.parts.Readiness.Components(ctx) {
		body = appendComponent(append(body, ','), component)
	}
	c.set("Cache-Control", "no-store")
	c.answer(status, jsonType, append(body, ']', '}'))
	return nil
}

func appendComponent(dst []byte, component Component) []byte {
	word := "down"
	if component.Up {
		word = "up"
	}
	dst = appendText(append(dst, `{"name":`...), component.Name)
	dst = appendText(append(dst, `,"status":`...), word)
	if component.Detail != "" {
		dst = appendText(append(dst, `,"detail":`...), component.Detail)
	}
	return append(dst, '}')
}
