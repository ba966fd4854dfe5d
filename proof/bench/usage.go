package main

import (
	"context"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/staffetta/staffetta/proof/server"
)

// watched is a process whose use of the machine is measured.
type watched struct {
	pid  int
	tree bool // with all its descendants, which share memory
}

// sampling is how often the memory of trees is looked at: the kernel keeps no peak of a sum.
const sampling = 200 * time.Millisecond

// watch notes the highest memory of trees until ctx ends.
type watch struct {
	mu    sync.Mutex
	peaks map[string]int64
}

func (w *watch) run(ctx context.Context, processes map[string]watched) {
	ticks := time.NewTicker(sampling)
	defer ticks.Stop()
	for {
		for name, p := range processes {
			if p.tree {
				w.look(name, p)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// look reads what a tree has used, and what it held at most so far.
func (w *watch) look(name string, p watched) (server.Usage, error) {
	u, err := server.TreeOf(p.pid)
	if err != nil {
		return u, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.peaks == nil {
		w.peaks = map[string]int64{}
	}
	w.peaks[name] = max(w.peaks[name], u.Peak)
	u.Peak = w.peaks[name]
	return u, nil
}

// processes are all that work in a measurement.
func (m *measurement) processes() map[string]watched {
	all := map[string]watched{"load": {pid: os.Getpid()}}
	if m.carrier != nil {
		all["carrier"] = watched{pid: m.carrier.process.PID()}
	}
	if m.store != nil {
		all["store"] = watched{pid: m.store.process.PID()}
	}
	maps.Copy(all, m.gateway.processes())
	return all
}

func (m *measurement) usage() map[string]server.Usage {
	usage := map[string]server.Usage{}
	for name, p := range m.processes() {
		read := func() (server.Usage, error) { return server.UsageOf(p.pid) }
		if p.tree {
			read = func() (server.Usage, error) { return m.watch.look(name, p) }
		}
		if u, err := read(); err == nil { // where there is no /proc, nothing is shown
			usage[name] = u
		}
	}
	return usage
}
