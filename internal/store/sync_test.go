package store

import (
	"context"
	"errors"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// A disk that fails to keep what was written: whoever waits is told that nothing is sure, nobody is told that it is
// stored, and the commit loop ends.
func TestFailedSyncAcceptsNothing(t *testing.T) {
	s := openIn(t, t.TempDir())
	account := credited(t, s, "acme", 100)
	if err := s.wal.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	err := s.Accept(t.Context(), []*Admission{{Message: aMessage(account, 1, 10)}}, func([]*sms.Message) {
		t.Error("a message that may not be on the disk goes on its way")
	})
	if sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("accept: %v", err)
	}
	if err := <-ended; !errors.Is(err, ErrDisk) {
		t.Errorf("the loop ended with %v", err)
	}
	if err := s.Accept(t.Context(), []*Admission{{Message: aMessage(account, 1, 10)}}, nil); sms.CodeOf(err) != sms.Unavailable {
		t.Errorf("afterwards: %v", err)
	}
	s.wal = nil
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
