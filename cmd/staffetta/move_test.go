package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// emptyDatabase makes a database and answers its URL, with a password that the server does not ask for.
func emptyDatabase(server *pgtest.Server, name string) (string, error) {
	command := exec.Command(filepath.Join(pgtest.Binaries(), "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(server.Port), "-U", "staffetta", name)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("createdb: %w\n%s", err, output)
	}
	u, err := url.Parse(server.URL())
	if err != nil {
		return "", err
	}
	u.User, u.Path = url.UserPassword("staffetta", "hidden"), "/"+name
	return u.String(), nil
}

// TestMoveScript runs the page about the way across.
func TestMoveScript(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	runScripts(t, testscript.Params{Dir: "testdata/move", Setup: func(env *testscript.Env) error {
		for _, name := range []string{"DATABASE", "SECOND"} {
			url, err := emptyDatabase(server, strings.ToLower(name))
			if err != nil {
				return err
			}
			env.Setenv(name, url)
		}
		return nil
	}})
}

// TestMoveSurvivesKill kills the program again and again while it moves, kill -9, until it comes through.
func TestMoveSurvivesKill(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	to, err := emptyDatabase(server, "killed")
	if err != nil {
		t.Fatal(err)
	}
	const messages = 40_000
	dir := t.TempDir()
	fill(t, dir, messages)
	move := func() *exec.Cmd {
		command := exec.Command("staffetta", "move", "--data", dir, "--to", to)
		command.Env = append(os.Environ(), "STAFFETTA_SECRET="+moveSecret)
		return command
	}
	kills := 0
	for patience := 60 * time.Millisecond; ; patience += patience / 2 {
		command := move()
		var out, complaint strings.Builder
		command.Stdout, command.Stderr = &out, &complaint
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
		err := command.Wait()
		if timer.Stop() { // it ended by itself
			if err != nil && kills > 0 && strings.Contains(complaint.String(), " was moved to ") {
				break // the last kill came between the end of the move and that of the process
			}
			if err != nil {
				t.Fatalf("after %d kills: %v: %s", kills, err, complaint.String())
			}
			if !strings.Contains(out.String(), "message ") || strings.Contains(out.String(), "NO") {
				t.Errorf("%s", out.String())
			}
			break
		}
		kills++
	}
	if kills < 3 {
		t.Errorf("it was killed %d times only", kills)
	}
	moved, err := store.Open(t.Context(), store.Options{URL: to, Node: 1, Secret: []byte(moveSecret)})
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	var rows, different int
	err = moved.View(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*), COUNT(DISTINCT id) FROM message`).Scan(&rows, &different)
	})
	if err != nil || rows != messages || different != messages {
		t.Errorf("%d rows, %d ids, want %d of both; error %v", rows, different, messages, err)
	}
	t.Logf("killed %d times", kills)
}

const moveSecret = "the-secret-of-a-move-of-32-characters-or-more"

// fill makes a data folder with many messages.
func fill(t *testing.T, dir string, n int) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Secret: []byte(moveSecret)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() { ended <- s.Run(ctx) }()
	account := &sms.Account{Name: "acme", Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{Credit: sms.Money(n) * sms.Euro, User: sms.User{Name: "acme", Hash: "h"}, Key: sms.Key{ID: "k", Hash: []byte("h")}}
	if err := s.CreateAccount(t.Context(), store.Deed{Actor: "test"}, account, first); err != nil {
		t.Fatal(err)
	}
	for range n / 1000 {
		admissions := make([]*store.Admission, 1000)
		for i := range admissions {
			admissions[i] = &store.Admission{Message: &sms.Message{Account: account.ID, Carrier: 1, Destination: 393401234567, Sender: "ACME",
				Text: "a message of the ordinary length, more or less", Parts: 1, PartPrice: 10, Expires: time.Now().Add(time.Hour)}}
		}
		if err := s.Accept(t.Context(), admissions, func([]*sms.Message) {}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMovedTableSaysWhichSideHasWhat(t *testing.T) {
	var text strings.Builder
	printMoved(&text, &store.Moved{Source: store.Sums{Credit: 5 * sms.Euro}, Target: store.Sums{Credit: 4 * sms.Euro}, Tables: []store.MovedTable{
		{Table: "account", Source: store.Content{Rows: 2, Checksum: "aa"}, Target: store.Content{Rows: 2, Checksum: "aa"}, OK: true},
		{Table: "balance", Source: store.Content{Rows: 2, Checksum: "bb"}, Target: store.Content{Rows: 1, Checksum: "cc"}},
	}})
	want := "TABLE\tROWS\tCHECKSUM\tOK\naccount\t2\taa\tyes\nbalance\t2\tbb\tNO: the folder\n\t1\tcc\tNO: the database\ncredit €\t5\t\tNO\nreserved €\t0\t\tyes\n"
	if text.String() != want {
		t.Errorf("%q", text.String())
	}
}

func TestProgressIsOneLineNowAndThen(t *testing.T) {
	var screen strings.Builder
	tell := progressOn(&screen)
	for done := range int64(1001) {
		tell("message", done, 1000)
	}
	text := screen.String()
	if strings.Contains(text, "\n") || strings.Count(text, "message") > 50 || !strings.Contains(text, "message: 1000 of 1000") {
		t.Errorf("%q", text)
	}
}
