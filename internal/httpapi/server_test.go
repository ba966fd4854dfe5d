package httpapi

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener over connections in memory, so that time can be that of a bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error { close(p.done); return nil }
func (pipes) Addr() net.Addr { return peerAddr("127.0.0.1:80") }

// serveInBubble answers a connection to a server whose time is that of the bubble.
func serveInBubble(t *testing.T) net.Conn {
	t.Helper()
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})
	server := NewServer(handler, slog.New(slog.DiscardHandler))
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	client, conn := net.Pipe()
	listener.conns <- conn
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return client
}

// A client that sends its headers an octet a second is cut off, whatever it sends.
func TestSlowHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serveInBubble(t)
		start := time.Now()
		read := make(chan struct{})
		go func() { defer close(read); _, _ = io.Copy(io.Discard, client) }()
		for _, octet := range "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + strings.Repeat("a", 1000) {
			if _, err := client.Write([]byte(string(octet))); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if lasted := time.Since(start); lasted > headerTimeout+2*time.Second {
			t.Errorf("it was heard for %v", lasted)
		}
		_ = client.Close()
		<-read
	})
}

// A client that sends its body an octet a second is answered an error and cut off.
func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serveInBubble(t)
		start := time.Now()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			_, _ = io.WriteString(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
			for range 1000 {
				if _, err := client.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err == nil && response.StatusCode < 400 {
			t.Errorf("answered with %d", response.StatusCode)
		}
		if lasted := time.Since(start); lasted > requestTimeout+2*time.Second {
			t.Errorf("it was heard for %v", lasted)
		}
		_ = client.Close()
		<-sent
	})
}

// A connection that is not used is closed; one that is used stays.
func TestIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serveInBubble(t)
		reader := bufio.NewReader(client)
		for range 3 {
			_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			time.Sleep(idleTimeout / 2)
		}
		start := time.Now()
		_, err := reader.ReadByte()
		if lasted := time.Since(start); !errors.Is(err, io.EOF) || lasted > idleTimeout+time.Second {
			t.Errorf("after %v: %v", lasted, err)
		}
	})
}

// Headers are bounded.
func TestLargeHeaders(t *testing.T) {
	w := open(t, nil)
	response, err := http.DefaultTransport.RoundTrip(w.request(http.MethodGet, "/healthz", "", "X-Large", strings.Repeat("a", headerLimit+8<<10)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d", response.StatusCode)
	}
}
