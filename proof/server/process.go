package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Process is a child.
type Process struct {
	command *exec.Cmd
	log     *os.File
	ended   chan struct{} // closed when it has
	err     error         // how; read after ended
}

// Spawn starts a command whose output goes to the end of a file.
func Spawn(log string, command *exec.Cmd) (*Process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if command.Stdout == nil {
		command.Stdout = file
	}
	command.Stderr, command.SysProcAttr = file, child()
	if err := command.Start(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	p := &Process{command: command, log: file, ended: make(chan struct{})}
	go func() { // owned by Wait, Kill and Terminate, which all wait for it
		p.err = command.Wait()
		_ = file.Close()
		close(p.ended)
	}()
	return p, nil
}

// PID is its number.
func (p *Process) PID() int { return p.command.Process.Pid }

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Wait returns how the process ended: nil is exit code 0.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Kill ends it at once, kill -9, with everything that it started, and waits for that.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // gone already: nothing to do
	<-p.ended
}

// Freeze stops it where it is, SIGSTOP; Thaw lets it go on.
func (p *Process) Freeze() { _ = p.command.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (p *Process) Thaw() { _ = p.command.Process.Signal(syscall.SIGCONT) }

// Terminate asks it to end, SIGTERM, and returns how it did; after the patience it is killed, which is an error.
func (p *Process) Terminate(ctx context.Context, patience time.Duration) error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
	case <-timer.C:
	}
	p.Kill()
	return fmt.Errorf("still there %v after SIGTERM, killed", patience)
}
