package admin

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// The same operations with the same answers, through the socket of a server and without one.
func TestEveryWayToTheOperations(t *testing.T) {
	for _, way := range []string{"direct", "database", "socket", "socket behind a long path"} {
		t.Run(way, func(t *testing.T) {
			data := folder(t)
			if strings.Contains(way, "long") {
				data = filepath.Join(data, strings.Repeat("long/", 40))
			}
			c := configured(t, data)
			served := strings.HasPrefix(way, "socket")
			if way == "database" {
				c = onDatabase(t, pgtest.Start(t, "fsync=off").URL())
			}
			if served {
				defer serve(t, c, fixedStates{{ID: 1, Name: "north", Bound: 1, LastError: "one is away", Window: 50, InFlight: 3, Pace: dispatch.Pace{Taken: 1.5, Limit: 2, Slowed: true, Throttled: 3}}})()
			}
			connection := connect(t, c)
			if connection.Running() != served {
				t.Fatalf("Running is %v", connection.Running())
			}
			exercise(t, connection)
		})
	}
}

func exercise(t *testing.T, connection Connection) {
	account := made(t, connection, "acme")
	id, ok := auth.ParseKey(account.APIKey)
	if !ok || account.AccountID != 1 || account.Username != "acme" || len(account.Password) != 24 {
		t.Errorf("%+v", account)
	}
	_, err := CreateAccount.Do(t.Context(), connection, AccountRequest{Name: "acme"})
	refusal, ok := errors.AsType[*sms.Error](err)
	if !ok || refusal.Code != sms.Conflict || len(refusal.Fields) != 1 || refusal.Fields[0].Field != "name" {
		t.Errorf("a name that is taken: %#v", err)
	}
	key, err := RegenerateKey.Do(t.Context(), connection, RegenerateRequest{KeyName: KeyName{Account: "acme"}, Overlap: time.Hour})
	if err != nil || key.ID != id || key.APIKey == account.APIKey || key.OldUntil == nil {
		t.Errorf("%+v, error %v", key, err)
	}
	added, err := AddCarrier.Do(t.Context(), connection, CarrierRequest{Name: "north", Address: "smpp://me:pw@h?sessions=2", Default: true})
	if diff := cmp.Diff(AddedCarrier{Name: "north", Kind: carrier.KindSMPP, Address: "smpp://me@h:2775?sessions=2", Default: true, HasDefault: true}, added); diff != "" || err != nil {
		t.Error(diff, err)
	}
	carriers, err := ListCarriers.Do(t.Context(), connection, Nothing{})
	want := Carrier{Name: "north", Kind: carrier.KindSMPP, Address: "smpp://me@h:2775?sessions=2", Default: true, State: "active", Sessions: 2}
	if connection.Running() {
		want.Bound, want.LastError = new(1), "one is away"
		want.Pace = &Pace{Taken: 1.5, Limit: 2, Slowed: true, Throttled: 3}
		want.Figures = &Figures{InFlight: 3, Window: 50, PerSecond: 1.5, Answers: 9, Refusals: []Refusal{{"0x00000058", "throttled", "too fast", 2}}}
	}
	if diff := cmp.Diff([]Carrier{want}, carriers); diff != "" || err != nil {
		t.Error(diff, err)
	}
	sent, err := Send.Do(t.Context(), connection, SendRequest{Account: "acme", Destination: "+393401234567", Sender: "Shop", Body: "Hello"})
	if err != nil || !sent.Accepted || sent.Running != connection.Running() {
		t.Errorf("%+v, error %v", sent, err)
	}
	life, err := ShowMessage.Do(t.Context(), connection, MessageName{ID: sent.MessageID})
	if err != nil || len(life) == 0 {
		t.Errorf("%v, error %v", life, err)
	}
}

