package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// SocketName is the socket inside the data folder on which a server answers operations.
const SocketName = "admin.sock"

// longestPath is what fits into the address of a Unix socket, everywhere.
const longestPath = 100

// Listen makes the socket, mode 0600, in a data folder whose lock the caller holds: what is left of a server that
// died is taken away.
func Listen(data string) (net.Listener, error) {
	path := filepath.Join(data, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	var listener net.Listener
	err := withShortPath(data, func(folder string) (err error) {
		listener, err = (&net.ListenConfig{}).Listen(context.Background(), "unix", filepath.Join(folder, SocketName))
		if unix, ok := listener.(*net.UnixListener); ok {
			unix.SetUnlinkOnClose(false) // the path may be gone or short-lived; Serve removes it
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("admin socket %s: %w", path, cause(err))
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("admin socket: %w", err), listener.Close())
	}
	return listener, nil
}

func dial(ctx context.Context, data string) (connection net.Conn, err error) {
	err = withShortPath(data, func(folder string) (err error) {
		connection, err = (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(folder, SocketName))
		return err
	})
	return connection, err
}

// withShortPath gives work a path of the folder that is short enough for the address of a socket.
func withShortPath(folder string, work func(folder string) error) error {
	if len(folder)+len(SocketName) < longestPath {
		return work(folder)
	}
	short, err := os.MkdirTemp("", "staffetta-")
	if err != nil {
		return err
	}
	absolute, err := filepath.Abs(folder)
	link := filepath.Join(short, "d")
	if err == nil {
		err = os.Symlink(absolute, link)
	}
	if err == nil {
		err = work(link)
	}
	return errors.Join(err, os.RemoveAll(short))
}

// cause leaves out what net says of the operation and the address.
func cause(err error) error {
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Err
	}
	return err
}
