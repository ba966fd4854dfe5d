package powerloss

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// find answers the kernel with an inode that it may name from now on.
func (m *mount) find(x *inode, out *fuse.EntryOut) {
	number := x.number // that of the root is FUSE_ROOT_ID, 1
	k := m.inodes[number]
	if k == nil {
		k = &known{inode: x}
		m.inodes[number] = k
	}
	k.lookups++
	out.NodeId, out.Generation = number, 1
	x.describe(&out.Attr)
	out.SetEntryTimeout(forever)
	out.SetAttrTimeout(forever)
}

func (x *inode) describe(out *fuse.Attr) {
	*out = fuse.Attr{Ino: x.number, Size: uint64(len(x.now)), Blocks: uint64(len(x.now)+511) / 512, Blksize: 4096,
		Mode: x.mode(), Owner: fuse.Owner{Uid: x.uid, Gid: x.gid}}
	if out.Nlink = uint32(x.links); x.isDir() {
		out.Nlink++
	}
	out.SetTimes(&x.modified, &x.modified, &x.modified)
}

func (x *inode) mode() uint32 {
	mode := uint32(x.perm.Perm())
	switch x.kind {
	case fs.ModeDir:
		return mode | syscall.S_IFDIR
	case fs.ModeSocket:
		return mode | syscall.S_IFSOCK
	default:
		return mode | syscall.S_IFREG
	}
}

func permOf(mode uint32) fs.FileMode { return fs.FileMode(mode) & fs.ModePerm }

// Lookup finds a name.
func (m *mount) Lookup(_ <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	dir, status := m.begin(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	x := dir.nowNames[name]
	if x == nil {
		return fuse.ENOENT
	}
	m.find(x, out)
	return fuse.OK
}

// Forget says that the kernel will not name an inode any more.
func (m *mount) Forget(number, lookups uint64) {
	m.fs.mu.Lock()
	defer m.fs.mu.Unlock()
	k := m.inodes[number]
	if k == nil || number == fuse.FUSE_ROOT_ID {
		return
	}
	if k.lookups -= min(lookups, k.lookups); k.lookups == 0 {
		delete(m.inodes, number)
	}
}

func (m *mount) make(in *fuse.InHeader, name string, mode uint32, out *fuse.EntryOut) fuse.Status {
	kind := fs.FileMode(0)
	switch mode & syscall.S_IFMT {
	case syscall.S_IFDIR:
		kind = fs.ModeDir
	case syscall.S_IFSOCK:
		kind = fs.ModeSocket
	case syscall.S_IFREG, 0:
	default:
		return fuse.EPERM
	}
	dir, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	x, err := m.fs.disk.create(slot{dir, name}, kind, permOf(mode))
	if err != nil {
		return statusOf(err)
	}
	x.uid, x.gid = in.Uid, in.Gid
	m.find(x, out)
	return fuse.OK
}

// Mkdir is mkdir(2).
func (m *mount) Mkdir(_ <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	return m.make(&in.InHeader, name, in.Mode&^syscall.S_IFMT|syscall.S_IFDIR, out)
}

// Mknod is mknod(2), and bind(2) of a socket to a path.
func (m *mount) Mknod(_ <-chan struct{}, in *fuse.MknodIn, name string, out *fuse.EntryOut) fuse.Status {
	return m.make(&in.InHeader, name, in.Mode, out)
}

// Create is open(2) with O_CREAT of a file that is not there.
func (m *mount) Create(_ <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	return m.make(&in.InHeader, name, in.Mode, &out.EntryOut)
}

// Link is link(2).
func (m *mount) Link(_ <-chan struct{}, in *fuse.LinkIn, name string, out *fuse.EntryOut) fuse.Status {
	dir, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	x := m.inodes[in.Oldnodeid]
	if x == nil {
		return fuse.Status(syscall.ESTALE)
	}
	if err := m.fs.disk.link(x.inode, slot{dir, name}); err != nil {
		return statusOf(err)
	}
	m.find(x.inode, out)
	return fuse.OK
}

// Unlink is unlink(2).
func (m *mount) Unlink(_ <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	dir, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	return statusOf(m.fs.disk.remove(slot{dir, name}))
}

// Rmdir is rmdir(2).
func (m *mount) Rmdir(cancel <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	return m.Unlink(cancel, in, name)
}

// Rename is rename(2) and renameat2(2) with RENAME_NOREPLACE.
func (m *mount) Rename(_ <-chan struct{}, in *fuse.RenameIn, oldName, newName string) fuse.Status {
	const noReplace = 1
	if in.Flags&^noReplace != 0 {
		return fuse.EINVAL
	}
	dir, status := m.beginChange(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	to := m.inodes[in.Newdir]
	if to == nil {
		return fuse.Status(syscall.ESTALE)
	}
	if in.Flags == noReplace && to.nowNames[newName] != nil {
		return statusOf(errExist)
	}
	return statusOf(m.fs.disk.rename(slot{dir, oldName}, slot{to.inode, newName}))
}

// OpenDir is opendir(3): it takes the list of names that ReadDir gives.
func (m *mount) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	dir, status := m.begin(in.NodeId)
	if !status.Ok() {
		return status
	}
	defer m.end()
	h := &handle{entries: []fuse.DirEntry{{Name: ".", Mode: syscall.S_IFDIR, Ino: dir.number}, {Name: "..", Mode: syscall.S_IFDIR}}}
	for _, name := range slices.SortedFunc(maps.Keys(dir.nowNames), cmp.Compare) {
		x := dir.nowNames[name]
		h.entries = append(h.entries, fuse.DirEntry{Name: name, Mode: x.mode(), Ino: x.number})
	}
	m.last++
	m.handles[m.last] = h
	out.Fh = m.last
	return fuse.OK
}

// ReadDir is readdir(3).
func (m *mount) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	if _, status := m.begin(in.NodeId); !status.Ok() {
		return status
	}
	defer m.end()
	h := m.handles[in.Fh]
	if h == nil {
		return fuse.EBADF
	}
	for i := in.Offset; i < uint64(len(h.entries)); i++ {
		if !out.AddDirEntry(h.entries[i]) {
			break
		}
	}
	return fuse.OK
}

// ReleaseDir is closedir(3).
func (m *mount) ReleaseDir(in *fuse.ReleaseIn) {
	m.fs.mu.Lock()
	defer m.fs.mu.Unlock()
	delete(m.handles, in.Fh)
}

func statusOf(err error) fuse.Status {
	switch {
	case err == nil:
		return fuse.OK
	case errors.Is(err, errExist):
		return fuse.Status(syscall.EEXIST)
	case errors.Is(err, errNotExist):
		return fuse.ENOENT
	case errors.Is(err, errNotEmpty):
		return fuse.Status(syscall.ENOTEMPTY)
	default:
		return fuse.EIO
	}
}
