package people

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// Whoever found a browser that is signed in must not get round the password by the page of people: neither a link for another
// password nor the end of the second factor is to be had there for oneself.
func TestNobodyGetsRoundTheirOwnPassword(t *testing.T) {
	w := newWorld(t)
	for email, account := range map[string]sms.AccountID{"olga@example.com": w.account, "root@example.com": 0} {
		role := sms.RoleOwner
		if account == 0 {
			role = sms.RoleOperator
		}
		p := w.person(email, account, role)
		_, session := w.in(email)
		if _, err := w.NewLink(t.Context(), session.By(), p.ID); sms.CodeOf(err) != sms.Conflict {
			t.Errorf("%s makes a link for themselves: %v", email, err)
		}
		if err := w.TwoFactorOff(t.Context(), session.By(), p.ID); sms.CodeOf(err) != sms.Conflict {
			t.Errorf("%s ends their second factor without the password: %v", email, err)
		}
	}
}

// A second factor that ended, or began anew, while its first code was looked at must not be on with a secret that nobody holds.
func TestConfirmationOfWhatEndedMeanwhile(t *testing.T) {
	w := newWorld(t)
	p := w.person("ada@example.com", w.account, sms.RoleOwner)
	_, session := w.in("ada@example.com")
	_, err := w.EnrolTOTP(t.Context(), session)
	w.do(err)
	begun, err := w.Store.Person(t.Context(), p.ID)
	w.do(err)
	code := totpCode(begun.TOTP.Secret, stepAt(w.now()))
	other := w.service(Parts{})
	w.Service.Store = meanwhile{w.Service.Store, func() { w.do(other.TwoFactorOff(t.Context(), everybody, p.ID)) }}
	if _, err := w.ConfirmTOTP(t.Context(), session, code); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("error %v", err)
	}
	if after, err := w.store.Person(t.Context(), p.ID); err != nil || after.TOTP.On {
		t.Errorf("it is on: %v, error %v", after.TOTP.On, err)
	}
}

// A browser may say anything of itself; what is stored is text, which PostgreSQL insists on.
func TestBrowserThatSaysNoText(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	entry, err := w.Login(t.Context(), Login{"ada@example.com", goodPassword}, From{here.Address, "Odd\xff\xfe/1"})
	w.do(err)
	if agent := w.session(entry.Token).Agent; !utf8.ValidString(agent) || agent == "" {
		t.Errorf("%q", agent)
	}
}

// While the provider is away strangers who press the button do not queue up for it, each for as long as it may take.
func TestProviderThatIsAwayIsNotAskedByEverybody(t *testing.T) {
	var asked atomic.Int32
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer away.Close()
	w := newWorld(t)
	w.Service = w.service(Parts{URL: "https://sms.example.com", SignOn: &SignOnOptions{Issuer: away.URL, ClientID: "staffetta", Name: "Example ID"}})
	for range 20 {
		if _, _, err := w.StartSignOn(t.Context()); sms.CodeOf(err) != sms.Unavailable {
			t.Fatalf("error %v", err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	w.pass(time.Minute)
	if _, _, err := w.StartSignOn(t.Context()); sms.CodeOf(err) != sms.Unavailable || asked.Load() != 2 {
		t.Errorf("error %v, asked %d times: it is never asked again", err, asked.Load())
	}
}

// meanwhile is a store on which something happens after the person was read.
type meanwhile struct {
	Store
	happens func()
}

func (m meanwhile) Person(ctx context.Context, id sms.PersonID) (sms.Person, error) {
	p, err := m.Store.Person(ctx, id)
	m.happens()
	return p, err
}
