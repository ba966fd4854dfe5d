package smpp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
)

// What follows the outbind is left on the connection, for the bind.
func TestAwaitOutbind(t *testing.T) {
	outbind, err := AppendPDU(nil, ESME_ROK, 1, &Outbind{SystemID: "smsc", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	bare := func(id CommandID) []byte { return appendBare(nil, id, ESME_ROK, 1) }
	for name, c := range map[string]struct {
		octets []byte
		want   error
	}{
		"outbind":         {append(outbind, "rest"...), nil},
		"another PDU":     {bare(CommandEnquireLink), ErrNoOutbind},
		"nothing":         {nil, io.EOF},
		"a half":          {outbind[:20], io.ErrUnexpectedEOF},
		"another form":    {[]byte("GET / HTTP/1.1\r\n\r\n"), new(FrameError)},
		"a length of 1 G": {append([]byte{0x40}, outbind[1:]...), new(FrameError)},
		"no body":         {bare(CommandOutbind), new(DecodeError)},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			written := make(chan struct{})
			go func() {
				defer close(written)
				_, _ = theirs.Write(c.octets) // what is not read any more is no error of the test
				_ = theirs.Close()
			}()
			p, err := AwaitOutbind(t.Context(), ours)
			switch want := c.want.(type) {
			case nil:
				rest, _ := io.ReadAll(ours)
				if err != nil || p.SystemID != "smsc" || p.Password != "pw" || string(rest) != "rest" {
					t.Errorf("%+v, %v, rest %q", p, err, rest)
				}
			case *FrameError:
				if !errors.As(err, &want) {
					t.Error(err)
				}
			case *DecodeError:
				if !errors.As(err, &want) {
					t.Error(err)
				}
			default:
				if !errors.Is(err, want) {
					t.Error(err)
				}
			}
			_ = ours.Close()
			<-written
		})
	}
}

func TestAwaitOutbind_of_a_peer_that_says_nothing(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := AwaitOutbind(ctx, ours); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}
