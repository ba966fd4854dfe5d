package carrier

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	carriersmpp "github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/receipt"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// Those whom carriers work for in the server.
var (
	_ carriersmpp.Dispatcher = (*dispatch.Dispatcher)(nil)
	_ carriersmpp.Recorder   = (*receipt.Recorder)(nil)
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// directory is a list of carriers that a test changes.
type directory struct {
	mu      sync.Mutex
	list    []sms.Carrier
	changed chan struct{}
}

func (d *directory) Carriers() []sms.Carrier {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.list)
}

func (d *directory) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

func (d *directory) set(list ...sms.Carrier) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = list
	close(d.changed)
	d.changed = make(chan struct{})
}

// served is a session in the hands of the dispatcher.
type served struct {
	dispatch.Session
	carrier sms.CarrierID
	flying  sync.WaitGroup
}

type dispatcher chan *served

func (d dispatcher) Serve(ctx context.Context, carrier sms.CarrierID, s dispatch.Session, _ dispatch.ServeOptions) error {
	v := &served{Session: s, carrier: carrier}
	d <- v
	select {
	case <-ctx.Done():
	case <-s.Done():
	}
	v.flying.Wait()
	return nil
}

// throttled is what the dispatcher was told last about a throughput.
var throttled atomic.Int64

func (dispatcher) Throttle(_ sms.CarrierID, throughput int) { throttled.Store(int64(throughput)) }

// begin sends a message of one part.
func (s *served) begin(t *testing.T, destination sms.Number) <-chan dispatch.Answer {
	s.flying.Add(1)
	answers := make(chan dispatch.Answer, 2)
	s.Submit(t.Context(), &sms.Message{Destination: destination, Sender: "MyCompany", Text: "Hello there", Parts: 1},
		func(_ int, a dispatch.Answer) { answers <- a; s.flying.Done() })
	return answers
}

// submit sends a message of one part and returns the answer.
func (s *served) submit(t *testing.T, destination sms.Number) dispatch.Answer {
	t.Helper()
	return await(t, s.begin(t, destination))
}

// recorder records at once.
type recorder struct {
	reports  chan sms.Report
	inbounds chan sms.Inbound
}

func (r recorder) Report(rep sms.Report, done func(error))  { r.reports <- rep; done(nil) }
func (r recorder) Inbound(in sms.Inbound, done func(error)) { r.inbounds <- in; done(nil) }

type world struct {
	manager   *Manager
	directory *directory
	sessions  dispatcher
	recorder  recorder
	log       *lockedBuffer
	stop      func()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func start(t *testing.T, list ...sms.Carrier) *world {
	t.Helper()
	return startWith(t, nil, list...)
}

func startWith(t *testing.T, dial dialer, list ...sms.Carrier) *world {
	t.Helper()
	w := &world{
		directory: &directory{list: list, changed: make(chan struct{})}, sessions: make(dispatcher, 100), log: new(lockedBuffer),
		recorder: recorder{make(chan sms.Report, 1000), make(chan sms.Inbound, 1000)},
	}
	w.manager = New(Options{Directory: w.directory, Dispatcher: w.sessions, Recorder: w.recorder,
		Log: slog.New(slog.NewTextHandler(w.log, nil)), DialContext: dial})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.manager.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	select {
	case v := <-c:
		return v
	case <-limit.C:
		t.Fatal("nothing came")
	}
	panic("unreachable")
}

// awaitState waits until the only carrier of a name stands as ok says.
func (w *world) awaitState(t *testing.T, name string, ok func(State) bool) State {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); <-tick.C {
		for _, s := range w.manager.States() {
			if s.Name == name && ok(s) {
				return s
			}
		}
	}
	t.Fatalf("the carriers stand as %+v", w.manager.States())
	panic("unreachable")
}

func bound(s State) bool { return s.Sessions > 0 && s.Bound == s.Sessions }

func toSMSC(id sms.CarrierID, smsc *smpptest.SMSC) sms.Carrier {
	return sms.Carrier{ID: id, Name: "north", Kind: KindSMPP, Address: "smpp://esme@" + smsc.Addr(), Secret: "secret"}
}

