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
	mu     sync.Mutex
	names  map[string]string
}

func (d *databases) open(t testing.TB, place string) *store.Store {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	name, ok := d.names[place]
	if !ok {
		name = fmt.Sprintf("place%d", len(d.names))
		command := exec.Command(filepath.Join(pgtest.Binaries(), "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(d.server.Port), "-U", "staffetta", name)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("createdb: %v\n%s", err, output)
		}
		d.names[place] = name
	}
	url := strings.Replace(d.server.URL(), "/staffetta?", "/"+name+"?", 1)
	s, err := store.Open(context.Background(), store.Options{URL: url, Node: 1, Secret: conformanceSecret})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPostgreSQL(t *testing.T) {
	d := &databases{server: pgtest.Start(t, "max_connections=200"), names: map[string]string{}}
	storetest.Run(t, d.open)
}
