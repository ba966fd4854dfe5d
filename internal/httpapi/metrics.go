package httpapi

import "github.com/staffetta/staffetta/internal/sms"

// metrics hands over to the injected handler, for clients on the same machine.
func (d *Door) metrics(c *call) error {
	if d.parts.Metrics == nil {
		return sms.Errorf(sms.NotFound, "metrics are not served here")
	}
	if !d.local(c.r) {
		return errNotLocal
	}
	d.parts.Metrics.ServeHTTP(c, c.r)
	return nil
}
