package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

func TestNegativeAmountLast(t *testing.T) {
	for in, want := range map[string]string{
		"account credit acme -5":           "account credit acme -- -5",
		"account credit acme -5.5 --json":  "account credit acme --json -- -5.5",
		"--data d account credit acme -5":  "--data d account credit acme -- -5",
		"account credit --json acme -0.1":  "account credit --json acme -- -0.1",
		"account credit acme +5":           "account credit acme +5",
		"account credit acme -- -5":        "account credit acme -- -5",
		"account create credit --credit 5": "account create credit --credit 5",
		"send acme 39 -5":                  "send acme 39 -5",
		"account credit acme --json":       "account credit acme --json",
	} {
		args := strings.Fields(in)
		if got := strings.Join(negativeAmountLast(args), " "); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		if diff := cmp.Diff(strings.Fields(in), args); diff != "" {
			t.Errorf("the arguments were changed: %s", diff)
		}
	}
}

// Every command explains itself, with an example that is in the grammar.
func TestEveryCommandHasAnExample(t *testing.T) {
	var grammar cli
	parser := kong.Must(&grammar, kong.Name("staffetta"), kong.WithHyphenPrefixedParameters(true))
	leaves := parser.Model.Leaves(true)
	if len(leaves) < 25 {
		t.Fatalf("only %d commands", len(leaves))
	}
	for _, command := range leaves {
		path := command.FullPath()
		_, examples, found := strings.Cut(command.Detail, "Example")
		if !found || !strings.Contains(examples, path) {
			t.Errorf("%s --help has no example of its own", path)
		}
		if command.Help == "" || !strings.HasSuffix(command.Help, ".") {
			t.Errorf("%s: help %q", path, command.Help)
		}
		for line := range strings.Lines(examples) {
			if args := words(line); len(args) > 1 && args[0] == "staffetta" {
				if _, err := parser.Parse(negativeAmountLast(args[1:])); err != nil {
					t.Errorf("the example %q: %v", strings.TrimSpace(line), err)
				}
			}
		}
	}
}

// words splits a line of a shell, quotes and redirections included.
func words(line string) (args []string) {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " < ")
	line, _, _ = strings.Cut(line, " > ")
	for i, piece := range strings.FieldsFunc(line, func(r rune) bool { return r == '\'' || r == '"' }) {
		if i%2 == 1 {
			args = append(args, piece)
		} else {
			args = append(args, strings.Fields(piece)...)
		}
	}
	return args
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "24h": 24 * time.Hour, "1m30s": 90 * time.Second, "0": 0} {
		var d duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %v, error %v", text, time.Duration(d), err)
		}
	}
	for _, text := range []string{"", "-1h", "5", "-1d", "1.5d", "soon", "99999999d"} {
		var d duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, time.Duration(d))
		}
	}
}

func TestExitCodes(t *testing.T) {
	for line, want := range map[string]int{
		"--help": success, "version": success, "account list --help": success,
		"bogus": badUsage, "account list --bogus": badUsage, "serve --listen nonsense": badUsage,
		"account list --data /dev/null/x": failure, "serve --config /no/such": failure,
	} {
		var out, errs bytes.Buffer
		if got := run(strings.Fields(line), streams{strings.NewReader(""), &out, &errs, nil}); got != want {
			t.Errorf("%s: exit code %d, want %d: %s", line, got, want, errs.String())
		}
	}
}

// A URL that was typed in the wrong place is not shown with its password.
func TestErrorsKeepPasswords(t *testing.T) {
	for _, line := range []string{
		"account list postgres://me:hidden@h/d", "serve --config smpp://me:hid:den@h/d", "serve postgres://h/d?password=hidden&sslmode=off",
		"account list --database mysql://me:hidden@h/d", "account list --database postgres://me:hidden%zz@h/d",
		"account list --database postgres://me:hidden@127.0.0.1:1/d?sslmode=bogus --secret-file go.mod",
	} {
		var out, errs bytes.Buffer
		code := run(strings.Fields(line), streams{strings.NewReader(""), &out, &errs, nil})
		if code == success || strings.Contains(errs.String(), "hid") || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%s: exit code %d, %s", line, code, errs.String())
		}
	}
}

// The parts stop in the opposite order of their start, each when the one after it has ended.
func TestLifeStopsDoorsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLife()
		var stopped []string
		for _, name := range []string{"store", "carriers", "door"} {
			l.run(name, func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Second)
				stopped = append(stopped, name)
				return nil
			})
		}
		if err := l.stop(nil); err != nil {
			t.Error(err)
		}
		if want := []string{"door", "carriers", "store"}; !slices.Equal(stopped, want) {
			t.Errorf("stopped %v, want %v", stopped, want)
		}
	})
}

// A part that does not stop does not keep the process for longer than the promised 10 seconds.
func TestLifeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLife()
		release := make(chan struct{})
		l.run("store", func(ctx context.Context) error { <-ctx.Done(); return nil })
		l.run("stuck", func(context.Context) error { <-release; return nil })
		began := time.Now()
		err := l.stop(nil)
		if took := time.Since(began); !errors.Is(err, errStuck) || !strings.Contains(err.Error(), "stuck") || took >= 10*time.Second {
			t.Errorf("error %v after %v", err, took)
		}
		close(release)
		l.parts[0].stop()
		for _, p := range l.parts {
			<-p.done
		}
	})
}

// A part that ends by itself ends the server, with its reason.
func TestLifeEndsWithAPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLife()
		broken := errors.New("broken")
		l.run("store", func(ctx context.Context) error { <-ctx.Done(); return nil })
		l.run("door", func(context.Context) error { return broken })
		err := l.wait(t.Context())
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "door ended") {
			t.Errorf("error %v", err)
		}
		if err := l.stop(err); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	})
}
