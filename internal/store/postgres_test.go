package store_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/internal/store/storetest"
)

// databases gives each place of the suite a database of its own on one server.
type databases struct {
	server *pgtest.Server
	most   int64 // of Options.MaxBacklog
	mu     sync.Mutex
	prefix string
	names  map[string]string
}

func (d *databases) open(t testing.TB, place string) *store.Store {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	name, ok := d.names[place]
	if !ok {
		name = fmt.Sprintf("%splace%d", d.prefix, len(d.names))
		if err := d.create(name); err != nil {
			t.Fatal(err)
		}
		d.names[place] = name
	}
	return d.openNamed(t, name)
}

func (d *databases) openNamed(t testing.TB, name string) *store.Store {
	t.Helper()
	url := strings.Replace(d.server.URL(), "/staffetta?", "/"+name+"?", 1)
	s, err := store.Open(context.Background(), store.Options{URL: url, Node: 1, Secret: conformanceSecret, MaxBacklog: d.most})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// create copies the database "staffetta", which has the schema already.
func (d *databases) create(name string) error {
	command := exec.Command(filepath.Join(pgtest.Binaries(), "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(d.server.Port),
		"-U", "staffetta", "-T", "staffetta", name)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("createdb: %w\n%s", err, output)
	}
	return nil
}

func TestPostgreSQL(t *testing.T) {
	d := &databases{server: pgtest.Start(t, "max_connections=200", "fsync=off"), names: map[string]string{}}
	if err := d.openNamed(t, "staffetta").Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, d.open)
	t.Run("limit", func(t *testing.T) {
		limited := &databases{server: d.server, most: storetest.LimitOfTest, names: map[string]string{}}
		limited.prefix = "limited"
		storetest.Limit(t, limited.open)
	})
}
