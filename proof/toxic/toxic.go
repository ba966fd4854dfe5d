// Package toxic puts toxiproxy, a TCP proxy with faults that others wrote, between a gateway and its carrier.
//
// What comes in: the program, the carrier's address and the faults. What goes out: an address that leads to the carrier
// through them. It never looks at what passes.
package toxic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/staffetta/staffetta/proof/server"
)

// Fault is a toxic: what toxiproxy does to one direction.
type Fault struct {
	Name       string         `json:"name"`
	Type       string         `json:"type"`   // latency, bandwidth, slicer, reset_peer, timeout
	Stream     string         `json:"stream"` // Upstream or Downstream
	Attributes map[string]int `json:"attributes"`
}

// The directions.
const (
	Upstream   = "upstream"   // from the gateway to the carrier
	Downstream = "downstream" // from the carrier to the gateway
)

// Both is the same fault in both directions.
func Both(kind string, attributes map[string]int) []Fault {
	return []Fault{
		{Name: kind + "_up", Type: kind, Stream: Upstream, Attributes: attributes},
		{Name: kind + "_down", Type: kind, Stream: Downstream, Attributes: attributes},
	}
}

// Proxy is one toxiproxy with one way through it.
type Proxy struct {
	Addr string // what the gateway connects to

	api     string
	process *server.Process
}

// patience is how long toxiproxy may take to start.
const patience = 10 * time.Second

// Start starts toxiproxy before an address; its output goes to a file. It runs until Stop.
func Start(ctx context.Context, program, log, upstream string) (*Proxy, error) {
	api, err := server.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	addr, err := server.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p := &Proxy{Addr: addr, api: "http://" + api}
	host, port, _ := strings.Cut(api, ":")
	if p.process, err = server.Spawn(log, exec.Command(program, "-host", host, "-port", port)); err != nil {
		return nil, err
	}
	if err := p.create(ctx, upstream); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Proxy) create(ctx context.Context, upstream string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	proxy := map[string]any{"name": "carrier", "listen": p.Addr, "upstream": upstream, "enabled": true}
	for {
		if err = p.ask(ctx, http.MethodPost, "/proxies", proxy); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends toxiproxy, and with it every connection.
func (p *Proxy) Stop() { p.process.Kill() }

// Add begins faults, on connections that exist and on new ones.
func (p *Proxy) Add(ctx context.Context, faults ...Fault) error {
	for _, f := range faults {
		if err := p.ask(ctx, http.MethodPost, "/proxies/carrier/toxics", f); err != nil {
			return err
		}
	}
	return nil
}

// Remove ends faults. Removing a timeout ends its connections.
func (p *Proxy) Remove(ctx context.Context, faults ...Fault) error {
	for _, f := range faults {
		if err := p.ask(ctx, http.MethodDelete, "/proxies/carrier/toxics/"+f.Name, nil); err != nil {
			return err
		}
	}
	return nil
}

// Down ends every connection and takes no new ones, until Up.
func (p *Proxy) Down(ctx context.Context) error { return p.enable(ctx, false) }

// Up takes connections again.
func (p *Proxy) Up(ctx context.Context) error { return p.enable(ctx, true) }

func (p *Proxy) enable(ctx context.Context, enabled bool) error {
	return p.ask(ctx, http.MethodPost, "/proxies/carrier", map[string]any{"enabled": enabled})
}

func (p *Proxy) ask(ctx context.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, p.api+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("toxiproxy: %s %s %s: %s: %s", method, path, text, response.Status, answer)
	}
	return err
}
