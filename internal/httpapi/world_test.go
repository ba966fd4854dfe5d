package httpapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/ratelimit"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

const (
	sendPath   = "/api/message-server/sms/send"
	statusPath = "/api/partner-gateway/v1/messages/status"
	goodBody   = `{"destination":"+393401234567","sender":"MyCompany","body":"Hello world"}`
	username   = "demo.user"
	password   = "pässwörd:with:colons"
	peerHere   = "192.0.2.10:4711"
)

var secret = []byte("the secret of a server in a test")

// passwordHash costs tens of milliseconds, so that all tests share it.
var passwordHash = sync.OnceValue(func() string {
	hash, err := auth.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// world is a server with the real door, authenticator and limiter over a directory, intake and status of the test.
type world struct {
	t       testing.TB
	people  people
	value   string // of the key that there is from the start
	clock   clock
	intake  *fakeIntake
	status  *fakeStatus
	ready   *fakeReady
	metrics http.Handler
	proxies []netip.Prefix
	peerMu  sync.Mutex
	peer    string
	logged  *lockedBuffer
	door    *Door
	server  *httptest.Server
}

// open starts a world after prepare (nil: nothing) has changed it; it ends with the test.
func open(t testing.TB, prepare func(*world)) *world {
	t.Helper()
	w := &world{t: t, peer: peerHere, intake: &fakeIntake{}, status: &fakeStatus{}, ready: &fakeReady{}, logged: &lockedBuffer{}}
	w.clock.at = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	w.people = people{accounts: map[sms.AccountID]*sms.Account{}, users: map[string]*sms.User{}, keys: map[string]*sms.Key{}}
	w.people.accounts[1] = &sms.Account{ID: 1, Name: "demo"}
	w.people.users[username] = &sms.User{Name: username, Account: 1, Hash: passwordHash()}
	w.value = w.addKey(func(*sms.Key) {})
	if prepare != nil {
		prepare(w)
	}
	w.door = New(Parts{
		Authenticator: auth.New(&w.people, secret, auth.Options{Now: w.clock.now}),
		Limiter:       ratelimit.New(w.clock.now),
		Intake:        w.intake,
		Status:        w.status,
		Readiness:     w.ready,
		Metrics:       w.metrics,
		Proxies:       w.proxies,
		Log:           slog.New(slog.NewTextHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	w.server = httptest.NewUnstartedServer(nil)
	w.server.Config = NewServer(w.door, w.door.parts.Log)
	w.server.Listener = peerListener{w.server.Listener, w}
	w.server.Start()
	t.Cleanup(w.server.Close)
	return w
}

// moveTo gives the connections from now on another address.
func (w *world) moveTo(peer string) {
	w.peerMu.Lock()
	defer w.peerMu.Unlock()
	w.peer = peer
}

func (w *world) peerAddress() string {
	w.peerMu.Lock()
	defer w.peerMu.Unlock()
	return w.peer
}

func (w *world) account() *sms.Account { return w.people.accounts[1] }

// addKey makes one more key with all operations, changed by change, and answers its value.
func (w *world) addKey(change func(*sms.Key)) string {
	value, key := auth.NewKey(secret)
	key.Account, key.Operations = 1, sms.Operations
	change(&key)
	w.people.keys[key.ID] = &key
	return value
}

// key is the key of a value.
func (w *world) key(value string) *sms.Key {
	id, _ := auth.ParseKey(value)
	return w.people.keys[id]
}

// request makes a request with the key and, for a POST, the JSON type. A header is replaced by one in headers; an
// empty value there removes it.
func (w *world) request(method, target, body string, headers ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Close = true // each request is a connection, for the address that the peer has now
	r.Header["X-Api-Key"] = []string{w.value}
	if method == http.MethodPost {
		r.Header["Content-Type"] = []string{"application/json"}
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header[headers[i]] = []string{headers[i+1]}; headers[i+1] == "" {
			delete(r.Header, headers[i])
		}
	}
	return r
}

// answer is a response that was read and held against the contract.
type answer struct {
	status int
	header http.Header
	body   string
}

// problem is the error body.
type problem struct {
	Status     int                 `json:"status"`
	Error      string              `json:"error"`
	Message    string              `json:"message"`
	Errors     []map[string]string `json:"errors"`
	RetryAfter *int                `json:"retryAfter"`
	RequestID  string              `json:"requestId"`
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	response, err := http.DefaultTransport.RoundTrip(r) // no redirects are followed
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{response.StatusCode, response.Header, string(body)}
	if len(a.header.Get("X-Request-Id")) != 16 {
		w.t.Errorf("X-Request-Id is %q", a.header.Get("X-Request-Id"))
	}
	switch {
	case a.status < 400 || r.Method == http.MethodHead || r.URL.Path == "/readyz":
	case strings.Contains(r.URL.Path, "services/sms/"):
		w.checkJSend(a)
	default:
		w.checkProblem(a)
	}
	holdAgainstContract(w.t, r, a)
	return a
}

// send is do for a send.
func (w *world) send(body string, headers ...string) answer {
	w.t.Helper()
	return w.do(w.request(http.MethodPost, sendPath, body, headers...))
}

func (w *world) checkProblem(a answer) {
	w.t.Helper()
	p := a.problem(w.t)
	if p.Status != a.status || p.Error != http.StatusText(a.status) || p.Message == "" {
		w.t.Errorf("error body %s for %d", a.body, a.status)
	}
	if p.RequestID != a.header.Get("X-Request-Id") {
		w.t.Errorf("requestId %q, header %q", p.RequestID, a.header.Get("X-Request-Id"))
	}
	if (p.RetryAfter != nil) != (a.status == http.StatusTooManyRequests) {
		w.t.Errorf("retryAfter is wrong in %s", a.body)
	}
	if strings.Contains(a.body, "_live_") {
		w.t.Errorf("a key is in the answer %s", a.body)
	}
}

// jsend is the error body of the Legacy paths.
type jsend struct {
	Status, Message, RequestID string
	Code                       int
	RetryAfter                 *int
}

func (w *world) checkJSend(a answer) {
	w.t.Helper()
	e := a.jsend(w.t)
	if e.Status != "error" || e.Message == "" || e.Code == 0 || e.RequestID != a.header.Get("X-Request-Id") || strings.Contains(a.body, "_live_") {
		w.t.Errorf("error body %s for %d", a.body, a.status)
	}
	if (e.RetryAfter != nil) != (a.status == http.StatusTooManyRequests) {
		w.t.Errorf("retryAfter is wrong in %s", a.body)
	}
}

func (a answer) jsend(t testing.TB) (e jsend) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &e, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return e
}

func (a answer) problem(t testing.TB) (p problem) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return p
}

// people is a directory. Its maps change only between requests.
type people struct {
	accounts map[sms.AccountID]*sms.Account
	users    map[string]*sms.User
	keys     map[string]*sms.Key
}

func (p *people) Account(id sms.AccountID) (*sms.Account, bool) {
	a, ok := p.accounts[id]
	return a, ok
}
func (p *people) User(name string) (*sms.User, bool) { u, ok := p.users[name]; return u, ok }
func (p *people) Key(id string) (*sms.Key, bool)     { k, ok := p.keys[id]; return k, ok }

// fakeIntake accepts all, and remembers it.
type fakeIntake struct {
	mu       sync.Mutex
	requests []intake.Request
	callers  []auth.Caller
	accept   func(*intake.Request) (intake.Answer, error) // nil: accepted, one part

	bulks      []intake.Bulk
	acceptBulk func(context.Context, *intake.Bulk) (intake.BulkAnswer, error) // nil: accepted, one part each
	balance    func() (sms.Balance, error)                                    // nil: 100 €, of which 1.25 are reserved
}

func (f *fakeIntake) AcceptBulk(ctx context.Context, caller auth.Caller, door string, b *intake.Bulk) (intake.BulkAnswer, error) {
	f.mu.Lock()
	f.bulks = append(f.bulks, *b)
	f.callers = append(f.callers, caller)
	f.mu.Unlock()
	if f.acceptBulk != nil {
		return f.acceptBulk(ctx, b)
	}
	answer := intake.BulkAnswer{GlobalID: "g-1", Credit: 41_275_000}
	for _, e := range b.Entries {
		for _, to := range e.Destinations {
			answer.Messages, answer.Parts = answer.Messages+1, answer.Parts+1
			answer.Results = append(answer.Results, intake.BulkResult{Destination: to, ID: "m-1"})
		}
	}
	return answer, nil
}

func (f *fakeIntake) Balance(_ context.Context, account sms.AccountID) (sms.Balance, error) {
	if f.balance != nil {
		return f.balance()
	}
	return sms.Balance{Credit: 100_000_001, Reserved: 1_250_000}, nil
}

func (f *fakeIntake) Accept(_ context.Context, caller auth.Caller, door string, r *intake.Request) (intake.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if door != "http" {
		panic("the door calls itself " + door)
	}
	f.requests = append(f.requests, *r)
	f.callers = append(f.callers, caller)
	if f.accept != nil {
		return f.accept(r)
	}
	return intake.Answer{MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", Accepted: true, Parts: 1}, nil
}

// calls is how many messages came in.
func (f *fakeIntake) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests)
}

type fakeStatus struct {
	messages map[string]status.Status
	err      error
	account  sms.AccountID
	asked    []string
	query    status.Query
	page     []status.Status
	next     string
}

func (f *fakeStatus) Find(_ context.Context, account sms.AccountID, ids []string) (found []status.Status, err error) {
	f.account, f.asked = account, ids
	for _, id := range ids {
		if s, ok := f.messages[id]; ok {
			found = append(found, s)
		}
	}
	return found, f.err
}

func (f *fakeStatus) History(_ context.Context, account sms.AccountID, q status.Query) (page []status.Status, next string, err error) {
	f.account, f.query = account, q
	return f.page, f.next, f.err
}

type fakeReady struct {
	store      error
	components []Component
}

func (f *fakeReady) Store(context.Context) error            { return f.store }
func (f *fakeReady) Components(context.Context) []Component { return f.components }

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// peerListener gives each connection the address that the world says, so that any client can be had on loopback.
type peerListener struct {
	net.Listener
	w *world
}

func (l peerListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return peerConn{conn, l.w.peerAddress()}, nil
}

type peerConn struct {
	net.Conn
	peer string
}

func (c peerConn) RemoteAddr() net.Addr { return peerAddr(c.peer) }

type peerAddr string

func (peerAddr) Network() string  { return "tcp" }
func (a peerAddr) String() string { return string(a) }
