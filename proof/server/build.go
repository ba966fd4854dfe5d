// Package server runs the real program as its own process.
//
// What comes in: the binary, a data folder and a port. What goes out: a server that is ready, the output of commands,
// and how it ended. A server may be killed and started again on the same folder and port. Processes are children that
// the kernel ends with their parent; the package touches no process that it did not start.
package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Variable names a binary to use in place of one built from this checkout.
const Variable = "STAFFETTA_BINARY"

// Build makes the binary in dir, from the module that the working directory is in, and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	if given := os.Getenv(Variable); given != "" {
		return filepath.Abs(given)
	}
	root, err := Root(ctx)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "staffetta")
	command := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/staffetta")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/staffetta: %w\n%s", err, out)
	}
	return binary, nil
}

// Root is the folder of the module that the working directory is in.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	file := strings.TrimSpace(string(out))
	if err == nil && (file == "" || file == os.DevNull) {
		err = errors.New("the working directory is not in the module")
	}
	return filepath.Dir(file), err
}
