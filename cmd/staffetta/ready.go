package main

import (
	"context"
	"fmt"

	"github.com/staffetta/staffetta/internal/httpapi"
	"github.com/staffetta/staffetta/internal/sms"
)

// readiness says for /readyz how the parts are.
type readiness struct{ *server }

// Store answers nil when the store takes writes.
func (r readiness) Store(ctx context.Context) error { return r.store.Ready(ctx) }

// Components names the carriers that are up, down or absent, and the directory when it is out of date; on a database,
// this server among those that share it.
func (r readiness) Components(context.Context) []httpapi.Component {
	var parts []httpapi.Component
	if err := r.directory.Failure(); err != nil {
		parts = append(parts, httpapi.Component{Name: "directory", Detail: "cannot be refreshed"})
	}
	if _, ok := r.directory.DefaultCarrier(); !ok && len(r.directory.Routes()) == 0 {
		parts = append(parts, httpapi.Component{Name: "default carrier", Detail: "there is none"})
	}
	if r.config.Database != "" {
		parts = append(parts, r.node())
	}
	for _, c := range r.carriers.States() {
		detail := fmt.Sprintf("%d of %d sessions bound", c.Bound, c.Sessions)
		if c.State != sms.CarrierActive {
			detail += "; " + c.State.String() + " by an operator"
		}
		if c.Refused {
			detail += "; BIND REFUSED: see staffetta carrier list"
		}
		if c.Warning != "" {
			detail += "; TLS IS NOT VERIFIED"
		}
		if s := r.health.Of(c.ID); s.Why != "" && len(r.directory.Routes()) > 0 {
			detail += "; OUT OF TURN: " + s.Why
		}
		parts = append(parts, httpapi.Component{Name: "carrier/" + c.Name, Up: c.Bound > 0, Detail: detail})
	}
	return parts
}

// node says whether this server may send, or is so long without a heartbeat that others may have adopted its messages.
func (r readiness) node() httpapi.Component {
	number, _ := r.store.Self()
	node := httpapi.Component{Name: "node", Up: r.store.MaySend(), Detail: fmt.Sprintf("number %d", number)}
	if !node.Up {
		node.Detail += ": its heartbeat does not come through, so it sends nothing"
	}
	return node
}
