package powerloss

import (
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// forever is how long the kernel may rely on what it was told: nobody but it changes anything.
const forever = time.Hour

// handle is an open folder.
type handle struct{ entries []fuse.DirEntry }

// String names the file system.
func (m *mount) String() string { return kind }

// begin takes the lock and finds an inode. The lock is held when it answers OK, and must be released by end.
func (m *mount) begin(number uint64) (*inode, fuse.Status) {
	m.fs.mu.Lock()
	x := m.inodes[number]
	switch {
	case m.dead:
		m.fs.mu.Unlock()
		return nil, fuse.EIO
	case x == nil:
		m.fs.mu.Unlock()
		return nil, fuse.Status(syscall.ESTALE)
	}
	return x.inode, fuse.OK
}

// beginChange is begin for a call that changes or syncs something, and so may be the one before which the power goes.
func (m *mount) beginChange(number uint64) (*inode, fuse.Status) {
	x, status := m.begin(number)
	if !status.Ok() {
		return nil, status
	}
	if m.fs.step(); m.dead {
		m.fs.mu.Unlock()
		return nil, fuse.EIO
	}
	return x, fuse.OK
}

func (m *mount) end() { m.fs.mu.Unlock() }

// GetAttr is stat(2).
func (m *mount) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	x, status := m.begin(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	x.describe(&out.Attr)
	out.SetTimeout(forever)
	return fuse.OK
}

// SetAttr is truncate(2), chmod(2), chown(2) and utimensat(2).
func (m *mount) SetAttr(_ <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	begin := m.begin
	size, resize := in.GetSize()
	if resize {
		begin = m.beginChange
	}
	x, status := begin(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	if resize {
		m.fs.disk.truncate(x, int(size))
	}
	if perm, ok := in.GetMode(); ok {
		x.perm = permOf(perm)
	}
	if uid, ok := in.GetUID(); ok {
		x.uid = uid
	}
	if gid, ok := in.GetGID(); ok {
		x.gid = gid
	}
	if at, ok := in.GetMTime(); ok {
		x.modified = at
	}
	x.describe(&out.Attr)
	out.SetTimeout(forever)
	return fuse.OK
}

// Open is open(2) of a file.
func (m *mount) Open(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	begin, cut := m.begin, in.Flags&syscall.O_TRUNC != 0
	if cut {
		begin = m.beginChange
	}
	x, status := begin(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	if cut {
		m.fs.disk.truncate(x, 0)
	}
	out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	return fuse.OK
}

// Read is read(2) past the kernel's cache.
func (m *mount) Read(_ <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	x, status := m.begin(in.NodeId)
	if !status.Ok() {
		return nil, status
	}
	defer m.end()
	if in.Offset >= uint64(len(x.now)) {
		return fuse.ReadResultData(nil), fuse.OK
	}
	return fuse.ReadResultData(buf[:copy(buf, x.now[in.Offset:])]), fuse.OK
}

// Write is write(2), and the kernel that writes mapped pages back.
func (m *mount) Write(_ <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	x, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return 0, status
	}
	defer m.end()
	m.fs.disk.write(x, int(in.Offset), data)
	return uint32(len(data)), fuse.OK
}

// Fsync is fsync(2) and fdatasync(2) of a file, and the end of a write with O_SYNC.
func (m *mount) Fsync(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	x, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	m.fs.syncs++
	m.fs.disk.sync(x)
	return fuse.OK
}

// FsyncDir is fsync(2) of a folder.
func (m *mount) FsyncDir(cancel <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return m.Fsync(cancel, in)
}

// Flush is close(2); it syncs nothing.
func (m *mount) Flush(_ <-chan struct{}, in *fuse.FlushIn) fuse.Status {
	_, status := m.begin(in.NodeId)
	if status.Ok() {
		m.end()
	}
	return status
}

// StatFs shows a disk that is never full.
func (m *mount) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	*out = fuse.StatfsOut{Blocks: 1 << 28, Bfree: 1 << 28, Bavail: 1 << 28, Files: 1 << 20, Ffree: 1 << 20,
		Bsize: 4096, Frsize: 4096, NameLen: 255}
	return fuse.OK
}
