package powerloss

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// found is what a SQLite process says of the database that it opens.
type found struct {
	count, highest int
	check          string // of integrity_check; "ok", or what is wrong
}

// sqlite is one database on a file system, and what was promised about it.
type sqlite struct {
	testing.TB
	fs          *FS
	file        string
	synchronous string
	promised    int // the highest transaction whose commit was reported
}

// live opens the database in a new process, lets it commit until the power goes, and kills it.
func (s *sqlite) live(steps, seed uint64, mode Mode) (found, Loss) {
	s.Helper()
	lost := s.fs.Arm(steps, seed, mode)
	c := startChild(s, "sqlite", s.file, s.synchronous, "1000000", "60", "3000")
	lines := bufio.NewScanner(c.out)
	f, opened := s.opening(lines)
	ended := make(chan int)
	go func() { // ends with the child's output
		n := 0
		for lines.Scan() {
			n, _ = strconv.Atoi(lines.Text())
		}
		ended <- n
	}()
	var loss Loss
	select {
	case loss = <-lost:
	case <-time.After(30 * time.Second):
		s.Fatal("the power did not go")
	}
	c.kill()
	s.promised = max(s.promised, <-ended)
	_ = c.Wait()
	must(s, s.fs.Restore())
	if !opened {
		return s.look(), loss
	}
	return f, loss
}

// look opens the database in a new process and commits nothing.
func (s *sqlite) look() found {
	s.Helper()
	c := startChild(s, "sqlite", s.file, s.synchronous, "0", "60", "3000")
	f, opened := s.opening(bufio.NewScanner(c.out))
	_, _ = io.Copy(io.Discard, c.out)
	err := c.Wait()
	if !opened {
		return found{check: fmt.Sprintf("cannot be opened: %v: %s", err, bytes.TrimSpace(c.errors.Bytes()))}
	}
	return f
}

func (s *sqlite) opening(lines *bufio.Scanner) (f found, ok bool) {
	if !lines.Scan() {
		return f, false
	}
	n, _ := fmt.Sscanf(lines.Text(), "found %d %d", &f.count, &f.highest)
	if fields := strings.SplitN(lines.Text(), " ", 4); len(fields) == 4 {
		f.check = fields[3]
	}
	return f, n == 2
}

// lacks says what a database lacks of what was promised; nil when nothing.
func (s *sqlite) lacks(f found) error {
	switch {
	case f.check != "ok":
		return fmt.Errorf("damaged: %s", f.check)
	case f.count != f.highest:
		return fmt.Errorf("%d of the first %d are there", f.count, f.highest)
	case f.highest < s.promised:
		return fmt.Errorf("%d committed, %d are there", s.promised, f.highest)
	}
	return nil
}

// TestFullLosesNothing cuts the power again and again, also while the database recovers from the last time.
func TestFullLosesNothing(t *testing.T) {
	for _, mode := range Modes() {
		t.Run(mode.String(), func(t *testing.T) {
			f := mounted(t)
			s := &sqlite{TB: t, fs: f, file: f.Dir() + "/db", synchronous: "FULL"}
			chance := rand.New(rand.NewPCG(1, uint64(mode)))
			total := 0
			for seed := range uint64(sqliteCuts) {
				_, loss := s.live(chance.Uint64N(1500), seed, mode)
				total += loss.Octets
				if err := s.lacks(s.look()); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			if s.promised == 0 || total == 0 {
				t.Errorf("no proof: %d transactions, %d octets were not synced", s.promised, total)
			}
			t.Logf("%d transactions survived %d cuts", s.promised, sqliteCuts)
		})
	}
}

// TestControlUnsyncedCommitsAreLost is the control: the same transactions without syncs must be lost.
func TestControlUnsyncedCommitsAreLost(t *testing.T) {
	for _, mode := range Modes() {
		t.Run(mode.String(), func(t *testing.T) {
			losses := 0
			for seed := range uint64(sqliteCuts / 2) {
				f := mounted(t)
				s := &sqlite{TB: t, fs: f, file: f.Dir() + "/db", synchronous: "OFF"}
				_, loss := s.live(900, seed, mode)
				err := s.lacks(s.look())
				if err != nil {
					losses++
				}
				t.Logf("seed %d: %v; %v", seed, err, loss)
				if s.promised == 0 {
					t.Errorf("seed %d: nothing was committed", seed)
				}
			}
			if losses == 0 || mode == Lost && losses < sqliteCuts/2 {
				t.Errorf("of %d cuts only %d lost something", sqliteCuts/2, losses)
			}
		})
	}
}

// TestControlNormalForgetsButStaysWhole: synchronous=NORMAL syncs checkpoints but not commits.
func TestControlNormalForgetsButStaysWhole(t *testing.T) {
	forgot := 0
	for seed := range uint64(sqliteCuts) {
		f := mounted(t)
		s := &sqlite{TB: t, fs: f, file: f.Dir() + "/db", synchronous: "NORMAL"}
		s.live(900+100*seed, seed, Lost)
		got := s.look()
		if got.check != "ok" || got.count != got.highest {
			t.Errorf("seed %d: %+v", seed, got)
		}
		if got.highest < s.promised {
			forgot++
		}
	}
	if forgot == 0 {
		t.Error("no commit was forgotten")
	}
}

// BenchmarkSQLite is the rate of small commits, each with its sync, and a log as long as the server's.
func BenchmarkSQLite(b *testing.B) {
	f := mounted(b)
	c := startChild(b, "sqlite", f.Dir()+"/db", "FULL", strconv.Itoa(b.N), "4000", "100")
	b.ResetTimer()
	if _, err := io.Copy(io.Discard, c.out); err != nil {
		b.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	_, syncs := f.Steps()
	b.ReportMetric(float64(syncs)/float64(b.N), "syncs/op")
}