func TestManager_follows_the_directory(t *testing.T) {
	first, second := smpptest.NewSMSC(t), smpptest.NewSMSC(t)
	w := start(t)
	if got := w.manager.States(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	north := toSMSC(1, first)
	w.directory.set(north)
	s := await(t, w.sessions)
	if got := s.submit(t, 393401234567); s.carrier != 1 || got.Verdict != dispatch.Accepted {
		t.Errorf("%d: %+v", s.carrier, got)
	}
	if b := first.Frames(smpp.CommandBindTransceiver)[0].PDU.(*smpp.Bind); b.Password != "secret" {
		t.Errorf("bound with %q", b.Password)
	}

	north.Default = true // no reason to bind again
	w.directory.set(north)
	w.directory.set(north, sms.Carrier{ID: 2, Name: "south", Kind: KindSMPP, Address: "smpp://esme@" + second.Addr() + "?sessions=2"})
	await(t, w.sessions)
	await(t, w.sessions)
	w.awaitState(t, "south", bound)
	if n := len(first.Frames(smpp.CommandBindTransceiver)); n != 1 {
		t.Errorf("bound %d times", n)
	}

	north.Address = "smpp://esme@" + first.Addr() + "?window=7"
	w.directory.set(north)
	if s := await(t, w.sessions); s.Window() != 7 {
		t.Errorf("the window is %d", s.Window())
	}
	first.Await(t, smpp.CommandUnbind, 1)  // changed
	second.Await(t, smpp.CommandUnbind, 2) // removed
	if got := w.manager.States(); len(got) != 1 || got[0].Address != north.Address {
		t.Errorf("%+v", got)
	}
	w.stop()
	first.Await(t, smpp.CommandUnbind, 2)
}

// A change waits for the window of what runs, but other carriers do not wait for that.
func TestManager_restarts_in_order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		smsc := map[string]*smpptest.SMSC{
			"north:2775": smpptest.NewSMSCWithoutListener(t), "south:2775": smpptest.NewSMSCWithoutListener(t),
		}
		held := make(chan func(), 1)
		smsc["north:2775"].On(smpp.CommandSubmitSM, func(s *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) {
			held <- func() { smpptest.Accept()(s, c, f) }
		})
		north := sms.Carrier{ID: 1, Name: "north", Kind: KindSMPP, Address: "smpp://esme@north"}
		w := startWith(t, func(_ context.Context, _, address string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			smsc[address].ServeConn(theirs)
			return ours, nil
		}, north)
		s := <-w.sessions
		answer := s.begin(t, 393401234567)
		release := <-held
		north.Secret = "changed"
		w.directory.set(north, sms.Carrier{ID: 2, Name: "south", Kind: KindSMPP, Address: "smpp://esme@south"})
		synctest.Wait()
		if got := len(w.sessions); got != 1 {
			t.Fatalf("%d new sessions while the window of the changed carrier is not finished", got)
		}
		if got := <-w.sessions; got.carrier != 2 {
			t.Errorf("carrier %d", got.carrier)
		}
		release()
		if got := <-answer; got.Verdict != dispatch.Accepted {
			t.Errorf("%+v", got)
		}
		if got := <-w.sessions; got.carrier != 1 {
			t.Errorf("carrier %d", got.carrier)
		}
		w.stop()
		smsc["north:2775"].Close()
		smsc["south:2775"].Close()
	})
}

