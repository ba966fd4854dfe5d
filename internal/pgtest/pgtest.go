// Package pgtest starts PostgreSQL servers of its own for tests.
//
// What comes in: nothing but Debian's package, which is installed when it is absent. What goes out: a server in a
// temporary folder on a free port of the loopback interface, gone with the test. It never touches a server that it
// did not start.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/peertest"
)

// Server is one PostgreSQL server, and its data, which stay when it is stopped.
type Server struct {
	Port    int
	dir     string
	bin     string
	account *syscall.Credential // the server refuses to run as root
	process *exec.Cmd
	ended   chan struct{}
}

// Start makes a server with an empty database "staffetta" and runs it. Where PostgreSQL cannot be had the test is
// skipped; with CI=true it fails. Options are settings, such as "max_connections=50".
func Start(t *testing.T, options ...string) *Server {
	t.Helper()
	s, err := New(t.Context(), binaries(t), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	if err := s.Run(t.Context(), options...); err != nil {
		t.Fatal(err)
	}
	return s
}

func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "staffetta-postgres-") // t.TempDir is closed to the account that runs the server
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// binaries is the folder of the newest PostgreSQL here.
func binaries(t *testing.T) string {
	t.Helper()
	if bin := Binaries(); bin != "" {
		return bin
	}
	peertest.Install(t, "postgresql")
	bin := Binaries()
	if bin == "" {
		peertest.Absent(t, "postgresql", errors.New("no /usr/lib/postgresql/*/bin/postgres"))
	}
	return bin
}

// Binaries is the folder with the programs of the newest PostgreSQL on this machine; empty when there is none.
func Binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return ""
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4])
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	return filepath.Dir(found[0])
}

// New prepares the data of a server in dir; nothing runs yet.
func New(ctx context.Context, bin, dir string) (*Server, error) {
	s := &Server{bin: bin, dir: dir}
	if err := s.chooseAccount(); err != nil {
		return nil, err
	}
	var err error
	if s.Port, err = freePort(ctx); err != nil {
		return nil, err
	}
	err = s.run(ctx, "initdb", "-D", s.data(), "-U", "staffetta", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	return s, err
}

// chooseAccount gives the folder to the account "postgres" when this process is root's.
func (s *Server) chooseAccount() error {
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, _ := strconv.ParseUint(account.Uid, 10, 32)
	gid, _ := strconv.ParseUint(account.Gid, 10, 32)
	s.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(ctx context.Context, program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(s.bin, program), arguments...)
	command.Dir = s.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.account, Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return command
}

func (s *Server) run(ctx context.Context, program string, arguments ...string) error {
	if output, err := s.command(ctx, program, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, output)
	}
	return nil
}

// Run runs the server and returns when it answers.
func (s *Server) Run(ctx context.Context, options ...string) error {
	arguments := []string{"-D", s.data(), "-p", strconv.Itoa(s.Port), "-k", s.dir, "-c", "listen_addresses=127.0.0.1"}
	for _, option := range options {
		arguments = append(arguments, "-c", option)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.process = s.command(context.Background(), "postgres", arguments...)
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func(process *exec.Cmd, ended chan struct{}) {
		_ = process.Wait()
		close(ended)
	}(s.process, s.ended)
	return s.await(ctx)
}

// await waits until the server answers, and makes the database when it is not there.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		err := s.run(ctx, "psql", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "staffetta", "-d", "postgres", "-tAc",
			"SELECT 1 FROM pg_database WHERE datname = 'staffetta'")
		if err == nil {
			break
		}
		select {
		case <-s.ended:
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres ended: %s", text)
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
	err := s.run(ctx, "createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "staffetta", "staffetta")
	if err != nil && (strings.Contains(err.Error(), "already exists") || strings.Contains(err.Error(), "read-only")) {
		return nil
	}
	return err
}

// URL is how to reach the database "staffetta".
func (s *Server) URL() string {
	return fmt.Sprintf("postgres://staffetta@127.0.0.1:%d/staffetta?sslmode=disable", s.Port)
}

// Database makes another empty database on the server and answers its URL.
func (s *Server) Database(ctx context.Context, name string) (string, error) {
	err := s.run(ctx, "createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "staffetta", name)
	return strings.Replace(s.URL(), "/staffetta?", "/"+name+"?", 1), err
}

// PID is the process id of the server.
func (s *Server) PID() int { return s.process.Process.Pid }

// Kill ends the server and its children at once, as a crash would; none of them is left when it returns. The server is
// stopped first, so that it neither starts another child nor sees one die; a child that outlived it would still answer, and
// hold the memory that the next server needs.
func (s *Server) Kill() {
	if s.process == nil || s.process.Process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGSTOP)
	children := s.children()
	for _, child := range children {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	for _, child := range children {
		awaitDeath(child)
	}
	_ = syscall.Kill(-s.PID(), syscall.SIGKILL)
	<-s.ended
	_ = os.Remove(filepath.Join(s.data(), "postmaster.pid"))
}

// Stop ends the server in good order, with all its connections.
func (s *Server) Stop() {
	_ = s.process.Process.Signal(syscall.SIGINT)
	<-s.ended
}

// Freeze stops the server and its children where they are; Thaw lets them go on.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

// signal reaches the server and every process it has started: each backend is a group of its own.
func (s *Server) signal(signal syscall.Signal) {
	_ = s.process.Process.Signal(signal)
	for _, child := range s.children() {
		_ = syscall.Kill(child, signal)
	}
}

func (s *Server) children() (pids []int) {
	text, _ := exec.Command("pgrep", "-P", strconv.Itoa(s.PID())).Output()
	for _, child := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(child); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// awaitDeath waits until a process that was killed has ended; one that nobody has waited for yet has.
func awaitDeath(pid int) {
	for limit := time.Now().Add(5 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		_, state, _ := strings.Cut(string(stat), ") ")
		if err != nil || strings.HasPrefix(state, "Z") {
			return
		}
	}
}

// Standby makes a second server that follows this one, and runs it. With it, commits here wait until the standby has
// them too.
func (s *Server) Standby(ctx context.Context, dir string) (*Server, error) {
	second := &Server{bin: s.bin, dir: dir}
	if err := second.chooseAccount(); err != nil {
		return nil, err
	}
	var err error
	if second.Port, err = freePort(ctx); err != nil {
		return nil, err
	}
	err = second.run(ctx, "pg_basebackup", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "staffetta", "-D", second.data(),
		"-R", "-X", "stream", "-c", "fast", "--no-sync")
	if err != nil {
		return nil, err
	}
	if err := second.Run(ctx, "hot_standby=on", "cluster_name=standby"); err != nil {
		return nil, err
	}
	return second, s.sql(ctx, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
}

// Promote makes a standby the one that takes writes.
func (s *Server) Promote(ctx context.Context) error {
	return s.sql(ctx, "SELECT pg_promote()")
}

func (s *Server) sql(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if err := s.run(ctx, "psql", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "staffetta", "-d", "postgres", "-c", statement); err != nil {
			return err
		}
	}
	return nil
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
