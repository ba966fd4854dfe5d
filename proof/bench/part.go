package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/staffetta/staffetta/proof/server"
)

// roles are what this program is for another of its kind: a process of its own, so that what it uses is not counted as
// the load's. It prints one line when it is ready, then answers each line that it reads with one line of JSON, until
// there is none.
var roles = map[string]func(ctx context.Context, args []string) error{
	"carrier": carrierRole,
	"reports": reportsRole,
	"batches": batchesRole,
}

// answerLines prints the first line, then answers each that comes.
func answerLines(first string, answer func(line string) (any, error)) error {
	fmt.Println(first)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		value, err := answer(lines.Text())
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
			return err
		}
	}
	return lines.Err()
}

// part is the other side of a role.
type part struct {
	name    string
	process *server.Process
	log     string
	first   string // the line that said that it is ready
	in      io.WriteCloser
	out     *bufio.Reader
}

// startPart starts a role with its flags, and returns when it is ready.
func startPart(ctx context.Context, dir, role string, flags ...string) (*part, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, append([]string{role}, flags...)...)
	p := &part{name: role, log: filepath.Join(dir, role+".log")}
	if p.in, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.process, err = server.Spawn(p.log, command); err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(p.ended(err), p.stop())
	}
	p.first = strings.TrimSpace(line)
	return p, nil
}

func (p *part) ask(line string, into any) error {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return p.ended(err)
	}
	text, err := p.out.ReadBytes('\n')
	if err != nil {
		return p.ended(err)
	}
	return json.Unmarshal(text, into)
}

func (p *part) ended(err error) error {
	log, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s ended: %w\n%s", p.name, err, log)
}

func (p *part) stop() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.in.Close(), p.process.Wait())
}
