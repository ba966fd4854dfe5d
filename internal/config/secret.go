package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// SecretName is the file of the server's secret inside the data folder.
const SecretName = "secret"

const shortestSecret = 32

// ErrNoSecret is the error of a data folder without its secret.
var ErrNoSecret = errors.New("the secret is missing")

// OwnSecret reports whether the secret is DATA/secret, made and kept by the server, and not one that the operator
// keeps elsewhere.
func (c *Config) OwnSecret() bool { return c.secret == "" && c.SecretFile == "" }

// Secret reads the server's secret: STAFFETTA_SECRET, or the named file, or DATA/secret. With neither and no
// DATA/secret the error is ErrNoSecret.
func (c *Config) Secret() ([]byte, error) {
	if c.secret != "" {
		return checkSecret(prefix+"SECRET", c.secret)
	}
	name := c.SecretFile
	if name == "" {
		name = filepath.Join(c.Data, SecretName)
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && c.SecretFile == "" {
		return nil, fmt.Errorf("%w: there is no %s", ErrNoSecret, name)
	}
	if err != nil {
		return nil, fmt.Errorf("secret file %s: %w", name, plain(err))
	}
	return checkSecret("secret file "+name, string(content))
}

// MakeSecret writes a new DATA/secret, or reads the one that another process has just written.
func (c *Config) MakeSecret() ([]byte, error) {
	random := make([]byte, shortestSecret)
	_, _ = rand.Read(random) // never fails
	if err := WriteSecret(c.Data, []byte(hex.EncodeToString(random))); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return c.Secret()
}

// WriteSecret puts a secret into a data folder, complete or not at all. The error when there is one already is
// fs.ErrExist.
func WriteSecret(data string, secret []byte) error {
	draft, err := os.CreateTemp(data, SecretName+".*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("data folder %s: %w", data, plain(err))
	}
	_, err = draft.Write(append(secret, '\n'))
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err == nil {
		err = os.Link(draft.Name(), filepath.Join(data, SecretName))
	}
	return errors.Join(err, os.Remove(draft.Name()))
}

func checkSecret(where, text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) < shortestSecret {
		return nil, fmt.Errorf("%s: must be at least %d characters, such as the output of openssl rand -hex 32", where, shortestSecret)
	}
	return []byte(text), nil
}

// plain leaves out of an error what the message says already: the operation and the path.
func plain(err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return cause.Err
	}
	return err
}
