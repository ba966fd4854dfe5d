package people

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

var testSecret = []byte("a secret of the tests, 32 octets")

const goodPassword = "a quiet harbour 7"

// world is people on a real store, with a clock of their own.
type world struct {
	*Service
	t         testing.TB
	store     *store.Store
	directory *directory.Directory
	account   sms.AccountID // acme
	other     sms.AccountID // umbra
	mail      *box
	mu        sync.Mutex
	at        time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	stored, err := store.Open(context.Background(), store.Options{Dir: t.TempDir(), Secret: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- stored.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, stored.Close()); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, store: stored, directory: directory.New(stored), mail: &box{}, at: time.Now()}
	w.account, w.other = w.newAccount("acme"), w.newAccount("umbra")
	w.refresh()
	w.Service = w.service(Parts{})
	return w
}

// service is another node's, or one with something more.
func (w *world) service(more Parts) *Service {
	w.t.Helper()
	more.Store, more.Accounts, more.Passwords, more.Secret, more.Now = w.store, w.directory, auth.NewPasswords(), testSecret, w.now
	s, err := New(more)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) newAccount(name string) sms.AccountID {
	w.t.Helper()
	account := &sms.Account{Name: name, Plan: sms.Plan{Name: "unlimited"}}
	first := store.First{User: sms.User{Name: name, Hash: "h"}, Key: sms.Key{ID: "key" + name, Hash: []byte("h")}}
	if err := w.store.CreateAccount(w.t.Context(), store.Deed{Actor: "test"}, account, first); err != nil {
		w.t.Fatal(err)
	}
	return account.ID
}

func (w *world) refresh() {
	w.t.Helper()
	if err := w.directory.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

var (
	everybody = By{Actor: "tester", Everybody: true}
	here      = From{Address: netip.MustParseAddr("192.0.2.1"), Agent: "Test/1"}
)

// person makes one with goodPassword.
func (w *world) person(email string, account sms.AccountID, role sms.Role) sms.Person {
	w.t.Helper()
	p, err := w.Create(w.t.Context(), everybody, NewPerson{Email: email, Account: account, Role: role, Password: goodPassword})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// in signs somebody in who has no second factor.
func (w *world) in(email string) (string, Session) {
	w.t.Helper()
	entry, err := w.Login(w.t.Context(), Login{email, goodPassword}, here)
	if err != nil || entry.Token == "" {
		w.t.Fatalf("%+v, error %v", entry, err)
	}
	return entry.Token, w.session(entry.Token)
}

func (w *world) session(token string) Session {
	w.t.Helper()
	s, err := w.SessionOf(w.t.Context(), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func wantCode(t testing.TB, err error, want sms.Code) {
	t.Helper()
	if err == nil || sms.CodeOf(err) != want {
		t.Errorf("error %v, want one of class %d", err, want)
	}
}

func wantField(t testing.TB, err error, field string) {
	t.Helper()
	wrong, ok := errors.AsType[*sms.Error](err)
	if !ok || len(wrong.Fields) != 1 || wrong.Fields[0].Field != field {
		t.Errorf("error %v, want one of the field %s", err, field)
	}
}

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// audit counts the lines with an action and a part of their detail.
func (w *world) audit(action, target, part string) (n int) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM audit WHERE action = ? AND target = ? AND detail LIKE ?`, action, target, "%"+part+"%").Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// box keeps mail.
type box struct {
	mu    sync.Mutex
	mails []string
	fail  error
	came  chan struct{}
}

func (b *box) Send(_ context.Context, to, subject, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.mails = append(b.mails, to+"\n"+subject+"\n"+text)
	if b.came != nil {
		b.came <- struct{}{}
	}
	return nil
}

// token is what a link in a text ends with.
func tokenIn(t testing.TB, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "/welcome?token=")
	if !ok {
		t.Fatalf("no link in %q", text)
	}
	return strings.Fields(rest)[0]
}
