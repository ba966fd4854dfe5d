package smpptest

import (
	"net"
	"testing"

	"github.com/staffetta/staffetta/smpp"
)

// DialESME connects to a server without binding. The connection is closed with
// the test.
func DialESME(t testing.TB, addr string) *Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, Patience)
	if err != nil {
		t.Fatalf("smpptest: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &Conn{Conn: c}
}

// BindESME connects and binds, and returns the answer to the bind whatever its
// status.
func BindESME(t testing.TB, addr string, bind *smpp.Bind) (*Conn, Frame) {
	t.Helper()
	c := DialESME(t, addr)
	if _, err := c.Request(bind); err != nil {
		t.Fatalf("smpptest: bind: %v", err)
	}
	return c, c.Expect(t, bind.CommandID().Response())
}
