// Package powerloss is a file system that forgets what was not synced.
//
// What comes in: the calls of ordinary processes on a folder, over FUSE, and the moment of a power loss. What goes
// out: the same folder as a disk would hold it afterwards. Everything lives in memory; nothing of it outlives the
// process that mounted it.
//
// The promises of the disk, no more than ext4, XFS and Btrfs give, and as a rule less:
//
//   - fsync and fdatasync of a file keep its data, its length, and the directory entries by which it is found: its own
//     names and their changes, and those of the folders above it. They keep nothing of any other file. (ext4 would keep all entries.)
//   - fsync of a directory keeps its entries and how it is found itself; it keeps no data: a file whose name is
//     kept and that was never synced is empty.
//   - A rename is kept as a whole or not at all. A rename over a file does not sync the new one. (ext4 would.)
//   - Entries that were not synced survive in the order in which they were changed: all up to some moment.
//   - A shortened file is as good as a changed entry. Writes that were not synced survive or not as [Mode] says; an
//     octet that did not survive in a file that became longer is 0.
//   - close, munmap and the lapse of time keep nothing. sync(2) and syncfs(2) do nothing.
//   - Permissions and times of a file survive always: they are not what is tested here.
//
// There are no symbolic links, devices or extended attributes.
package powerloss

import (
	"errors"
	"io/fs"
	"maps"
	"time"
)

// disk is the state of one file system: what processes see now, and what is safe.
type disk struct {
	root    *inode
	number  uint64             // of the newest inode
	moment  uint64             // of the newest change
	entries []entryChange      // not safe, in order
	writes  map[*inode][]write // not safe, in order; also lengths
}

// inode is a file, a folder or a socket.
type inode struct {
	number   uint64
	kind     fs.FileMode // 0, ModeDir or ModeSocket
	perm     fs.FileMode
	uid, gid uint32
	modified time.Time
	links    int // how many names it has now

	now, safe           []byte
	nowNames, safeNames map[string]*inode
}

func newDisk() *disk {
	d := &disk{writes: map[*inode][]write{}}
	d.root = d.newInode(fs.ModeDir, 0o755)
	d.root.links = 1
	return d
}

func (d *disk) newInode(kind, perm fs.FileMode) *inode {
	d.number++
	x := &inode{number: d.number, kind: kind, perm: perm, modified: time.Now()}
	if x.isDir() {
		x.nowNames, x.safeNames = map[string]*inode{}, map[string]*inode{}
	}
	return x
}

func (x *inode) isDir() bool { return x.kind == fs.ModeDir }

func (d *disk) tick() uint64 {
	d.moment++
	return d.moment
}

// sync makes a file or a folder safe, as fsync does.
func (d *disk) sync(x *inode) {
	for _, w := range d.writes[x] {
		x.safe = w.apply(x.safe, 0, len(w.data))
	}
	delete(d.writes, x)
	d.syncEntries(x)
}

// forget is the power loss itself: what is safe is all that there is.
func (d *disk) forget() {
	d.entries = nil
	clear(d.writes)
	d.root.each(func(x *inode) {
		x.now = append([]byte(nil), x.safe...)
		x.nowNames = maps.Clone(x.safeNames)
		x.links = 0
	})
	d.root.each(func(x *inode) { x.links++ })
}

// each calls f for the folder and all that is safe below it, for a file with several names several times.
func (x *inode) each(f func(*inode)) {
	f(x)
	for _, child := range x.safeNames {
		child.each(f)
	}
}

var (
	errExist    = errors.New("exists")
	errNotExist = errors.New("does not exist")
	errNotEmpty = errors.New("is not empty")
)
