package powerloss

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const sector = 512

// tree is what a disk holds: path → octets, folders as "/".
func tree(names func(*inode) map[string]*inode, octets func(*inode) []byte, dir *inode) map[string]string {
	all := map[string]string{}
	var walk func(prefix string, dir *inode)
	walk = func(prefix string, dir *inode) {
		for name, x := range names(dir) {
			if x.isDir() {
				all[prefix+name] = "/"
				walk(prefix+name+"/", x)
				continue
			}
			all[prefix+name] = string(octets(x))
		}
	}
	walk("", dir)
	return all
}

func (d *disk) treeNow() map[string]string {
	return tree(namesNow, func(x *inode) []byte { return x.now }, d.root)
}

// user does random things to a disk.
type user struct {
	*disk
	*rapid.T
	all     []*inode            // files, ever
	history map[*inode][]string // what each has held since its last sync, that included
	synced  map[*inode]bool
	trees   []map[string]string // of the whole disk, after each change
}

func newUser(t *rapid.T) *user {
	u := &user{disk: newDisk(), T: t, history: map[*inode][]string{}, synced: map[*inode]bool{}}
	u.trees = append(u.trees, u.treeNow())
	return u
}

func (u *user) dirs() (all []*inode) {
	u.root.eachNow(func(x *inode) {
		if x.isDir() {
			all = append(all, x)
		}
	})
	return all
}

func (x *inode) eachNow(f func(*inode)) {
	f(x)
	for _, name := range slices.Sorted(maps.Keys(x.nowNames)) {
		x.nowNames[name].eachNow(f)
	}
}

func (u *user) slot(label string) slot {
	return slot{rapid.SampledFrom(u.dirs()).Draw(u.T, label+" dir"), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(u.T, label)}
}

// taken is a slot with something in it; its dir is nil when there is none.
func (u *user) taken(label string) slot {
	all := []slot{{}}
	for _, dir := range u.dirs() {
		for _, name := range slices.Sorted(maps.Keys(dir.nowNames)) {
			all = append(all, slot{dir, name})
		}
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(u.T, label)]
}

func (u *user) step(syncs bool) {
	actions := []string{"create", "write", "write", "write", "truncate", "rename", "rename", "remove", "mkdir", "link"}
	if syncs {
		actions = append(actions, "sync", "sync", "sync dir")
	}
	action := rapid.SampledFrom(actions).Draw(u.T, "action")
	switch {
	case action == "create" || len(u.all) == 0:
		if x, err := u.create(u.slot("file"), 0, 0o600); err == nil {
			u.all, u.history[x] = append(u.all, x), []string{""}
		}
	case action == "mkdir":
		_, _ = u.create(u.slot("folder"), 1<<31, 0o700)
	case action == "link":
		_ = u.link(rapid.SampledFrom(u.all).Draw(u.T, "file"), u.slot("link"))
	case action == "rename":
		from, to := u.taken("from"), u.slot("to")
		if from.dir != nil && u.mayMove(from.dir.nowNames[from.name], to) {
			_ = u.rename(from, to)
		}
	case action == "remove":
		_ = u.remove(u.slot("victim"))
	case action == "sync dir":
		u.sync(rapid.SampledFrom(u.dirs()).Draw(u.T, "dir"))
	default:
		u.stepFile(action, rapid.SampledFrom(u.all).Draw(u.T, "file"))
	}
	u.trees = append(u.trees, u.treeNow())
}

// mayMove says what the kernel checks: a folder never goes below itself, nor over a file, nor a file over a folder.
func (u *user) mayMove(x *inode, to slot) bool {
	if replaced := to.dir.nowNames[to.name]; replaced != nil && replaced.isDir() != x.isDir() {
		return false
	}
	below := false
	x.eachNow(func(y *inode) { below = below || y == to.dir })
	return !below
}

func (u *user) stepFile(action string, x *inode) {
	switch action {
	case "write": // whole sectors
		at := rapid.IntRange(0, 6).Draw(u.T, "at")
		fill := rapid.Byte().Draw(u.T, "fill")
		u.write(x, at*sector, bytes.Repeat([]byte{fill}, sector*rapid.IntRange(1, 4).Draw(u.T, "sectors")))
	case "truncate":
		u.truncate(x, sector*rapid.IntRange(0, 8).Draw(u.T, "length"))
	case "sync":
		u.sync(x)
		u.history[x], u.synced[x] = nil, true
	}
	u.history[x] = append(u.history[x], string(x.now))
}

// paths is what is where now.
func (u *user) paths() map[string]*inode {
	paths := map[string]*inode{"": u.root}
	var walk func(prefix string, dir *inode)
	walk = func(prefix string, dir *inode) {
		for name, x := range dir.nowNames {
			paths[prefix+name] = x
			walk(prefix+name+"/", x)
		}
	}
	walk("", u.root)
	return paths
}

