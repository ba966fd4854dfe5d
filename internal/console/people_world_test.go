package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const goodPassword = "a quiet harbour 7"

// folk is a world in which people really sign in.
type folk struct {
	*world
	people *people.Service
	mail   *post
	clock  *clock
}

// clock is what time it is for the people.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// post keeps mail.
type post struct {
	mu    sync.Mutex
	mails []string
	fail  bool
}

func (b *post) Send(_ context.Context, to, subject, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail {
		return errors.New("the mail server is away")
	}
	b.mails = append(b.mails, to+"\n"+subject+"\n"+text)
	return nil
}

func openFolk(t *testing.T, more people.Parts) *folk {
	t.Helper()
	f := &folk{clock: &clock{at: time.Now()}}
	f.world = open(t, func(w *world) {
		more.Store, more.Accounts, more.Passwords, more.Secret, more.Now = w.store, w.directory, auth.NewPasswords(), secret, f.clock.now
		made, err := people.New(more)
		if err != nil {
			t.Fatal(err)
		}
		f.people = made
		w.parts.Sessions, w.parts.SignIn, w.parts.SignOn, w.parts.Me, w.parts.Factor, w.parts.Folk, w.parts.FolkChanges = made, made, made, made, made, made, made
	})
	return f
}

var everybody = people.By{Actor: "test", Everybody: true}

// person makes somebody of an account, "" for an operator.
func (f *folk) person(email, account string, role sms.Role) sms.Person {
	f.t.Helper()
	n := people.NewPerson{Email: email, Role: role, Password: goodPassword}
	if account != "" {
		n.Account = f.account(account).ID
	}
	p, err := f.people.Create(f.t.Context(), everybody, n)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// in is a browser in which somebody has signed in.
func (f *folk) in(email string) *browser {
	f.t.Helper()
	b := f.stranger()
	b.post("/login", "email", email, "password", goodPassword).leads(f.t, "")
	return b
}

// leads fails the test unless the answer leads to a page; empty: to any.
func (a answer) leads(t *testing.T, to string) {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther || (to != "" && a.Header.Get("Location") != to) {
		t.Fatalf("%s %s: status %d to %q, want %q\n%s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.Header.Get("Location"), to, a.body)
	}
}

// cookie is one that an answer sets.
func (a answer) cookie(t *testing.T, name string) *http.Cookie {
	t.Helper()
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("%s %s sets no cookie %s", a.Request.Method, a.Request.URL.Path, name)
	return nil
}

// lacks fails the test when the answer says one of the texts.
func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s %s says %q", a.Request.Method, a.Request.URL.Path, text)
		}
	}
}

// audited counts lines of the audit log.
func (f *folk) audited(actor, action, part string) (n int) {
	f.t.Helper()
	err := f.store.View(f.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM audit WHERE actor = ? AND action = ? AND target || ' ' || detail LIKE ?`, actor, action, "%"+part+"%").Scan(&n)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

var tokenInPage = regexp.MustCompile(`https://[^\s<]+/welcome\?token=([0-9A-Za-z_-]{43})`)

// tokenOf is that of the link on a page.
func (a answer) tokenOf(t *testing.T) string {
	t.Helper()
	found := tokenInPage.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no link on the page:\n%s", a.body)
	}
	return found[1]
}

func pathOf(base string, p sms.Person, step string) string {
	path := fmt.Sprintf("%s/%d", base, p.ID)
	if step != "" {
		path += "/" + step
	}
	return path
}
