package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Server is one data folder or database, one port, and the process that serves them, if there is one.
type Server struct {
	Binary string
	Data   string // the data folder, unless there is a database
	// Database is the URL of a PostgreSQL database, and Secret the file with the secret of those that share it.
	Database, Secret string
	Addr             string   // of the HTTP door
	Log              string   // file with the output of all its processes
	Flags            []string // of serve, besides

	process *Process
}

// startPatience is how long a server may take until it is ready.
const startPatience = 30 * time.Second

// New prepares a server on dir/data and a free port; nothing runs yet.
func New(ctx context.Context, binary, dir string) (*Server, error) {
	addr, err := FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return &Server{Binary: binary, Data: filepath.Join(dir, "data"), Addr: addr, Log: filepath.Join(dir, "server.log")}, nil
}

// FreeAddress is a loopback address that nobody listens on.
func FreeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Start starts `staffetta serve` and returns when /readyz says yes.
func (s *Server) Start(ctx context.Context) (err error) {
	arguments := append([]string{"serve", "--listen", s.Addr}, s.Flags...)
	command := exec.Command(s.Binary, append(arguments, s.place()...)...)
	command.Env = environment()
	if s.process, err = Spawn(s.Log, command); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		if s.Ready(ctx) {
			return nil
		}
		select {
		case <-s.process.Ended():
			return fmt.Errorf("the server ended at its start: %w\n%s", s.process.Wait(), s.Tail())
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("the server is not ready after %v\n%s", startPatience, s.Tail())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// place is the arguments that say where the data are.
func (s *Server) place() []string {
	if s.Database != "" {
		return []string{"--database", s.Database, "--secret-file", s.Secret}
	}
	return []string{"--data", s.Data}
}

// environment is that of this process without the settings of a server.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if len(variable) < 10 || variable[:10] != "STAFFETTA_" {
			kept = append(kept, variable)
		}
	}
	return kept
}

// Ready asks /readyz.
func (s *Server) Ready(ctx context.Context) bool {
	_, err := s.Get(ctx, "/readyz")
	return err == nil
}

// Get returns the body of a path that answers 200.
func (s *Server) Get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr+path, nil)
	if err != nil {
		return nil, err
	}
	return body(request)
}

// Metric is the value of one line of /metrics, such as `staffetta_messages_total{state="delivered"}`.
func (s *Server) Metric(ctx context.Context, name string) (float64, error) {
	text, err := s.Get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut("\n"+string(text), "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("/metrics has no %s", name)
	}
	value, _, _ := strings.Cut(after, "\n")
	return strconv.ParseFloat(value, 64)
}

// Process is the process that runs now, nil before the first start.
func (s *Server) Process() *Process { return s.process }

// Kill ends the server with kill -9 and waits for it. It may be started again.
func (s *Server) Kill() {
	if s.process != nil {
		s.process.Kill()
	}
}

// Terminate ends the server with SIGTERM and returns how it ended: nil is exit code 0 within the patience.
func (s *Server) Terminate(ctx context.Context, patience time.Duration) error {
	if err := s.process.Terminate(ctx, patience); err != nil {
		return fmt.Errorf("%w\n%s", err, s.Tail())
	}
	return nil
}

// Command runs `staffetta ARGS` on the data folder or the database and returns what it prints on standard output.
func (s *Server) Command(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, s.Binary, append(args, s.place()...)...)
	command.Env = environment()
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("staffetta %q: %w: %s", args, err, failed.Stderr)
	}
	return out, err
}

// CommandJSON is Command with --json, its output read into a value.
func (s *Server) CommandJSON(ctx context.Context, into any, args ...string) error {
	out, err := s.Command(ctx, append(args, "--json")...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("staffetta %q prints %q: %w", args, out, err)
	}
	return nil
}

// Tail is the end of the server's log.
func (s *Server) Tail() string {
	log, err := os.ReadFile(s.Log)
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-4000):])
}
