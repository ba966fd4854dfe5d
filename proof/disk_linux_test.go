package proof

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// TestFullDisk fills the disk under a server while messages come and leave: it answers 503 with Retry-After and says
// in /readyz that it takes no writes; nothing accepted is lost, nothing refused is sent, and it goes on by itself when
// there is space again.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	folder := t.TempDir()
	mount(t, dataFolder(folder))
	w := newWorld(t, setting{folder: folder, carrier: sink.Options{Delay: crashDelay}})
	finish := w.offer(load.Plan{Connections: 10, Rate: 500, First: 1, Reconnect: true})
	mine := &load.Result{First: 1_000_000, Next: 1_000_000}
	w.eventually("messages leave", func() bool { return w.carrier.Journal.Len() > 200 })
	if r := w.try(mine); !r.accepted {
		t.Fatalf("before the disk is full: %d %s", r.status, r.text)
	}
	ballast := filepath.Join(w.server.Data, "ballast")
	fill(t, ballast)
	var r reply
	w.eventually("the full disk is noticed", func() bool {
		r = w.try(mine)
		return !r.accepted
	})
	if seconds, err := strconv.Atoi(r.retryAfter); r.status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
		t.Errorf("on a full disk: %d, Retry-After %q, %s", r.status, r.retryAfter, r.text)
	}
	w.eventually("/readyz tells", func() bool { return !w.server.Ready(t.Context()) })
	w.eventually("others are refused as well", func() bool { // these questions are few beside the load
		failures, err := w.server.Metric(t.Context(), "staffetta_store_write_failures_total")
		return err == nil && failures > 50
	})
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.eventually("it goes on by itself", func() bool { return w.try(mine).accepted })
	w.eventually("/readyz tells", func() bool { return w.server.Ready(t.Context()) })
	others := finish()
	w.drain()
	finding := w.check(others, mine)
	if finding.Twice != 0 || finding.Held != 0 || finding.Waiting != 0 || finding.Unasked != 0 {
		t.Errorf("%v", finding)
	}
	refused := others.Status[http.StatusServiceUnavailable]
	if refused == 0 || len(others.Status) != 1 || others.Broken != 0 {
		t.Errorf("answers that did not accept: %v, broken %d", others.Status, others.Broken)
	}
	w.checkCredit(finding.AtCarrier)
}

// try sends the next message and notes it when it was accepted.
func (w *world) try(result *load.Result) reply {
	w.Helper()
	n := result.Next
	result.Next++
	r, err := w.send(w.Context(), n)
	if err != nil {
		w.Fatal(err)
	}
	if r.accepted {
		result.Accepted = append(result.Accepted, n)
	}
	return r
}

// mount makes a disk of 24 MiB.
func mount(t *testing.T, folder string) {
	t.Helper()
	if os.Getuid() != 0 {
		peertest.Absent(t, "a full disk", errors.New("only root may mount a small one"))
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=24m,mode=0700"); err != nil {
		peertest.Absent(t, "a full disk", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill writes a file until nothing more fits.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for len(block) > 0 {
		if _, err = f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
