package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// reportsRole is the HTTP server of a customer to whom a gateway reports what became of messages: it answers 200 to
// everything, and counts. Its first line is its address.
func reportsRole(ctx context.Context, _ []string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var taken, last atomic.Int64
	door := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		last.Store(time.Now().UnixNano())
		taken.Add(1)
	})}
	var running sync.WaitGroup
	running.Go(func() { err = door.Serve(listener) })
	answered := answerLines(listener.Addr().String(), func(string) (any, error) {
		n := taken.Load()
		return stats{Reports: int(n), LastOne: last.Load()}, nil
	})
	closed := door.Close()
	running.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(answered, closed, err)
}
