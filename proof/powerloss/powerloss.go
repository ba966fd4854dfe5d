//go:build linux

package powerloss

import (
	"errors"
	"fmt"
	"sync"
)

// FS is one file system at one folder. All methods may be called from any goroutine.
//
// A process must not map files of a file system that it mounted itself: a page fault stops the threads that would have
// to answer it. SQLite in WAL mode maps its index; let another process run it.
type FS struct {
	dir string

	mu    sync.Mutex
	disk  *disk
	mount *mount // nil when not mounted
	armed *armed // nil when none is
	steps uint64
	syncs uint64
}

// armed is a power loss that waits for its moment.
type armed struct {
	left uint64
	seed uint64
	mode Mode
	loss chan Loss
}

// ErrRights is the error of mounting without FUSE or without the right to mount.
var ErrRights = errors.New("FUSE cannot be used here")

// Mount mounts an empty file system at a folder that exists. What processes that have ended left mounted, there or
// elsewhere, is unmounted first. The error is ErrRights where FUSE is missing or forbidden.
func Mount(dir string) (*FS, error) {
	f := &FS{dir: dir, disk: newDisk()}
	if err := sweep(); err != nil {
		return nil, err
	}
	return f, f.Restore()
}

// Dir is the folder.
func (f *FS) Dir() string { return f.dir }

// Cut is the power loss. From now on every call of a process that the file system hears of ends in EIO, until Restore;
// what the kernel has in its cache may still be read. No fsync that succeeded came later than the cut. A second cut
// without a Restore between finds nothing to lose.
func (f *FS) Cut(seed uint64, mode Mode) Loss {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = nil
	return f.cut(seed, mode)
}

func (f *FS) cut(seed uint64, mode Mode) Loss {
	if f.mount != nil {
		f.mount.dead = true
	}
	return f.disk.cut(seed, mode)
}

// Arm lets the power go before the step after the next `steps` steps; a step is a write, a change of a length or of an
// entry, or a sync. What was lost comes on the channel, which is never closed. Arming again, Cut and Unmount disarm.
func (f *FS) Arm(steps, seed uint64, mode Mode) <-chan Loss {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = &armed{left: steps, seed: seed, mode: mode, loss: make(chan Loss, 1)}
	return f.armed.loss
}

// step is called before each change, with mu held.
func (f *FS) step() {
	f.steps++
	a := f.armed
	if a == nil {
		return
	}
	if a.left > 0 {
		a.left--
		return
	}
	f.armed = nil
	a.loss <- f.cut(a.seed, a.mode)
}

// Restore mounts the folder again with what survived. Processes that still use the old mount go on getting errors.
func (f *FS) Restore() error {
	if err := f.detach(); err != nil {
		return err
	}
	m, err := newMount(f)
	if err != nil {
		return fmt.Errorf("mount %s: %w", f.dir, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mount = m
	return nil
}

// Format mounts the folder again with nothing in it.
func (f *FS) Format() error {
	if err := f.detach(); err != nil {
		return err
	}
	f.mu.Lock()
	f.armed, f.disk = nil, newDisk()
	f.mu.Unlock()
	return f.Restore()
}

// Unmount ends it, whoever uses it; what it held is gone. It may be called again.
func (f *FS) Unmount() error {
	f.mu.Lock()
	f.armed = nil
	f.mu.Unlock()
	return f.detach()
}

// detach takes the mount away and waits for its goroutine.
func (f *FS) detach() error {
	f.mu.Lock()
	m := f.mount
	f.mount = nil
	if m != nil {
		m.dead = true
	}
	f.mu.Unlock()
	if m == nil {
		return nil
	}
	if err := detach(f.dir); err != nil {
		return fmt.Errorf("unmount %s: %w", f.dir, err)
	}
	m.serving.Wait()
	return nil
}

// Steps is how many steps there were since the first mount, and how many of them were syncs.
func (f *FS) Steps() (all, syncs uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps, f.syncs
}
