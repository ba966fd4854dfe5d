package powerloss

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mountChild mounts and waits for its end.
func mountChild(args []string) error {
	if _, err := Mount(args[0]); err != nil {
		return err
	}
	fmt.Println("mounted")
	select {}
}

func TestMountOfADeadProcessIsNoObstacle(t *testing.T) {
	_ = mounted(t) // skips where it must
	here, elsewhere := t.TempDir(), t.TempDir()
	for _, dir := range []string{here, elsewhere} {
		c := startChild(t, "mount", dir)
		if line, err := bufio.NewReader(c.out).ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
		c.kill()
		_ = c.Wait()
		if _, err := os.ReadDir(dir); !errors.Is(err, syscall.ENOTCONN) {
			t.Fatalf("no stale mount: %v", err)
		}
	}
	f := mountedAt(t, here)
	put(t, f.Dir()+"/a", "1", synced)
	table, err := os.ReadFile("/proc/self/mountinfo")
	must(t, err)
	if strings.Contains(string(table), elsewhere) {
		t.Error("the other stale mount is still there")
	}
}

// mapChild maps a file of two pages, changes both, and syncs the first or none.
func mapChild(args []string) error {
	file, err := os.OpenFile(args[0], os.O_RDWR, 0)
	if err != nil {
		return err
	}
	octets, err := syscall.Mmap(int(file.Fd()), 0, 8192, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	octets[0], octets[4096] = 'n', 'n'
	if args[1] == synced {
		if err := file.Sync(); err != nil {
			return err
		}
	}
	octets[1] = 'n'
	fmt.Println("changed")
	time.Sleep(time.Minute) // until it is killed
	return nil
}

func TestMappedPagesAreKeptByASyncOnly(t *testing.T) {
	for _, how := range []string{synced, "not"} {
		f := mounted(t)
		put(t, f.Dir()+"/a", strings.Repeat("o", 8192), synced)
		c := startChild(t, "map", f.Dir()+"/a", how)
		if line, err := bufio.NewReader(c.out).ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
		f.Cut(1, Lost)
		c.kill()
		_ = c.Wait()
		must(t, f.Restore())
		want := strings.Repeat("o", 8192)
		if how == synced {
			want = "n" + want[1:4096] + "n" + want[4097:]
		}
		if got := onDisk(t, f)["a"]; got != want {
			t.Errorf("%s: %q… %q…", how, got[:2], got[4096:4098])
		}
	}
}