func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	data := folder(t)
	connection := connect(t, configured(t, data))
	account := made(t, connection, "acme")
	steps := []error{
		second(SetPrice.Do(t.Context(), connection, Price{Prefix: "39", Price: 35_000})),
		second(RemovePrice.Do(t.Context(), connection, Price{Prefix: "39"})),
		second(SuspendAccount.Do(t.Context(), connection, Named{"acme"})),
		second(ResumeAccount.Do(t.Context(), connection, Named{"acme"})),
		second(AdjustCredit.Do(t.Context(), connection, CreditRequest{"acme", 2 * sms.Euro})),
		second(NewPassword.Do(t.Context(), connection, Named{"acme"})),
		second(NewSMPPPassword.Do(t.Context(), connection, Named{"acme"})),
		second(SetAccount.Do(t.Context(), connection, SetRequest{"acme", []string{"max-parts=3"}})),
		second(CreateKey.Do(t.Context(), connection, KeyRequest{Account: "acme"})),
		second(RevokeKey.Do(t.Context(), connection, KeyName{"acme", auth.ShownKey("") + firstKey(t, account)})),
		second(RegenerateKey.Do(t.Context(), connection, RegenerateRequest{KeyName: KeyName{Account: "acme"}})),
		second(SetAllowList.Do(t.Context(), connection, AllowListRequest{"acme", []string{"10.0.0.1"}})),
		second(DropAllowList.Do(t.Context(), connection, Named{"acme"})),
		second(AddCarrier.Do(t.Context(), connection, CarrierRequest{Name: "n", Address: "smpp://me:pw0rd@h"})),
		second(RemoveCarrier.Do(t.Context(), connection, CarrierName{"n"})),
		second(Backup.Do(t.Context(), connection, BackupRequest{filepath.Join(t.TempDir(), "b")})),
	}
	if err := errors.Join(append(steps, connection.Close())...); err != nil {
		t.Fatal(err)
	}
	want := []string{"account create", "price set", "price remove", "account suspend", "account resume", "account credit",
		"account password", "account smpp-password", "account set", "key create", "key revoke", "key regenerate",
		"allow-list set", "allow-list off", "carrier add", "carrier remove", "backup"}
	got, everything := audit(t, data)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, secret := range []string{account.APIKey, account.Password, "pw0rd"} {
		if strings.Contains(everything, secret) {
			t.Errorf("the audit log holds %q", secret)
		}
	}
	if me, err := user.Current(); err == nil && !strings.Contains(everything, me.Username+" account create acme plan production, credit 5 €") {
		t.Errorf("who did what is not in %q", everything)
	}
}

func second[T any](_ T, err error) error { return err }

func firstKey(t *testing.T, account NewAccount) string {
	t.Helper()
	id, ok := auth.ParseKey(account.APIKey)
	if !ok {
		t.Fatal("no key")
	}
	return id
}

func audit(t *testing.T, data string) (actions []string, everything string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT actor, action, target, detail FROM audit ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var actor, action, target, detail string
		if err := rows.Scan(&actor, &action, &target, &detail); err != nil {
			t.Fatal(err)
		}
		actions = append(actions, action)
		everything += fmt.Sprintln(actor, action, target, detail)
	}
	return actions, everything
}

// Commands at the same time, without a server, wait for one another.
func TestCommandsTakeTurns(t *testing.T) {
	c := configured(t, folder(t))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			connection, err := Connect(t.Context(), c, "test", true)
			if err == nil {
				_, err = CreateAccount.Do(t.Context(), connection, AccountRequest{Name: fmt.Sprint("account ", i)})
				err = errors.Join(err, connection.Close())
			}
			errs[i] = err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	accounts, err := ListAccounts.Do(t.Context(), connect(t, c), Nothing{})
	if err != nil || len(accounts) != len(errs) {
		t.Errorf("%d accounts, error %v", len(accounts), err)
	}
}

