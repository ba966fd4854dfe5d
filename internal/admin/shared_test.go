package admin

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
)

// What a command stores in a database is taken by whichever server looks for what is due, and in no other way.
func TestSharedDatabase(t *testing.T) {
	c := onDatabase(t, pgtest.Start(t, "fsync=off").URL())
	command := connect(t, c)
	made(t, command, "acme")
	if _, err := AddCarrier.Do(t.Context(), command, CarrierRequest{Name: "north", Default: true}); err != nil {
		t.Fatal(err)
	}
	sent, err := Send.Do(t.Context(), command, SendRequest{Account: "acme", Destination: "+393401234567", Sender: "Shop", Body: "Hello"})
	if err != nil || !sent.Accepted || sent.Running {
		t.Errorf("%+v, error %v", sent, err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	server := connect(t, c).(*direct).service.Store // its commit loop runs
	var taken []*sms.Message
	if n, err := server.Due(t.Context(), 10, func(messages []*sms.Message) { taken = append(taken, messages...) }); n != 1 || err != nil || len(taken) != 1 {
		t.Errorf("%d taken: %v, error %v", n, taken, err)
	}
}

// A database is not backed up into a file, nor made of one.
func TestDatabaseHasItsOwnBackup(t *testing.T) {
	s := New(Parts{Shared: true})
	_, err := s.backup(call{t.Context(), "test"}, BackupRequest{File: "/b"})
	if sms.CodeOf(err) != sms.Unsupported || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("backup: %v", err)
	}
	err = Restore(t.Context(), onDatabase(t, "postgres://h/d"), filepath.Join(t.TempDir(), "b"), false)
	if sms.CodeOf(err) != sms.Unsupported || !strings.Contains(err.Error(), "pg_basebackup") {
		t.Errorf("restore: %v", err)
	}
}
