package powerloss

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// childVariable makes this test binary one of the processes that the tests kill.
const childVariable = "POWERLOSS_CHILD"

func TestMain(m *testing.M) {
	children := map[string]func(args []string) error{"sqlite": sqliteChild, "mount": mountChild, "map": mapChild}
	name := os.Getenv(childVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := children[name](os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child is a process that runs one of the functions above.
type child struct {
	*exec.Cmd
	out    io.ReadCloser
	errors bytes.Buffer // to be read after Wait
}

func startChild(t testing.TB, name string, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], args...)}
	c.Env, c.Stderr = append(os.Environ(), childVariable+"="+name), &c.errors
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if c.out, err = c.StdoutPipe(); err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // has ended as a rule
	return c
}

// kill is kill -9; what the child has written can still be read before wait.
func (c *child) kill() { _ = c.Process.Kill() }

// mounted is a file system for one test.
func mounted(t testing.TB) *FS {
	t.Helper()
	return mountedAt(t, t.TempDir())
}

func mountedAt(t testing.TB, dir string) *FS {
	t.Helper()
	f, err := Mount(dir)
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(func() {
		if err := f.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// unavailable skips a test where there is no FUSE, and says so; where CI has FUSE it must run.
func unavailable(t testing.TB, err error) {
	t.Helper()
	_, missing := os.Stat("/dev/fuse")
	if !errors.Is(err, ErrRights) || missing == nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skipf("NOT PROVEN: power loss: %v", err)
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
