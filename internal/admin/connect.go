package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/store"
)

// actorHeader says which user of the machine asks. Only the owner of the server can open the socket.
const actorHeader = "X-Actor"

// patience is how long to wait while another process holds the data folder and does not answer: a server that starts
// or stops, or another command.
const patience = 10 * time.Second

// Connect finds the server of the configuration's data folder, or, when none runs, opens the folder itself; a database
// it opens always. A folder that is not there is made only with create.
func Connect(ctx context.Context, c *config.Config, version string, create bool) (Connection, error) {
	deadline := time.Now().Add(patience)
	for {
		if c.Database == "" && running(ctx, c.Data) {
			return newRemote(c.Data, actor()), nil
		}
		direct, err := openDirect(ctx, c, version, create)
		if err == nil {
			return direct, nil
		}
		if !errors.Is(err, store.ErrInUse) || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// running reports whether a server answers; a socket that was left behind does not.
func running(ctx context.Context, data string) bool {
	connection, err := dial(ctx, data)
	if err == nil {
		_ = connection.Close()
	}
	return err == nil
}

func actor() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}

// remote is a running server.
type remote struct {
	client *http.Client
	actor  string
}

func newRemote(data, actor string) *remote {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, data) }}
	return &remote{&http.Client{Transport: transport}, actor}
}

func (r *remote) Running() bool { return true }

func (r *remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

func (r *remote) do(ctx context.Context, operation string, request []byte) ([]byte, error) {
	to := url.URL{Scheme: "http", Host: "server", Path: "/" + operation}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set(actorHeader, r.actor)
	response, err := r.client.Do(post)
	if err != nil {
		return nil, fmt.Errorf("the running server gave no answer: %w", cause(err))
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, fmt.Errorf("the running server broke off: %w", cause(err))
	}
	if response.StatusCode != http.StatusOK {
		return nil, decodeError(answer)
	}
	return answer, nil
}

// secretOf reads the secret of a data folder, and makes one only where no data could depend on another. That of a
// database is always given.
func secretOf(c *config.Config, create bool) ([]byte, error) {
	if c.Database != "" {
		return c.Secret()
	}
	if _, err := os.Stat(c.Data); errors.Is(err, fs.ErrNotExist) && !create {
		return nil, fmt.Errorf("there is no data folder %s: name it with --data, or make it with `staffetta serve` or `staffetta account create`", c.Data)
	}
	if err := c.MakeData(); err != nil {
		return nil, err
	}
	secret, err := c.Secret()
	if !errors.Is(err, config.ErrNoSecret) {
		return secret, err
	}
	if _, err := os.Stat(filepath.Join(c.Data, store.FileName)); err == nil {
		return nil, fmt.Errorf("there is data in %s, but not the secret under which it was made: put %s back", c.Data, config.SecretName)
	}
	return c.MakeSecret()
}
