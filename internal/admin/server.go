package admin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// largestRequest bounds what a command may send.
const largestRequest = 1 << 20

const grace = time.Second

// Serve answers operations on the socket of Listen until ctx ends; those that have begun are then finished. It closes
// the listener and removes the socket.
func (s *Service) Serve(ctx context.Context, listener net.Listener, log *slog.Logger) error {
	server := &http.Server{
		Handler:           http.HandlerFunc(s.answer),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-ended
	return errors.Join(err, os.Remove(filepath.Join(s.Store.Dir(), SocketName)))
}

// answer does one operation: POST /<name>, request and answer in JSON.
func (s *Service) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(encodeError(sms.Errorf(sms.Invalid, "operations are posted")))
		return
	}
	answer, err := s.perform(r.Context(), r.Header.Get(actorHeader), r.URL.Path[1:], body)
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		answer = encodeError(err)
	}
	_, _ = w.Write(answer) // a command that is gone has nobody to tell
}
