package proof

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/staffetta/staffetta/internal/peertest"
)

// TestSyncBeforeAnswer traces the system calls of one send: the request is read, its pages are written to the log of
// the database, the log is synced, and only then the answer is written.
func TestSyncBeforeAnswer(t *testing.T) {
	w := newWorld(t, setting{})
	tracer := peertest.Program(t, "strace", "strace")
	trace := filepath.Join(t.TempDir(), "trace")
	detach := attach(w, tracer, trace)
	r, err := w.send(t.Context(), 1)
	if err != nil || !r.accepted {
		t.Fatalf("%v %d %s", err, r.status, r.text)
	}
	detach()
	lines, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	steps := stepsOf(strings.Split(string(lines), "\n"))
	t.Logf("steps in order: %v", steps)
	if !inOrder(steps, "request", "write", "sync", "answer") {
		t.Errorf("no sync of the database between the request and its answer:\n%s", lines)
	}
}

// attach starts to trace the server; detach ends that.
func attach(w *world, tracer, trace string) (detach func()) {
	w.Helper()
	command := exec.Command(tracer, "-f", "-yy", "-s", "48", "-o", trace, "-p", strconv.Itoa(w.server.Process().PID()),
		"-e", "trace=read,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync,sync_file_range,msync")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := command.StderrPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := command.Start(); err != nil {
		w.Fatal(err)
	}
	ended := false
	detach = func() {
		if !ended {
			ended = true
			_ = command.Process.Signal(os.Interrupt)
			_, _ = io.Copy(io.Discard, stderr)
			_ = command.Wait() // ends by the signal
		}
	}
	w.Cleanup(detach)
	said := bufio.NewScanner(stderr)
	var text []string
	for said.Scan() {
		text = append(text, said.Text())
		if strings.Contains(said.Text(), "attached") {
			return detach
		}
	}
	peertest.Absent(w.T, "strace", errors.New("it may not attach: "+strings.Join(text, " ")))
	return detach
}

var (
	unfinished = regexp.MustCompile(`^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$`)
	resumed    = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	complete   = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
)

// stepsOf translates a trace into the steps that matter, each at the moment from which it counts: what is read or
// synced when the call has returned, what is written to the customer when the call begins.
func stepsOf(lines []string) (steps []string) {
	begun := map[string]string{} // thread → arguments of the call that it is in
	for _, line := range lines {
		if m := unfinished.FindStringSubmatch(line); m != nil {
			begun[m[1]] = m[3]
			steps = appendStep(steps, m[2], m[3], false, true)
		} else if m := resumed.FindStringSubmatch(line); m != nil {
			steps = appendStep(steps, m[2], begun[m[1]]+m[3], true, false)
		} else if m := complete.FindStringSubmatch(line); m != nil {
			steps = appendStep(steps, m[2], m[3], true, true)
		}
	}
	return steps
}

func appendStep(steps []string, call, args string, ends, begins bool) []string {
	database := strings.Contains(args, "staffetta.db")
	switch call {
	case "read", "recvfrom":
		if ends && strings.Contains(args, "POST /api/message-server/sms/send") {
			return append(steps, "request")
		}
	case "write", "writev", "sendto", "sendmsg":
		if begins && strings.Contains(args, "HTTP/1.1 200 OK") {
			return append(steps, "answer")
		}
		if ends && database {
			return append(steps, "write")
		}
	case "pwrite64", "pwritev":
		if ends && database {
			return append(steps, "write")
		}
	case "fsync", "fdatasync":
		if ends && database && strings.HasSuffix(args, "= 0") {
			return append(steps, "sync")
		}
	}
	return steps
}

// inOrder reports whether the wanted steps come in this order up to the first answer, others between them or not.
func inOrder(steps []string, wanted ...string) bool {
	for _, step := range steps {
		if len(wanted) > 0 && step == wanted[0] {
			wanted = wanted[1:]
		}
		if step == "answer" {
			break
		}
	}
	return len(wanted) == 0
}

func TestTraceIsRead(t *testing.T) {
	read := `71 read(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "POST /api/message-server/sms/send HTTP/1.1\r\n"..., 4096) = 300`
	wal := `70 pwrite64(7</d/staffetta.db-wal>, "x"..., 4096, 32) = 4096`
	answer := `71 write(9<TCP:[127.0.0.1:2->127.0.0.1:1]>, "HTTP/1.1 200 OK\r\n"..., 300) = 300`
	for name, c := range map[string]struct {
		lines []string
		want  bool
	}{
		"right":    {[]string{read, wal, `70 fdatasync(7</d/staffetta.db-wal>) = 0`, answer}, true},
		"split":    {[]string{read, wal, `70 fsync(7</d/staffetta.db-wal> <unfinished ...>`, `70 <... fsync resumed>) = 0`, answer}, true},
		"too late": {[]string{read, wal, `70 fsync(7</d/staffetta.db-wal> <unfinished ...>`, answer, `70 <... fsync resumed>) = 0`}, false},
		"none":     {[]string{read, wal, answer}, false},
		"failed":   {[]string{read, wal, `70 fdatasync(7</d/staffetta.db-wal>) = -1 EIO (Input/output error)`, answer}, false},
		"earlier":  {[]string{`70 fdatasync(7</d/staffetta.db-wal>) = 0`, read, wal, answer}, false},
		"another":  {[]string{read, wal, `70 fdatasync(8</d/other>) = 0`, answer}, false},
		"early answer": {[]string{read, wal, `71 write(9<TCP:[x]>, "HTTP/1.1 200 OK\r\n"... <unfinished ...>`,
			`70 fdatasync(7</d/staffetta.db-wal>) = 0`, `71 <... write resumed>, 300) = 300`}, false},
	} {
		if got := inOrder(stepsOf(c.lines), "request", "write", "sync", "answer"); got != c.want {
			t.Errorf("%s: %t, steps %v", name, got, stepsOf(c.lines))
		}
	}
}