func TestStaleSocket(t *testing.T) {
	c := configured(t, folder(t))
	if err := c.MakeData(); err != nil {
		t.Fatal(err)
	}
	stale, err := net.Listen("unix", filepath.Join(c.Data, SocketName))
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	if connection := connect(t, c); connection.Running() {
		t.Error("a socket without a server was taken for a server")
	} else if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	stop := serve(t, c, fixedStates{})
	if connection := connect(t, c); !connection.Running() {
		t.Error("the server that took the place of the stale socket was not found")
	}
	info, err := os.Stat(filepath.Join(c.Data, SocketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	stop()
	if _, err := os.Stat(filepath.Join(c.Data, SocketName)); !os.IsNotExist(err) {
		t.Errorf("the socket of a server that stopped is left: %v", err)
	}
}

func TestAbsentFolderIsNotMade(t *testing.T) {
	c := configured(t, folder(t))
	if _, err := Connect(t.Context(), c, "test", false); err == nil || !strings.Contains(err.Error(), "there is no data folder") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(c.Data); !os.IsNotExist(err) {
		t.Error("the folder was made")
	}
}

func TestLostSecretIsNotReplaced(t *testing.T) {
	c := configured(t, folder(t))
	connection := connect(t, c)
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(c.Data, config.SecretName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Connect(t.Context(), c, "test", true); err == nil || !strings.Contains(err.Error(), "not the secret under which it was made") {
		t.Errorf("error %v", err)
	}
}

func TestErrorsOnTheSocket(t *testing.T) {
	cause := errors.New("disk full")
	for _, err := range []error{
		sms.InvalidField("amount", "must be 1"), sms.Errorf(sms.NotFound, "no"), sms.Errorf(sms.Conflict, "taken"),
		&sms.Error{Code: sms.Unavailable, Message: "later", RetryAfter: 5 * time.Second, Cause: cause},
	} {
		got := decodeError(encodeError(err))
		if sms.CodeOf(got) != sms.CodeOf(err) || got.Error() != err.Error() {
			t.Errorf("%v became %v", err, got)
		}
	}
	if got := decodeError(encodeError(cause)); sms.CodeOf(got) != sms.Internal || got.Error() != "disk full" {
		t.Errorf("%v", got)
	}
	if got := decodeError([]byte("<html>")); !strings.Contains(got.Error(), "another version") {
		t.Errorf("%v", got)
	}
}

func TestAnotherVersionOfTheServer(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	newer := Operation[Nothing, Nothing]{name: "account teleport"}
	if _, err := newer.Do(t.Context(), connection, Nothing{}); sms.CodeOf(err) != sms.NotFound || !strings.Contains(err.Error(), "version test") {
		t.Errorf("an operation that it does not have: %v", err)
	}
	wider := Operation[struct{ Account, Colour string }, Nothing]{name: "account suspend"}
	if _, err := wider.Do(t.Context(), connection, struct{ Account, Colour string }{"a", "red"}); sms.CodeOf(err) != sms.Invalid {
		t.Errorf("a member that it does not know: %v", err)
	}
}

func TestOperationsHaveTheirOwnNames(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range operations {
		if seen[o.title()] {
			t.Errorf("%s twice", o.title())
		}
		seen[o.title()] = true
	}
}

// Whatever an account is called, its username is one that auth takes, and another attempt makes another one.
func TestUsername(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		seen := map[string]bool{}
		for attempt := 1; attempt <= 12; attempt++ {
			made := username(name, attempt)
			if err := auth.CheckUsername(made); err != nil {
				t.Fatalf("%q: %v", made, err)
			}
			if seen[made] {
				t.Fatalf("%q twice", made)
			}
			seen[made] = true
		}
	})
	for name, want := range map[string]string{"acme": "acme", "Acme S.p.A.": "acme-s.p.a", "X": "x-1", "日本": "account",
		"a very long name indeed": "a-very-long-nam"} {
		if got := username(name, 1); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestSuspendedAccountSendsNothing(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	made(t, connection, "acme")
	if _, err := SuspendAccount.Do(t.Context(), connection, Named{"acme"}); err != nil {
		t.Fatal(err)
	}
	_, err := Send.Do(t.Context(), connection, SendRequest{Account: "acme", Destination: "+393401234567", Sender: "Shop", Body: "Hello"})
	if sms.CodeOf(err) != sms.Forbidden {
		t.Errorf("error %v", err)
	}
}

func TestNotesOfTheAllowListStay(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	made(t, connection, "acme")
	service := connection.(*direct).service
	note := func(a *sms.Account) error {
		prefix, err := auth.ParseAllowEntry("10.0.0.1")
		a.AllowList.Entries = []sms.AllowEntry{{Prefix: prefix, Note: "office"}}
		return err
	}
	c := call{t.Context(), "test"}
	if err := service.settled(c, service.Store.ChangeAccount(c, c.deed("test", "acme", ""), 1, note)); err != nil {
		t.Fatal(err)
	}
	list, err := SetAllowList.Do(t.Context(), connection, AllowListRequest{"acme", []string{"10.0.0.2", "10.0.0.1"}})
	want := AllowList{Enabled: true, Entries: []AllowEntry{{"10.0.0.2/32", ""}, {"10.0.0.1/32", "office"}}}
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