// What cannot run is named, and stops nothing else.
func TestManager_with_carriers_that_cannot_run(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w := start(t,
		sms.Carrier{ID: 1, Name: "broken", Kind: KindSMPP, Address: "smpp://esme:hunter2@smsc.example?windows=1"},
		sms.Carrier{ID: 2, Name: "pigeon", Kind: "pigeon"},
		sms.Carrier{ID: 3, Name: "odd", Kind: KindPractice, Address: "practice:?sessions=0"},
		toSMSC(4, smsc))
	await(t, w.sessions)
	w.awaitState(t, "north", bound)
	for name, want := range map[string]string{"broken": "windows", "pigeon": "pigeon", "odd": "sessions"} {
		s := w.awaitState(t, name, func(s State) bool { return s.LastError != "" })
		if s.Bound != 0 || !strings.Contains(s.LastError, want) {
			t.Errorf("%+v", s)
		}
	}
	printed, err := json.Marshal(w.manager.States())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(printed)+w.log.String(), "hunter2") {
		t.Errorf("the password is shown:\n%s\n%s", printed, w.log.String())
	}
	w.directory.set(sms.Carrier{ID: 1, Name: "broken", Kind: KindSMPP, Address: "smpp://esme@" + smsc.Addr()})
	w.awaitState(t, "broken", bound)
}

func TestState_as_JSON(t *testing.T) {
	s := State{ID: 9, Name: "north", Kind: "smpp", Address: "smpp://esme@a:1", Sessions: 2, Bound: 1, Since: time.Unix(0, 0).UTC(), LastError: "gone"}
	got, err := json.Marshal(s)
	want := `{"name":"north","kind":"smpp","address":"smpp://esme@a:1","sessions":2,"bound":1,"since":"1970-01-01T00:00:00Z","lastError":"gone"}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

// The practice carrier is reached over TCP like any other, through every outcome that it has.
func TestManager_practice_carrier(t *testing.T) {
	w := start(t, sms.Carrier{ID: 5, Name: "practice", Kind: KindPractice})
	s := await(t, w.sessions)
	state := w.awaitState(t, "practice", bound)
	if !strings.HasPrefix(state.Address, "smpp://practice@127.0.0.1:") {
		t.Errorf("%+v", state)
	}
	for destination, want := range map[sms.Number][]sms.State{
		393401234501: {sms.Failed}, 393401234502: {sms.Expired}, 393401234505: {sms.Delivered}, 393401234508: {sms.Delivered, sms.Delivered},
		393401234567: {sms.Delivered}, 393401234507: {sms.Delivered}, 393401234509: {sms.Delivered},
	} {
		a := s.submit(t, destination)
		if a.Verdict != dispatch.Accepted || a.Ref == "" {
			t.Errorf("%v: %+v", destination, a)
		}
		for _, state := range want {
			if got := await(t, w.recorder.reports); got.State != state || got.Ref != a.Ref || got.Destination != destination || got.Carrier != 5 {
				t.Errorf("%v: %+v", destination, got)
			}
		}
	}
	if in := await(t, w.recorder.inbounds); in.Source != "+393401234509" || in.Destination != "MYCOMPANY" || string(in.Octets) != "Reply to: Hello there" {
		t.Errorf("%+v", in)
	}
	if got := s.submit(t, 393401234503); got.Verdict != dispatch.Permanent || got.Code != "0x0000000b" {
		t.Errorf("%+v", got)
	}
	for _, want := range []dispatch.Verdict{dispatch.Throttled, dispatch.Throttled, dispatch.Accepted} {
		if got := s.submit(t, 393401234504); got.Verdict != want {
			t.Errorf("%+v", got)
		}
	}
	w.directory.set() // and it can be taken away and come again
	await(t, s.Done())
	w.directory.set(sms.Carrier{ID: 6, Name: "practice", Kind: KindPractice, Address: "practice:?sessions=2&bind=pair"})
	await(t, w.sessions)
	if got := await(t, w.sessions).submit(t, 393401234567); got.Verdict != dispatch.Accepted {
		t.Errorf("%+v", got)
	}
}

func TestHidePassword(t *testing.T) {
	for address, want := range map[string]string{
		"":                           "",
		"practice:?window=1":         "practice:?window=1",
		"smpp://esme@host:1":         "smpp://esme@host:1",
		"smpp://esme:pass@host:1?x":  "smpp://esme@host:1?x",
		"smpp://esme:p@ss:w@host?y=": "smpp://esme@host?y=",
	} {
		if got := hidePassword(address); got != want {
			t.Errorf("%q: %q, not %q", address, got, want)
		}
	}
}
