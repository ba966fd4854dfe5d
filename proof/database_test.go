package proof

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/sink"
)

// outage is a load on each of some servers while their database goes away.
type outage struct {
	*cluster
	loads []func() *load.Result
	mine  *load.Result
	began time.Time
}

func underLoad(t *testing.T, url string, nodes int) *outage {
	t.Helper()
	url = strings.Replace(url, "staffetta@", "staffetta:"+hidden+"@", 1)
	o := &outage{cluster: newCluster(t, setting{url: url, carrier: sink.Options{Delay: crashDelay, Receipts: true}}, nodes)}
	for i, node := range o.nodes {
		o.loads = append(o.loads, o.offerTo(node, load.Plan{Connections: 10, Rate: 250, First: uint64(1 + i*secondLoad), Reconnect: true}))
	}
	o.mine = &load.Result{First: 9 * secondLoad, Next: 9 * secondLoad}
	o.eventually("messages leave", func() bool { return o.carrier.Journal.Len() > 300 })
	o.began = time.Now()
	return o
}

// hidden is the password in the URL, for which the servers of these tests do not ask. It must stand in no log.
const hidden = "hidden-password"

// refused waits until a message is answered 503, with the time after which to try again.
func (o *outage) refused() {
	o.Helper()
	var r reply
	o.eventually("that the database is away is noticed", func() bool {
		r = o.try(o.mine)
		return !r.accepted
	})
	if seconds, err := strconv.Atoi(r.retryAfter); r.status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
		o.Errorf("without the database: %d, Retry-After %q, %s", r.status, r.retryAfter, r.text)
	}
	o.Logf("503 %v after the database went away", time.Since(o.began))
	if o.server.Ready(o.Context()) {
		o.Error("/readyz says that it takes writes")
	}
}

// unreadable asks for messages, which is answered 503 too.
func (o *outage) unreadable() {
	o.Helper()
	if _, err := o.server.Messages(o.Context(), o.account.APIKey, []string{marker.ID(1)}); err == nil || !strings.Contains(err.Error(), ": 503 ") {
		o.Errorf("status without the database: %v", err)
	}
}

// over waits until all goes on by itself, and checks that nothing is lost; at most so many messages are sent twice.
func (o *outage) over(twice int) {
	o.Helper()
	back := time.Now()
	o.pauses = append(o.pauses, checker.Pause{From: o.began, To: back})
	o.eventually("it accepts again by itself", func() bool { return o.try(o.mine).accepted })
	o.Logf("accepts again %v after the database came back", time.Since(back))
	leaving := o.carrier.Journal.Len()
	o.eventually("messages leave again", func() bool { return o.carrier.Journal.Len() > leaving+100 })
	o.Logf("sends again %v after the database came back", time.Since(back))
	results := []*load.Result{o.mine}
	for _, finish := range o.loads {
		results = append(results, finish())
	}
	o.delivered(twice, results...)
	for _, r := range results[1:] {
		if len(r.Status) > 1 || r.Status[http.StatusServiceUnavailable] == 0 || r.Broken != 0 {
			o.Errorf("answers that did not accept: %v, broken %d", r.Status, r.Broken)
		}
	}
	for _, node := range o.nodes {
		if log, err := os.ReadFile(node.Log); err != nil || bytes.Contains(log, []byte(hidden)) {
			o.Errorf("the log holds the password of the database, error %v", err)
		}
	}
}

// TestDatabaseKilled kills PostgreSQL under load and starts it again.
func TestDatabaseKilled(t *testing.T) {
	pg := postgres(t)
	o := underLoad(t, pg.URL(), 1)
	pg.Kill()
	o.refused()
	o.unreadable()
	if err := pg.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.over(0)
}

// TestDatabaseFrozen stops PostgreSQL with SIGSTOP under the load of two servers, for so long that each could take the
// other for dead. Neither does: nothing is sent twice but what was leaving.
func TestDatabaseFrozen(t *testing.T) {
	pg := postgres(t)
	o := underLoad(t, pg.URL(), 2)
	pg.Freeze()
	o.refused()
	o.pause(16*time.Second - time.Since(o.began))
	pg.Thaw()
	o.over(2 * 2 * o.window)
}

// TestDatabaseFailsOver kills a PostgreSQL under load whose standby has everything that was committed, and promotes the
// standby. The URL names both.
func TestDatabaseFailsOver(t *testing.T) {
	primary := postgres(t)
	dir, err := os.MkdirTemp("", "staffetta-postgres-") // t.TempDir is closed to the account that runs the server
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	standby, err := primary.Standby(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(standby.Kill)
	o := underLoad(t, bothOf(primary, standby), 1)
	primary.Kill()
	o.refused()
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.over(0)
}

// bothOf is the URL of whichever of two servers takes writes.
func bothOf(one, other *pgtest.Server) string {
	return fmt.Sprintf("postgres://staffetta@127.0.0.1:%d,127.0.0.1:%d/staffetta?sslmode=disable&target_session_attrs=read-write", one.Port, other.Port)
}
