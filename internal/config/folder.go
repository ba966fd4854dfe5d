package config

import (
	"fmt"
	"os"
)

// MakeData makes the data folder, mode 0700, and takes the rights of others from one that is there.
func (c *Config) MakeData() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("data folder %s: %w", c.Data, plain(err))
	}
	info, err := os.Stat(c.Data)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = os.Chmod(c.Data, 0o700)
	}
	if err != nil {
		return fmt.Errorf("data folder %s: %w", c.Data, plain(err))
	}
	return nil
}
