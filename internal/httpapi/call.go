package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
)

// call is one request on its way through the door, and the writer of its answer.
type call struct {
	http.ResponseWriter
	r       *http.Request
	id      string // X-Request-Id
	started time.Time
	status  int         // of the answer; 0: nothing is written yet
	caller  auth.Caller // zero until authenticated
	failure error       // what was told to the client as a problem
	jsend   bool        // in which form
	lookup  bool        // in that of the number lookup
	crowd   *budget     // what the bodies of all calls may take together; nil: anything
	held    int64       // octets of it that this call has
}

// WriteHeader remembers the status for the log.
func (c *call) WriteHeader(status int) {
	if c.status == 0 && status >= 200 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *call) Write(data []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	return c.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// set writes a header under exactly this name: the contract's spelling is not Go's (X-RateLimit-Limit).
func (c *call) set(name, value string) { c.Header()[name] = []string{value} }

// answer sends a whole body. A failed write means that the client is gone: nobody is left to be told.
func (c *call) answer(status int, contentType string, body []byte) {
	c.set("Content-Type", contentType)
	c.set("Content-Length", strconv.Itoa(len(body)))
	c.WriteHeader(status)
	_, _ = c.Write(body)
}

const jsonType = "application/json"
