// Package peertest gets hold of programs that others wrote, as peers in tests.
//
// What comes in: the name of a Debian, npm or Go package. What goes out: where it is, looked for first and installed
// otherwise, and what tshark says of the PDUs between it and us, of which Capture keeps a record. Where a peer cannot
// be had the test is skipped, loudly; with CI=true it fails. A short run has no peers.
package peertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// PerlModule makes sure that Perl has a module of a Debian package.
func PerlModule(t *testing.T, debian, module string) {
	t.Helper()
	skipIfShort(t)
	has := func() error { return exec.CommandContext(t.Context(), "perl", "-M"+module, "-e", "1").Run() }
	if has() == nil {
		return
	}
	Install(t, debian)
	if err := has(); err != nil {
		Absent(t, module, err)
	}
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

// NodePackage returns a folder whose node_modules has a package of npm, and what it forgot to ask for, installed once for
// each machine.
func NodePackage(t *testing.T, name, version string, with ...string) string {
	t.Helper()
	skipIfShort(t)
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			Absent(t, tool, err)
		}
	}
	cache := cacheFolder(t)
	folder := filepath.Join(cache, plain(name)+"-"+version)
	if !hasPackage(folder, name) {
		installNode(t, folder, name, append([]string{name + "@" + version}, with...))
	}
	return folder
}

// cacheFolder is where what was installed for tests stays.
func cacheFolder(t *testing.T) string {
	if cache := os.Getenv("STAFFETTA_TEST_CACHE"); cache != "" {
		return cache
	}
	user, err := os.UserCacheDir()
	if err != nil {
		user = t.TempDir()
	}
	return filepath.Join(user, "staffetta-test")
}

// GoProgram returns the path of a program of a Go module, built once for each machine and version. What it needs does
// not become a dependency of ours.
func GoProgram(t *testing.T, path, version string) string {
	t.Helper()
	skipIfShort(t)
	folder := filepath.Join(cacheFolder(t), strings.ReplaceAll(path, "/", "-")+"-"+version)
	program := filepath.Join(folder, filepath.Base(path))
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	command := exec.CommandContext(t.Context(), "go", "install", path+"@"+version)
	command.Dir, command.Env = fresh, append(os.Environ(), "GOBIN="+fresh, "GOFLAGS=", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		Absent(t, path, fmt.Errorf("go install: %w\n%s", err, output))
	}
	if err := os.Rename(filepath.Join(fresh, filepath.Base(path)), program); err != nil {
		t.Fatal(err)
	}
	return program
}

func hasPackage(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, "node_modules", name, "package.json"))
	return err == nil
}

// plain is the name of a package as that of one folder.
func plain(name string) string { return strings.ReplaceAll(name, "/", "+") }

// installNode installs next to folder and renames, so that nobody sees it half done.
func installNode(t *testing.T, folder, name string, packages []string) {
	t.Helper()
	cache := filepath.Dir(folder)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(cache, plain(name)+"-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	npm := exec.CommandContext(t.Context(), "npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts",
		"--fetch-retries=1", "--prefix", fresh}, packages...)...)
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
