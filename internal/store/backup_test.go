package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const testSecret = "a secret of the tests, 32 octets"

func TestBackupAndRestore(t *testing.T) {
	s, _ := running(t, t.TempDir())
	create(t, s, "acme", 3*sms.Euro)
	save(t, s, aCarrier("a", true))
	file := filepath.Join(t.TempDir(), "a 100% file?name")
	if err := s.Backup(t.Context(), file, true); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
		t.Errorf("beside the backup there are %v", left)
	}
	dir := t.TempDir()
	for range 2 { // the backup stays as it is: it can be restored again
		secret, err := store.Restore(t.Context(), file, dir, true)
		if err != nil || string(secret) != testSecret {
			t.Fatalf("secret %q, error %v", secret, err)
		}
	}
	restored, stop := running(t, dir)
	all, err := restored.Accounts(t.Context())
	if err != nil || len(all) != 1 || all[0].Credit != 3*sms.Euro {
		t.Errorf("%+v, error %v", all, err)
	}
	if c := carriers(t, restored); len(c) != 1 || c[0].Secret != "open sesame" {
		t.Errorf("%+v", c)
	}
	stop()
	content, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil || bytes.Contains(content, []byte("6120736563726574")) {
		t.Errorf("the restored database holds the secret, error %v", err)
	}
}

func TestBackupWithoutSecret(t *testing.T) {
	s, _ := running(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "backup")
	if err := s.Backup(t.Context(), file, false); err != nil {
		t.Fatal(err)
	}
	secret, err := store.Restore(t.Context(), file, t.TempDir(), false)
	if err != nil || secret != nil {
		t.Errorf("secret %q, error %v", secret, err)
	}
}

// A backup that is taken while accounts are made holds whole accounts only.
func TestBackupIsConsistent(t *testing.T) {
	s, _ := running(t, t.TempDir())
	create(t, s, "first", 0)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				create(t, s, "account"+string(rune('A'+i%26))+string(rune('A'+i/26%26))+string(rune('A'+i/676)), 0)
			}
		}
	})
	file := filepath.Join(t.TempDir(), "backup")
	err := s.Backup(t.Context(), file, false)
	close(stop)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := store.Restore(t.Context(), file, dir, false); err != nil {
		t.Fatal(err)
	}
	restored, _ := running(t, dir)
	accounts := count(t, restored, `SELECT COUNT(*) FROM account`)
	users, keys := count(t, restored, `SELECT COUNT(*) FROM login`), count(t, restored, `SELECT COUNT(*) FROM api_key`)
	if accounts < 1 || users != accounts || keys != accounts {
		t.Errorf("%d accounts, %d users, %d keys", accounts, users, keys)
	}
}

func TestBackupRefused(t *testing.T) {
	s, _ := running(t, t.TempDir())
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), taken, true); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("error %v", err)
	}
	if content, _ := os.ReadFile(taken); string(content) != "precious" {
		t.Error("a file was overwritten")
	}
	if err := s.Backup(t.Context(), "/no/such/folder/backup", true); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("error %v", err)
	}
}

func TestRestoreRefused(t *testing.T) {
	dir := t.TempDir()
	s, stop := running(t, dir)
	create(t, s, "acme", 0)
	good := filepath.Join(t.TempDir(), "good")
	if err := s.Backup(t.Context(), good, true); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(t.Context(), good, dir, true); !errors.Is(err, store.ErrInUse) {
		t.Errorf("under a running server: %v", err)
	}
	stop()
	if _, err := store.Restore(t.Context(), good, dir, false); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("over data: %v", err)
	}
	for name, content := range map[string][]byte{"empty": {}, "text": []byte("not a database at all"), "cut": cut(t, good)} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Restore(t.Context(), bad, dir, true); sms.CodeOf(err) != sms.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := store.Restore(t.Context(), "/no/such", dir, true); sms.CodeOf(err) != sms.NotFound {
		t.Errorf("no file: %v", err)
	}
	s, _ = running(t, dir)
	if n := count(t, s, `SELECT COUNT(*) FROM account`); n != 1 {
		t.Errorf("%d accounts: a refused restore changed the data", n)
	}
}

func cut(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content[:len(content)/2/4096*4096]
}
