package pgtest

import (
	"os"
	"testing"
)

func TestServerKeepsItsDataThroughAKill(t *testing.T) {
	s := Start(t)
	if err := s.sql(t.Context(), "CREATE TABLE a (b int)", "INSERT INTO a VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.sql(t.Context(), "INSERT INTO a VALUES (2)"); err != nil {
		t.Error(err)
	}
}

func TestStandbyTakesOver(t *testing.T) {
	s := Start(t)
	dir, err := os.MkdirTemp("", "staffetta-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	standby, err := s.Standby(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Kill)
	if err := s.sql(t.Context(), "CREATE TABLE a (b int)", "INSERT INTO a VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := standby.sql(t.Context(), "INSERT INTO a VALUES (2)"); err != nil {
		t.Error(err)
	}
}
