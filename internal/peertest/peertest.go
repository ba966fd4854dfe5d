// Package peertest gets hold of programs that others wrote, as peers in tests.
//
// What comes in: the name of a Debian or npm package. What goes out: where it is, looked for first and installed
// otherwise. Where it cannot be had the test is skipped, loudly; with CI=true it fails. A short run has no peers. It
// starts nothing.
package peertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program returns the path of a program of a Debian package.
func Program(t *testing.T, debian, path string) string {
	t.Helper()
	skipIfShort(t)
	if found, err := exec.LookPath(path); err == nil {
		return found
	}
	Install(t, debian)
	found, err := exec.LookPath(path)
	if err != nil {
		Absent(t, path, err)
	}
	return found
}

// Install installs a Debian package.
func Install(t *testing.T, debian string) {
	t.Helper()
	if os.Geteuid() != 0 {
		Absent(t, debian, errors.New("not installed, and only root can install it"))
	}
	err := apt(t, "install", "-y", "-q", "--no-install-recommends", debian)
	if err != nil && apt(t, "update", "-q") == nil { // a new machine has no list of packages yet
		err = apt(t, "install", "-y", "-q", "--no-install-recommends", debian)
	}
	if err != nil {
		Absent(t, debian, err)
	}
}

func apt(t *testing.T, arguments ...string) error {
	command := exec.CommandContext(t.Context(), "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=120"}, arguments...)...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", arguments[0], err, output)
	}
	return nil
}

// NodePackage returns a folder whose node_modules has a package of npm, installed once for each machine.
func NodePackage(t *testing.T, name, version string) string {
	t.Helper()
	skipIfShort(t)
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			Absent(t, tool, err)
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
		Absent(t, name, fmt.Errorf("npm install: %w\n%s", err, output))
	}
	if err := os.Rename(fresh, folder); err != nil && !hasPackage(folder, name) {
		t.Fatal(err)
	}
}

func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("peers are not started in a short run")
	}
}

// Absent skips where a peer cannot be had, but not on the build server.
func Absent(t *testing.T, peer string, reason error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is required when CI=true: %v", peer, reason)
	}
	t.Skipf("NOT TESTED with %s: %v", peer, reason)
}
