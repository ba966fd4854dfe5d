package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/staffetta/staffetta/internal/sms"
)

// Backup writes everything that is stored, as of one moment, into a new file with mode 0600, while the server goes
// on. With withSecret the server's secret goes into it too, so that the file alone restores a server whose keys and
// ids are valid. The file appears when it is complete; one that is there already is sms.Conflict.
func (s *Store) Backup(ctx context.Context, file string, withSecret bool) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return sms.Errorf(sms.Conflict, "%s exists already", file)
	}
	folder, err := os.MkdirTemp(filepath.Dir(file), ".staffetta-backup-") // mode 0700
	if err != nil {
		return &sms.Error{Code: sms.Invalid, Message: "the backup cannot be written there", Cause: err}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	draft := filepath.Join(folder, "backup")
	if err := touch(draft); err != nil { // so that the mode is right from the first octet on
		return err
	}
	err = inFile(filepath.Join(s.options.Dir, FileName), "", func(db *sql.DB) error { // the readers' connections may write nowhere
		_, err := db.ExecContext(ctx, `VACUUM INTO ?`, draft)
		return err
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if withSecret {
		if err := putSecret(ctx, draft, s.options.Secret); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	return publish(draft, file)
}

// publish gives a complete file its name, durably, without ever taking the place of another.
func publish(draft, file string) error {
	f, err := os.Open(draft)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(draft, file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

const secretSetting = "backup_secret"

func putSecret(ctx context.Context, file string, secret []byte) error {
	return inFile(file, "", func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES (?, ?)`, secretSetting, hex.EncodeToString(secret))
		return err
	})
}

func inFile(file, options string, work func(db *sql.DB) error) error {
	db, err := sql.Open("sqlite", sqliteName(file)+options)
	if err != nil {
		return err
	}
	return errors.Join(work(db), db.Close())
}

// Restore puts a backup into a data folder, under its lock, and answers the secret that the backup holds; nil when
// it holds none. A folder with data in it is sms.Conflict unless replace is set; one that a server holds is ErrInUse.
// The backup itself stays as it is.
func Restore(ctx context.Context, backup, dir string, replace bool) (secret []byte, err error) {
	if err := checkBackup(ctx, backup); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	target := filepath.Join(dir, FileName)
	if _, err := os.Lstat(target); err == nil && !replace {
		return nil, sms.Errorf(sms.Conflict, "the data folder %s has data in it already", dir)
	}
	draft := target + ".restoring"
	if err := copyFile(backup, draft); err != nil {
		return nil, errors.Join(err, os.Remove(draft))
	}
	if secret, err = takeSecret(ctx, draft); err != nil {
		return nil, errors.Join(err, os.Remove(draft))
	}
	return secret, swapIn(draft, target)
}

// swapIn puts the restored database in the place of the old one; a log of the old one must not be read into it.
func swapIn(draft, target string) error {
	for _, log := range []string{target + "-wal", target + "-shm"} {
		if err := os.Remove(log); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(draft, target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// checkBackup refuses a file that is not a whole backup.
func checkBackup(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err != nil {
		return &sms.Error{Code: sms.NotFound, Message: "there is no backup " + file, Cause: nil}
	}
	err := inFile(file, "?mode=ro&immutable=1", func(db *sql.DB) error {
		var verdict, fingerprint string
		if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return errors.New(verdict)
		}
		return db.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = 'secret_fingerprint'`).Scan(&fingerprint)
	})
	if err != nil {
		return &sms.Error{Code: sms.Invalid, Message: file + " is not a backup, or is damaged", Cause: err}
	}
	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// takeSecret moves the secret out of the database: in a data folder it stands in its own file.
func takeSecret(ctx context.Context, file string) (secret []byte, err error) {
	err = inFile(file, "", func(db *sql.DB) error {
		var text string
		err := db.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = ?`, secretSetting).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			secret, err = hex.DecodeString(text)
		}
		if err == nil {
			_, err = db.ExecContext(ctx, `PRAGMA secure_delete = on; DELETE FROM setting WHERE name = '`+secretSetting+`'`)
		}
		return err
	})
	return secret, err
}

func sqliteName(file string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}).String()
}
