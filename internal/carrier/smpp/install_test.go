package smpp

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Programs that others wrote, as peers. They are looked for, else installed, else the test is skipped; with CI=true
// they must be there.

// skipIfShort skips in a short run.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("peers are not started in a short run")
	}
}

// program returns the path of a program of a Debian package.
func program(t *testing.T, debian, path string) string {
	t.Helper()
	skipIfShort(t)
	if found, err := exec.LookPath(path); err == nil {
		return found
	}
	if os.Geteuid() != 0 {
		absent(t, path, errors.New("not installed, and only root can install "+debian))
	}
	apt := exec.CommandContext(t.Context(), "apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "-q", "--no-install-recommends", debian)
	apt.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if output, err := apt.CombinedOutput(); err != nil {
		absent(t, path, fmt.Errorf("apt-get install %s: %w\n%s", debian, err, output))
	}
	found, err := exec.LookPath(path)
	if err != nil {
		absent(t, path, err)
	}
	return found
}

// nodePackage returns a folder whose node_modules has a package of npm, installed once for each machine.
func nodePackage(t *testing.T, name, version string) string {
	t.Helper()
	skipIfShort(t)
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			absent(t, tool, err)
		}
	}
	cache := os.Getenv("STAFFETTA_TEST_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			user = t.TempDir()
		}
		cache = filepath.Join(user, "staffetta-test")
	}
	folder := filepath.Join(cache, name+"-"+version)
	if !hasPackage(folder, name) {
		installNode(t, cache, folder, name, version)
	}
	return folder
}

func hasPackage(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, "node_modules", name, "package.json"))
	return err == nil
}

// installNode installs next to folder and renames, so that nobody sees it half done.
func installNode(t *testing.T, cache, folder, name, version string) {
	t.Helper()
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(cache, name+"-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	npm := exec.CommandContext(t.Context(), "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
		"--fetch-retries=1", "--prefix", fresh, name+"@"+version)
	npm.Dir = fresh
	if output, err := npm.CombinedOutput(); err != nil {
		absent(t, name, fmt.Errorf("npm install: %w\n%s", err, output))
	}
	if err := os.Rename(fresh, folder); err != nil && !hasPackage(folder, name) {
		t.Fatal(err)
	}
}

// absent skips where a peer cannot be had, but not on the build server.
func absent(t *testing.T, peer string, reason error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is required when CI=true: %v", peer, reason)
	}
	t.Skipf("NOT TESTED with %s: %v", peer, reason)
}