func TestWhatWasSyncedIsThere(t *testing.T) {
	for _, mode := range Modes() {
		t.Run(mode.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				u := newUser(t)
				for range rapid.IntRange(0, 40).Draw(t, "steps") {
					u.step(true)
				}
				promised, kept := u.promise(), u.kept()
				u.cut(rapid.Uint64().Draw(t, "seed"), mode)
				paths := u.paths()
				for path, x := range promised {
					if paths[path] != x {
						t.Fatalf("%q was synced and is not there", path)
					}
				}
				for _, x := range kept {
					if x.links == 0 {
						t.Fatalf("a file that was synced and never removed, inode %d, is nowhere", x.number)
					}
				}
				for path, x := range paths {
					if !x.isDir() {
						u.checkSectors(x, path, mode)
					}
				}
			})
		})
	}
}

// promise syncs some files and folders, and returns what must be found, and where.
func (u *user) promise() map[string]*inode {
	promised := map[string]*inode{}
	for range rapid.IntRange(0, 3).Draw(u.T, "synced") {
		if len(u.all) > 0 {
			x := rapid.SampledFrom(u.all).Draw(u.T, "file")
			u.stepFile("sync", x)
			u.promiseIf(promised, func(_ string, y *inode) bool { return y == x })
		}
		dir := rapid.SampledFrom(u.dirs()).Draw(u.T, "dir")
		u.sync(dir)
		u.promiseIf(promised, func(parent string, y *inode) bool { return y == dir || u.paths()[parent] == dir })
	}
	return promised
}

func (u *user) promiseIf(promised map[string]*inode, yes func(parent string, x *inode) bool) {
	for path, x := range u.paths() {
		if parent := strings.TrimPrefix(filepath.Dir("/"+path), "/"); yes(parent, x) {
			promised[path] = x
		}
	}
}

// kept are the files that were synced once and still have a name.
func (u *user) kept() []*inode {
	return slices.DeleteFunc(slices.Clone(u.all), func(x *inode) bool { return !u.synced[x] || x.links == 0 })
}

// checkSectors holds each sector of a file against what it ever held since the last sync.
func (u *user) checkSectors(x *inode, path string, mode Mode) {
	history := u.history[x]
	if mode == Lost {
		if string(x.now) != history[0] {
			u.Fatalf("%q does not hold what was synced", path)
		}
		return
	}
	for at := 0; at < len(x.now); at += sector {
		part := string(x.now[at:min(len(x.now), at+sector)])
		found := part == string(make([]byte, len(part))) // never reached in a file that became longer
		for _, held := range history {
			found = found || len(held) >= at+len(part) && held[at:at+len(part)] == part
		}
		if !found {
			u.Fatalf("%q holds at %d what it never held", path, at)
		}
	}
}

func TestPrefixIsAMomentOfThePast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := newUser(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			u.step(false)
		}
		u.cut(rapid.Uint64().Draw(t, "seed"), Prefix)
		now := u.treeNow()
		for i := range u.trees {
			if between(u.trees[max(0, i-1)], u.trees[i], now) {
				return
			}
		}
		t.Fatal("the disk was never so")
	})
}

// between reports whether a tree is b, or a with the first sectors of one write that leads to b.
func between(a, b, now map[string]string) bool {
	if cmp.Equal(b, now) {
		return true
	}
	if !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(now))) {
		return false
	}
	for path, octets := range now {
		for at := 0; at < len(octets); at += sector {
			end := min(len(octets), at+sector)
			if !holds(a[path], octets, at, end) && !holds(b[path], octets, at, end) {
				// A gap that the write would have left, if it starts beyond the end.
				return false
			}
		}
	}
	return true
}

func holds(held, octets string, from, to int) bool {
	return len(held) >= to && held[from:to] == octets[from:to]
}

func TestSameSeedSameRest(t *testing.T) {
	for _, mode := range Modes() {
		rests := map[string]bool{}
		for seed := range uint64(20) {
			first, second := worn(), worn()
			lossOne, lossTwo := first.cut(seed, mode), second.cut(seed, mode)
			if diff := cmp.Diff(first.treeNow(), second.treeNow()); diff != "" || lossOne != lossTwo {
				t.Fatalf("%v, seed %d: %v against %v", mode, seed, lossOne, lossTwo)
			}
			rests[fmt.Sprint(first.treeNow())] = true
		}
		if mode == Lost != (len(rests) == 1) || len(rests) == 0 {
			t.Errorf("%v: %d different rests of 20 seeds", mode, len(rests))
		}
	}
}

// worn is a disk with much that is not safe.
func worn() *disk {
	d := newDisk()
	for i := range 20 {
		x, _ := d.create(slot{d.root, fmt.Sprint("file", i)}, 0, 0o600)
		d.write(x, 0, bytes.Repeat([]byte{1}, 10_000))
		if i%2 == 0 {
			d.sync(x)
		}
		d.write(x, 5000, bytes.Repeat([]byte{2}, 10_000))
		d.truncate(x, 14_000)
	}
	return d
}
