package admin

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// BackupRequest asks for a backup in a new file; the path is absolute, as the server sees it.
type BackupRequest struct {
	File string `json:"file"`
}

// BackupDone tells of a backup that is complete and on durable storage.
type BackupDone struct {
	File       string `json:"file"`
	Bytes      int64  `json:"bytes"`
	WithSecret bool   `json:"withSecret"` // the file alone restores a working server
}

// errOwnTools refuses what a database does better.
func errOwnTools() error {
	return sms.Errorf(sms.Unsupported, "a PostgreSQL database is backed up and restored with its own tools: pg_dump and pg_restore, or pg_basebackup; "+
		"keep the secret (--secret-file) too, without it no key is valid")
}

func (s *Service) backup(c call, in BackupRequest) (BackupDone, error) {
	if s.Shared {
		return BackupDone{}, errOwnTools()
	}
	if !filepath.IsAbs(in.File) {
		return BackupDone{}, sms.InvalidField("file", "must be an absolute path")
	}
	if err := s.Store.Backup(c, in.File, s.OwnSecret); err != nil {
		return BackupDone{}, err
	}
	info, err := os.Stat(in.File)
	if err != nil {
		return BackupDone{}, err
	}
	note := func(tx *store.Tx) error { return tx.Audit("backup", in.File, "") }
	return BackupDone{in.File, info.Size(), s.OwnSecret}, s.Store.Change(c, c.actor, note)
}

// Restore puts a backup into the data folder of the configuration, where no server may run. With replace it takes
// the place of the data that is there. The secret of the backup becomes that of the folder; a backup without one
// needs the secret that the configuration names.
func Restore(ctx context.Context, c *config.Config, backup string, replace bool) error {
	if c.Database != "" {
		return errOwnTools()
	}
	if err := c.MakeData(); err != nil {
		return err
	}
	secret, err := store.Restore(ctx, backup, c.Data, replace)
	if err != nil {
		return err
	}
	own := filepath.Join(c.Data, config.SecretName)
	if secret != nil && c.OwnSecret() {
		if err := os.Remove(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := config.WriteSecret(c.Data, secret); err != nil {
			return err
		}
	}
	return opens(ctx, c)
}

// opens makes sure that a server would start with what was restored.
func opens(ctx context.Context, c *config.Config) error {
	secret, err := c.Secret()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Dir: c.Data, Secret: secret})
	if err != nil {
		return err
	}
	return s.Close()
}
