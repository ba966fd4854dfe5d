package powerloss

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// again is the power loss and what comes after it.
func (f *FS) again(t testing.TB, seed uint64, mode Mode) Loss {
	t.Helper()
	loss := f.Cut(seed, mode)
	must(t, f.Restore())
	return loss
}

func put(t testing.TB, path, text string, syncs ...string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	must(t, err)
	_, err = file.WriteString(text)
	must(t, err)
	for range syncs {
		must(t, file.Sync())
	}
	must(t, file.Close())
}

func syncDir(t testing.TB, path string) {
	t.Helper()
	dir, err := os.Open(path)
	must(t, err)
	must(t, dir.Sync(), dir.Close())
}

// onDisk is the tree as processes see it.
func onDisk(t testing.TB, f *FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(f.Dir(), func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == f.Dir() {
			return err
		}
		name, _ := filepath.Rel(f.Dir(), path)
		if entry.IsDir() {
			all[name] = "/"
			return nil
		}
		octets, err := os.ReadFile(path)
		all[name] = string(octets)
		return err
	}))
	return all
}

const synced = "synced"

func TestOnlyWhatWasSyncedIsThere(t *testing.T) {
	tests := []struct {
		name string
		do   func(t *testing.T, dir string)
		want map[string]string
	}{
		{"written", func(t *testing.T, dir string) { put(t, dir+"/a", "1") }, map[string]string{}},
		{"written and synced", func(t *testing.T, dir string) { put(t, dir+"/a", "1", synced) }, map[string]string{"a": "1"}},
		{"written with O_SYNC", func(t *testing.T, dir string) {
			file, err := os.OpenFile(dir+"/a", os.O_WRONLY|os.O_CREATE|os.O_SYNC, 0o600)
			must(t, err)
			_, err = file.WriteString("1")
			must(t, err, file.Close())
		}, map[string]string{"a": "1"}},
		{"fdatasync", func(t *testing.T, dir string) {
			file, err := os.Create(dir + "/a")
			must(t, err)
			_, err = file.WriteString("1")
			must(t, err, syscall.Fdatasync(int(file.Fd())), file.Close())
		}, map[string]string{"a": "1"}},
		{"the folder alone", func(t *testing.T, dir string) { put(t, dir+"/a", "1"); syncDir(t, dir) }, map[string]string{"a": ""}},
		{"the folders above", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(dir+"/x/y", 0o700), os.Mkdir(dir+"/x/z", 0o700))
			put(t, dir+"/x/y/a", "1", synced)
		}, map[string]string{"x": "/", "x/y": "/", "x/y/a": "1"}},
		{"the new name of the folder above", func(t *testing.T, dir string) {
			must(t, os.Mkdir(dir+"/x", 0o700))
			put(t, dir+"/x/a", "1", synced)
			must(t, os.Rename(dir+"/x", dir+"/y"))
			put(t, dir+"/y/a", "2", synced)
		}, map[string]string{"y": "/", "y/a": "2"}},
		{"another's name taken over", func(t *testing.T, dir string) {
			put(t, dir+"/a", "1", synced)
			must(t, os.Mkdir(dir+"/x", 0o700), os.Rename(dir+"/a", dir+"/x/b"))
			put(t, dir+"/a", "2", synced)
		}, map[string]string{"x": "/", "x/b": "1", "a": "2"}},
		{"linked", func(t *testing.T, dir string) {
			put(t, dir+"/a", "1", synced)
			must(t, os.Link(dir+"/a", dir+"/b"))
		}, map[string]string{"a": "1"}},
		{"linked, folder synced", func(t *testing.T, dir string) {
			put(t, dir+"/a", "1", synced)
			must(t, os.Link(dir+"/a", dir+"/b"), os.Remove(dir+"/a"))
			syncDir(t, dir)
		}, map[string]string{"b": "1"}},
		{"no other file", func(t *testing.T, dir string) { put(t, dir+"/a", "1"); put(t, dir+"/b", "2", synced) }, map[string]string{"b": "2"}},
		{"written again", func(t *testing.T, dir string) { put(t, dir+"/a", "old", synced); put(t, dir+"/a", "newer") }, map[string]string{"a": "old"}},
		{"shortened", func(t *testing.T, dir string) {
			put(t, dir+"/a", "1234", synced)
			must(t, os.Truncate(dir+"/a", 2))
		}, map[string]string{"a": "1234"}},
		{"removed", func(t *testing.T, dir string) { put(t, dir+"/a", "1", synced); must(t, os.Remove(dir+"/a")) }, map[string]string{"a": "1"}},
		{"removed, folder synced", func(t *testing.T, dir string) {
			put(t, dir+"/a", "1", synced)
			must(t, os.Remove(dir+"/a"))
			syncDir(t, dir)
		}, map[string]string{}},
		{"renamed", func(t *testing.T, dir string) {
			put(t, dir+"/a", "old", synced)
			put(t, dir+"/b", "new", synced)
			must(t, os.Rename(dir+"/b", dir+"/a"))
		}, map[string]string{"a": "old", "b": "new"}},
		{"renamed, folder synced", func(t *testing.T, dir string) {
			put(t, dir+"/a", "old", synced)
			put(t, dir+"/b", "new", synced)
			must(t, os.Rename(dir+"/b", dir+"/a"))
			syncDir(t, dir)
		}, map[string]string{"a": "new"}},
		{"renamed without a sync of the file", func(t *testing.T, dir string) {
			put(t, dir+"/a", "old", synced)
			put(t, dir+"/b", "new")
			must(t, os.Rename(dir+"/b", dir+"/a"))
			syncDir(t, dir)
		}, map[string]string{"a": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := mounted(t)
			tt.do(t, f.Dir())
			f.again(t, 1, Lost)
			if diff := cmp.Diff(tt.want, onDisk(t, f)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTornWritesFollowTheSeed(t *testing.T) {
	f := mounted(t)
	rest := func(seed uint64, mode Mode) string {
		put(t, f.Dir()+"/a", string(bytes.Repeat([]byte("o"), 64<<10)), synced)
		file, err := os.OpenFile(f.Dir()+"/a", os.O_RDWR, 0)
		must(t, err)
		for at := int64(0); at < 64<<10; at += 4096 {
			_, err := file.WriteAt(bytes.Repeat([]byte("n"), 4096), at)
			must(t, err)
		}
		must(t, file.Close())
		f.again(t, seed, mode)
		return onDisk(t, f)["a"]
	}
	for _, mode := range []Mode{Prefix, Sectors, Pages} {
		different := map[string]bool{}
		for seed := range uint64(8) {
			one, two := rest(seed, mode), rest(seed, mode)
			if one != two {
				t.Errorf("%v: seed %d gives two rests", mode, seed)
			}
			for at := 0; at < len(one); at += mode.unit() {
				if part := one[at : at+mode.unit()]; bytes.Count([]byte(part), []byte("n"))%mode.unit() != 0 {
					t.Errorf("%v: %d octets at %d are torn", mode, mode.unit(), at)
				}
			}
			different[one] = true
		}
		if len(different) < 4 {
			t.Errorf("%v: 8 seeds give %d rests", mode, len(different))
		}
	}
}

func TestAfterTheCutNothingWorksUntilRestore(t *testing.T) {
	f := mounted(t)
	put(t, f.Dir()+"/a", "1", synced)
	file, err := os.OpenFile(f.Dir()+"/a", os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	f.Cut(1, Lost)
	_, err = file.WriteString("2")
	_, readErr := os.ReadFile(f.Dir() + "/a")
	for what, err := range map[string]error{"write": err, "sync": file.Sync(), "open": readErr,
		"create": os.WriteFile(f.Dir()+"/b", nil, 0o600), "mkdir": os.Mkdir(f.Dir()+"/c", 0o700), "remove": os.Remove(f.Dir() + "/a")} {
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, f.Restore())
	if _, err := file.WriteString("3"); err == nil {
		t.Error("a file of before the power loss can be written")
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, onDisk(t, f)); diff != "" {
		t.Error(diff)
	}
	put(t, f.Dir()+"/a", "4", synced)
	f.again(t, 2, Lost)
	if diff := cmp.Diff(map[string]string{"a": "4"}, onDisk(t, f)); diff != "" {
		t.Error(diff)
	}
}

func TestArmedCutComesBeforeItsStep(t *testing.T) {
	for steps := range uint64(4) { // create, write, sync, and one more
		f := mounted(t)
		lost := f.Arm(steps, 1, Lost)
		file, err := os.Create(f.Dir() + "/a")
		if err == nil {
			_, err = file.WriteString("1")
			err = errors.Join(err, file.Sync(), file.Close())
		}
		if (err == nil) != (steps == 3) || (len(lost) == 1) == (steps == 3) {
			t.Fatalf("%d steps: error %v, cut %v", steps, err, len(lost) == 1)
		}
		f.again(t, 1, Lost)
		if got := len(onDisk(t, f)); (got == 1) != (steps == 3) {
			t.Errorf("%d steps: %d files are safe", steps, got)
		}
	}
}

func TestOrdinaryUseSeesAnOrdinaryFile(t *testing.T) {
	f := mounted(t)
	rapid.Check(t, func(t *rapid.T) {
		file, err := os.Create(f.Dir() + "/a")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var want []byte
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at := rapid.IntRange(0, 20_000).Draw(t, "at")
			data := bytes.Repeat([]byte{rapid.Byte().Draw(t, "fill")}, rapid.IntRange(0, 9_000).Draw(t, "length"))
			if rapid.IntRange(0, 4).Draw(t, "truncate") == 0 {
				err, want = file.Truncate(int64(at)), resize(want, at)
			} else {
				_, err = file.WriteAt(data, int64(at))
				if len(data) > 0 {
					want = write{offset: at, data: data}.apply(want, 0, len(data))
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(io.NewSectionReader(file, 0, 1<<20))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d octets, want %d; %v", len(got), len(want), err)
		}
	})
}

func TestFolderHoldsSocketsAndLocks(t *testing.T) {
	f := mounted(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", f.Dir()+"/socket")
	must(t, err)
	conn, err := new(net.Dialer).DialContext(t.Context(), "unix", f.Dir()+"/socket")
	must(t, err)
	must(t, conn.Close(), listener.Close())
	one, err := os.Create(f.Dir() + "/lock")
	must(t, err)
	two, err := os.Open(f.Dir() + "/lock")
	must(t, err)
	must(t, syscall.Flock(int(one.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	if err := syscall.Flock(int(two.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("a second lock: %v", err)
	}
	must(t, one.Close(), two.Close())
	for i := range 300 {
		must(t, os.WriteFile(filepath.Join(f.Dir(), string(rune('a'+i%26))+string(rune('a'+i/26))), nil, 0o600))
	}
	if entries, err := os.ReadDir(f.Dir()); err != nil || len(entries) != 301 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}
