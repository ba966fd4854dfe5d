package smpp

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patient = smpptest.Patience

// served is a session that the carrier gave to the dispatcher.
type served struct {
	dispatch.Session
	carrier sms.CarrierID
	options dispatch.ServeOptions
	flying  sync.WaitGroup
}

// answer is one call of done.
type answer struct {
	part int
	dispatch.Answer
}

// submit gives a message to the session; the answers come on the channel.
func (s *served) submit(ctx context.Context, m *sms.Message) <-chan answer {
	answers := make(chan answer, 300)
	for part := range m.Parts {
		if waits(m, part) {
			s.flying.Add(1)
		}
	}
	s.Submit(ctx, m, func(part int, a dispatch.Answer) {
		if a.Ref != "" && a.Took <= 0 {
			panic("an answer took no time")
		}
		a.Took = 0 // no two are the same
		answers <- answer{part, a}
		s.flying.Done()
	})
	return answers
}

// dispatcher is one for tests: it hands out the sessions.
type dispatcher chan *served

func (d dispatcher) Serve(ctx context.Context, carrier sms.CarrierID, s dispatch.Session, o dispatch.ServeOptions) error {
	v := &served{Session: s, carrier: carrier, options: o}
	d <- v
	select {
	case <-ctx.Done():
	case <-s.Done():
	}
	v.flying.Wait()
	return nil
}

func (dispatcher) Throttle(sms.CarrierID, int) {}

// recorder hands out what it should record, together with done.
type recorder struct {
	reports  chan recorded[sms.Report]
	inbounds chan recorded[sms.Inbound]
}

type recorded[T any] struct {
	it   T
	done func(error)
}

func (r *recorder) Report(rep sms.Report, done func(error)) {
	r.reports <- recorded[sms.Report]{rep, done}
}
func (r *recorder) Inbound(in sms.Inbound, done func(error)) {
	r.inbounds <- recorded[sms.Inbound]{in, done}
}

// world is a running carrier.
type world struct {
	carrier  *Carrier
	sessions dispatcher
	recorder *recorder
	stop     func() // ends the carrier and waits for it
}

// start runs a carrier; change, which may be nil, is applied to its configuration.
func start(t *testing.T, address string, change func(*Config)) *world {
	t.Helper()
	a, err := ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{sessions: make(dispatcher, 100), recorder: newRecorder()}
	cfg := Config{Carrier: 7, Name: "test", Address: a, Dispatcher: w.sessions, Recorder: w.recorder,
		Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	w.carrier = New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.carrier.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func newRecorder() *recorder {
	return &recorder{make(chan recorded[sms.Report], 1000), make(chan recorded[sms.Inbound], 1000)}
}

// startWith runs a carrier against a scripted SMSC, and returns its first session.
func startWith(t *testing.T, smsc *smpptest.SMSC, parameters string) (*world, *served) {
	t.Helper()
	w := start(t, "smpp://esme:secret@"+smsc.Addr()+"?"+parameters, nil)
	return w, await(t, w.sessions)
}

// await takes from a channel what must come.
func await[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	limit := time.NewTimer(patient)
	defer limit.Stop()
	select {
	case v := <-c:
		return v
	case <-limit.C:
		t.Fatalf("nothing came for %v", patient)
	}
	panic("unreachable")
}

// awaitState waits until the carrier stands as ok says.
func awaitState(t *testing.T, c *Carrier, ok func(State) bool) State {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(patient); time.Now().Before(limit); <-tick.C {
		if s := c.State(); ok(s) {
			return s
		}
	}
	t.Fatalf("the carrier stands as %+v", c.State())
	panic("unreachable")
}

// pipes is a dialer whose connections are in memory, so that time in a test can be false.
type pipes struct {
	smsc  *smpptest.SMSC
	times []time.Time
	mu    sync.Mutex
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.smsc.ServeConn(theirs)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times = append(p.times, time.Now())
	return ours, nil
}

func (p *pipes) dialled() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]time.Time(nil), p.times...)
}

// message is a text of one part.
func message(text string) *sms.Message {
	return &sms.Message{ID: 1, Destination: 393401234567, Sender: "MyCompany", Text: text, Parts: 1, Reference: 0x2A, Priority: sms.Normal}
}

// newPipes makes a scripted SMSC without a network. What it does with the first bind is scripted before a carrier starts.
func newPipes(t *testing.T) *pipes {
	return &pipes{smsc: smpptest.NewSMSCWithoutListener(t)}
}

// start runs a carrier against the SMSC. Both must be ended before a bubble ends.
func (p *pipes) start(t *testing.T, parameters string) *world {
	t.Helper()
	return start(t, "smpp://esme:secret@smsc.example?"+parameters, func(c *Config) { c.DialContext = p.dial })
}

// startInMemory runs a carrier against an SMSC that admits every bind.
func startInMemory(t *testing.T, parameters string) (*world, *pipes) {
	t.Helper()
	p := newPipes(t)
	return p.start(t, parameters), p
}
