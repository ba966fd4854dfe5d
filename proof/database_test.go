package proof

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/sink"
)

// outage is a load during which the database goes away.
type outage struct {
	*world
	finish func() *load.Result
	mine   *load.Result
	began  time.Time
}

func underLoad(t *testing.T, url string) *outage {
	t.Helper()
	o := &outage{world: newWorld(t, setting{url: url, carrier: sink.Options{Delay: crashDelay, Receipts: true}})}
	o.finish = o.offer(load.Plan{Connections: 20, Rate: 300, First: 1, Reconnect: true})
	o.mine = &load.Result{First: secondLoad, Next: secondLoad}
	o.eventually("messages leave", func() bool { return o.carrier.Journal.Len() > 300 })
	o.began = time.Now()
	return o
}

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
	others := o.finish()
	o.drain()
	finding := o.check(others, o.mine)
	if finding.Twice > twice || finding.Held != 0 || finding.Waiting != 0 || finding.States["DELIVERED"] != finding.AtCarrier {
		o.Errorf("%v", finding)
	}
	if len(others.Status) > 1 || others.Status[http.StatusServiceUnavailable] == 0 || others.Broken != 0 {
		o.Errorf("answers that did not accept: %v, broken %d", others.Status, others.Broken)
	}
	o.checkCredit(finding.AtCarrier)
}

// TestDatabaseKilled kills PostgreSQL under load and starts it again.
func TestDatabaseKilled(t *testing.T) {
	pg := postgres(t)
	o := underLoad(t, pg.URL())
	pg.Kill()
	o.refused()
	if err := pg.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.over(0)
}

// TestDatabaseFrozen stops PostgreSQL under load with SIGSTOP, for longer than a server may go on without its heartbeat.
func TestDatabaseFrozen(t *testing.T) {
	pg := postgres(t)
	o := underLoad(t, pg.URL())
	pg.Freeze()
	o.refused()
	o.pause(12*time.Second - time.Since(o.began))
	pg.Thaw()
	o.over(2 * o.window)
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
	o := underLoad(t, bothOf(primary, standby))
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
