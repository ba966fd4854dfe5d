package smpptest

import (
	"slices"
	"testing"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// Frames returns what has come so far, on all connections, with the command_id.
func (s *SMSC) Frames(id smpp.CommandID) []Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.framesLocked(id)
}

func (s *SMSC) framesLocked(id smpp.CommandID) []Frame {
	var list []Frame
	for _, f := range s.frames {
		if f.ID == id {
			list = append(list, f)
		}
	}
	return list
}

// Await returns the first n frames with the command_id, and fails the test when
// they do not come within Patience.
func (s *SMSC) Await(t testing.TB, id smpp.CommandID, n int) []Frame {
	t.Helper()
	var list []Frame
	s.await(t, id.String(), func() bool {
		list = s.framesLocked(id)
		return len(list) >= n
	})
	return list[:n]
}

// AwaitConns returns the first n connections, ended ones included, and fails the
// test when they do not come within Patience.
func (s *SMSC) AwaitConns(t testing.TB, n int) []*Conn {
	t.Helper()
	var list []*Conn
	s.await(t, "connections", func() bool {
		list = slices.Clone(s.conns)
		return len(list) >= n
	})
	return list[:n]
}

// Submits returns the submit_sm that have come so far.
func (s *SMSC) Submits() []*smpp.SubmitSM {
	var list []*smpp.SubmitSM
	for _, f := range s.Frames(smpp.CommandSubmitSM) {
		if m, ok := f.PDU.(*smpp.SubmitSM); ok {
			list = append(list, m)
		}
	}
	return list
}

// await waits until ok, which is called with s.mu held.
func (s *SMSC) await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for {
		s.mu.Lock()
		if ok() {
			s.mu.Unlock()
			return
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("smpptest: waited %v for %s", Patience, what)
		}
	}
}
