package powerloss

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// kind is the type of the mounts in /proc/self/mountinfo, after "fuse.".
const kind = "powerloss"

// mount is one time that the file system was mounted: from a Restore to the next.
type mount struct {
	fuse.RawFileSystem // ENOSYS for what is not there
	fs                 *FS
	serving            sync.WaitGroup

	// Guarded by fs.mu:
	dead    bool
	inodes  map[uint64]*known
	handles map[uint64]*handle
	last    uint64
}

// known is an inode that the kernel may name.
type known struct {
	*inode
	lookups uint64
}

func newMount(f *FS) (*mount, error) {
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return nil, errors.Join(ErrRights, err)
	}
	m := &mount{RawFileSystem: fuse.NewDefaultRawFileSystem(), fs: f, inodes: map[uint64]*known{}, handles: map[uint64]*handle{}}
	m.inodes[fuse.FUSE_ROOT_ID] = &known{inode: f.disk.root, lookups: 1}
	server, err := fuse.NewServer(m, f.dir, &fuse.MountOptions{
		DirectMount: true, DirectMountStrict: os.Geteuid() == 0, Options: []string{"default_permissions"},
		Name: kind, FsName: fmt.Sprintf("%s-%d", kind, os.Getpid()),
		DisableXAttrs: true, DisableReadDirPlus: true, ExplicitDataCacheControl: true, MaxWrite: 1 << 20, MaxBackground: 64,
	})
	if err != nil {
		if os.Geteuid() != 0 || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENODEV) {
			err = errors.Join(ErrRights, err)
		}
		return nil, err
	}
	m.serving.Go(server.Serve)
	if err := server.WaitMount(); err != nil {
		return nil, errors.Join(err, detach(f.dir))
	}
	return m, nil
}

// detach takes a mount away, also when files are open on it; pending calls end with an error.
func detach(dir string) error {
	err := syscall.Unmount(dir, syscall.MNT_FORCE|syscall.MNT_DETACH)
	if !errors.Is(err, syscall.EPERM) {
		return err
	}
	for _, program := range []string{"fusermount3", "fusermount"} {
		if err = exec.Command(program, "-u", "-z", dir).Run(); err == nil {
			return nil
		}
	}
	return err
}

// sweep takes away the mounts of processes that have ended.
func sweep() error {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	var failed []error
	for line := range strings.Lines(string(table)) {
		before, after, _ := strings.Cut(line, " - ")
		place, source := strings.Fields(before), strings.Fields(after)
		if len(place) < 5 || len(source) < 2 || source[0] != "fuse."+kind {
			continue
		}
		if orphaned(source[1]) {
			failed = append(failed, detach(unescape.Replace(place[4])))
		}
	}
	return errors.Join(failed...)
}

// orphaned reports whether the process that a mount is named after has ended.
func orphaned(source string) bool {
	pid, err := strconv.Atoi(strings.TrimPrefix(source, kind+"-"))
	return err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// unescape undoes what /proc does to names, proc_pid_mountinfo(5).
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
