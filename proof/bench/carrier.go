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
	"sync"

	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
)

// carrierRole is this program as the carrier of another: a process of its own, so that what it uses is not counted as
// the load's. It prints its address, then answers each line that it reads with one line of JSON, until there is none.
type carrierRole struct{ on, receipts bool }

// stats is the answer to every line.
type stats struct {
	Taken            int64
	LastTaken        int64 // Unix nanoseconds
	Acknowledged     int
	LastAcknowledged int64
}

func (c carrierRole) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	s, err := sink.Listen(ctx, "127.0.0.1:0", sink.Options{Receipts: c.receipts})
	if err != nil {
		cancel()
		return err
	}
	var running sync.WaitGroup
	running.Go(func() { err = s.Run(ctx) })
	answered := answerLines(s)
	cancel()
	running.Wait()
	return errors.Join(answered, err)
}

func answerLines(s *sink.Sink) error {
	fmt.Println(s.Addr())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if file, ok := strings.CutPrefix(lines.Text(), "save "); ok {
			if err := s.Journal.Save(file, 0); err != nil {
				return err
			}
		}
		taken, at := s.Taken()
		acknowledged, last := s.Acknowledged()
		answer := stats{Taken: taken, LastTaken: at.UnixNano(), Acknowledged: acknowledged, LastAcknowledged: last.UnixNano()}
		if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

// carrier is the other side of a carrierRole.
type carrier struct {
	process *server.Process
	addr    string
	in      io.WriteCloser
	out     *bufio.Reader
}

func startCarrier(ctx context.Context, dir string, receipts bool) (*carrier, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, "-carrier", fmt.Sprintf("-receipts=%t", receipts))
	c := &carrier{}
	if c.in, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.process, err = server.Spawn(filepath.Join(dir, "carrier.log"), command); err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	line, err := c.out.ReadString('\n')
	c.addr = strings.TrimSpace(line)
	return c, err
}

func (c *carrier) ask(line string) (answer stats, err error) {
	if _, err := fmt.Fprintln(c.in, line); err != nil {
		return answer, err
	}
	text, err := c.out.ReadBytes('\n')
	if err != nil {
		return answer, fmt.Errorf("the carrier ended: %w", err)
	}
	return answer, json.Unmarshal(text, &answer)
}

func (c *carrier) stats() (stats, error) { return c.ask("stats") }

func (c *carrier) save(file string) error {
	_, err := c.ask("save " + file)
	return err
}

func (c *carrier) stop() error {
	err := c.in.Close()
	return errors.Join(err, c.process.Wait())
}
