package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/export"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/people"
	routing "github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/internal/traffic"
)

var secret = []byte("the secret of a server in a test")

// world is a console over a real store, served over TLS, with the accounts "acme" and "other".
type world struct {
	t         *testing.T
	store     *store.Store
	directory *directory.Directory
	admin     *admin.Service
	sessions  *sessions
	parts     Parts
	log       *buffer
	server    *httptest.Server
	console   *Console
	carriers  []traffic.CarrierState
}

// open starts a world; prepare (nil: nothing) may add to its parts before.
func open(t *testing.T, prepare func(*world)) *world {
	t.Helper()
	w := &world{t: t, log: &buffer{}, sessions: &sessions{known: map[string]*people.Session{}}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.openStore()
	ids := sms.NewPublicIDs(secret)
	router := routing.New(w.directory, nil)
	accept := intake.New(w.store, w.directory, router, ids, func([]*sms.Message) {})
	changes := intake.NewChanges(accept, w.store, func(*sms.Message) bool { return false })
	messages := status.New(w.store, ids).Naming(w.directory).Routing(router)
	w.admin = admin.New(admin.Parts{Store: w.store, Directory: w.directory, Secret: secret, Version: "test", Sender: accept, Router: router,
		Changes: changes, Messages: messages})
	w.parts = Parts{Sessions: w.sessions, Directory: w.directory, Operations: func(actor string) admin.Connection { return w.admin.Local(actor) }, Log: log,
		Messages: messages, Streams: export.NewStreams(messages, w.store, w.directory),
		Changes: func(actor string, account *sms.Account) Changes { return changes.By(actor, account) }}
	w.parts.Sending = accept
	w.parts.Overviews = traffic.New(traffic.Parts{Store: w.store, Directory: w.directory, Carriers: func() []traffic.CarrierState { return w.carriers }})
	for _, name := range []string{"acme", "other"} {
		if _, err := admin.CreateAccount.Do(t.Context(), w.admin.Local("test"), admin.AccountRequest{Name: name, Credit: 100 * sms.Euro, Plan: "unlimited"}); err != nil {
			t.Fatal(err)
		}
	}
	if prepare != nil {
		prepare(w)
	}
	c, err := New(w.parts)
	if err != nil {
		t.Fatal(err)
	}
	w.console, w.server = c, httptest.NewUnstartedServer(c)
	w.server.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	t.Cleanup(c.EndStreams)
	return w
}

func (w *world) openStore() {
	t := w.t
	t.Helper()
	stored, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- stored.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if err := stored.Close(); err != nil {
			t.Error(err)
		}
	})
	w.store, w.directory = stored, directory.New(stored)
	if err := w.directory.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) account(name string) *sms.Account {
	w.t.Helper()
	account, ok := w.directory.AccountNamed(name)
	if !ok {
		w.t.Fatalf("there is no account %s", name)
	}
	return account
}

// as is the browser of somebody with a role: an operator, or a person of acme. RoleNone is nobody who has signed in.
func (w *world) as(role sms.Role) *browser {
	w.t.Helper()
	b := w.stranger()
	if role == sms.NoRole {
		return b
	}
	person := sms.Person{ID: sms.PersonID(role), Email: role.String() + "@example.com", Role: role}
	if role != sms.RoleOperator {
		person.Account = w.account("acme").ID
	}
	token := "token-of-" + role.String()
	w.sessions.add(token, &people.Session{Person: person, ConsoleSession: sms.ConsoleSession{ID: token, Person: person.ID}})
	b.give(sessionCookie, token)
	return b
}

// stranger is a browser in which nobody has signed in.
func (w *world) stranger() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	client := &http.Client{Transport: w.server.Client().Transport, Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &browser{w: w, client: client}
}

// browser keeps cookies and follows no redirect by itself.
type browser struct {
	w      *world
	client *http.Client
}

func (b *browser) give(cookie, value string) {
	at, err := url.Parse(b.w.server.URL)
	if err != nil {
		b.w.t.Fatal(err)
	}
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: cookie, Value: value, Path: "/", Secure: true}})
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

// get asks for a page; headers are pairs.
func (b *browser) get(path string, headers ...string) answer {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, nil, headers...)
}

// post sends a form from a page of the console; values are pairs.
func (b *browser) post(path string, values ...string) answer {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	return b.do(http.MethodPost, path, form, "Origin", b.w.server.URL, "Sec-Fetch-Site", "same-origin")
}

func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	t := b.w.t
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.w.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(body)}
}

// wants fails the test unless the answer has a status and its body the texts.
func (a answer) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: status %d, want %d\n%s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s %s does not say %q:\n%s", a.Request.Method, a.Request.URL.Path, text, a.body)
		}
	}
}

// sessions is who has signed in, by token.
type sessions struct {
	mu    sync.Mutex
	known map[string]*people.Session
	fresh bool // nobody was ever made
}

func (s *sessions) add(token string, one *people.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[token] = one
}

func (s *sessions) SessionOf(_ context.Context, token string) (people.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.known[token]; ok {
		return *one, nil
	}
	return people.Session{}, sms.Errorf(sms.Unauthenticated, "no such session")
}

func (s *sessions) Peek(ctx context.Context, token string) (people.Session, error) {
	return s.SessionOf(ctx, token)
}

func (s *sessions) NeedsSetUp(context.Context) (bool, error) { return s.fresh, nil }

func (s *sessions) ActAs(_ context.Context, session people.Session, account sms.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[session.ID].ConsoleSession.Acting = account
	return nil
}

func (s *sessions) Logout(_ context.Context, session people.Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, session.ID)
	return nil
}

// buffer is a log that several may write.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

var _ fmt.Stringer = (*buffer)(nil)
