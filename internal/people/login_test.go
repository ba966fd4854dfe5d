package people

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

func TestLogin(t *testing.T) {
	w := newWorld(t)
	p := w.person("ada@example.com", w.account, sms.RoleDeveloper)
	_, err := w.Login(t.Context(), Login{"ada@example.com", "another harbour 7"}, here)
	wantCode(t, err, sms.Unauthenticated)
	token, session := w.in(" ADA@example.com ")
	if session.Person.ID != p.ID || session.Account() != w.account || session.Role() != sms.RoleDeveloper || session.Address != "192.0.2.1" || session.Agent != "Test/1" {
		t.Errorf("%+v", session)
	}
	if n := w.audit("console sign in", "acme", "ada@example.com, password, from 192.0.2.1"); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
	var stored int
	err = w.store.View(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM console_session WHERE id = ?`, token).Scan(&stored)
	})
	if err != nil || stored != 0 {
		t.Error("the token itself is stored", err)
	}
	w.do(w.Logout(t.Context(), session))
	_, err = w.SessionOf(t.Context(), token)
	wantCode(t, err, sms.Unauthenticated)
	for _, wrong := range []string{"", "x", strings.Repeat("x", 10_000)} {
		_, err := w.SessionOf(t.Context(), wrong)
		wantCode(t, err, sms.Unauthenticated)
	}
}

// Whoever is not signed in hears the same of an address that is known, unknown, disabled, invited, or none at all.
func TestLoginTellsNobodyWhoIsThere(t *testing.T) {
	w := newWorld(t)
	w.person("known@example.com", w.account, sms.RoleOwner)
	disabled := w.person("disabled@example.com", w.account, sms.RoleViewer)
	w.do(w.SetDisabled(t.Context(), everybody, disabled.ID, true))
	_, err := w.Invite(t.Context(), everybody, NewPerson{Email: "invited@example.com", Account: w.account, Role: sms.RoleViewer})
	w.do(err)
	var answers []string
	for i, login := range []Login{{"known@example.com", "wrong password 1"}, {"unknown@example.com", goodPassword}, {"disabled@example.com", goodPassword},
		{"invited@example.com", ""}, {"invited@example.com", goodPassword}, {"no address", goodPassword}, {"known@example.com", strings.Repeat("x", 5000)}} {
		_, err := w.Login(t.Context(), login, From{Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})})
		answers = append(answers, fmt.Sprintf("%v %d", err, sms.CodeOf(err)))
	}
	if slices.Sort(answers); len(slices.Compact(answers)) != 1 {
		t.Errorf("%q", answers)
	}
}

// The time of an answer is that of one hash, whether there is somebody or not.
func TestLoginTakesTheSameTime(t *testing.T) {
	w := newWorld(t)
	w.person("known@example.com", w.account, sms.RoleOwner)
	least := map[string]time.Duration{}
	for i := range 6 {
		for _, email := range []string{"known@example.com", "unknown@example.com"} {
			w.pass(time.Minute)
			began := time.Now()
			_, err := w.Login(t.Context(), Login{email, "wrong password 1"}, From{Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})})
			wantCode(t, err, sms.Unauthenticated)
			if took := time.Since(began); least[email] == 0 || took < least[email] {
				least[email] = took
			}
		}
	}
	known, unknown := least["known@example.com"], least["unknown@example.com"]
	if unknown*3 < known || known*3 < unknown {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	guess := func(email string, from byte) error {
		_, err := w.Login(t.Context(), Login{email, "wrong password 1"}, From{Address: netip.AddrFrom4([4]byte{192, 0, 2, from})})
		return err
	}
	for i := range freeFailures { // from many addresses against one person
		wantCode(t, guess("ada@example.com", byte(i)), sms.Unauthenticated)
	}
	wantCode(t, guess("ada@example.com", 100), sms.Limited)
	w.pass(firstWait)
	wantCode(t, guess("ada@example.com", 101), sms.Unauthenticated)
	wantCode(t, guess("ada@example.com", 102), sms.Limited)
	w.pass(longestEmail)
	w.in("ada@example.com") // its owner is let in, and all is forgotten
	wantCode(t, guess("ada@example.com", 103), sms.Unauthenticated)
	for i := range freeFailures { // from one address against many
		wantCode(t, guess(fmt.Sprintf("u%d@example.com", i), 200), sms.Unauthenticated)
	}
	wantCode(t, guess("u99@example.com", 200), sms.Limited)
	for i := range 20 {
		w.pass(longestAddress)
		wantCode(t, guess(fmt.Sprintf("v%d@example.com", i), 200), sms.Unauthenticated)
	}
	w.pass(longestAddress - time.Second)
	wantCode(t, guess("w@example.com", 200), sms.Limited)
	w.pass(forgetFailures)
	for i := range freeFailures {
		wantCode(t, guess(fmt.Sprintf("y%d@example.com", i), 200), sms.Unauthenticated)
	}
}

func TestGuardIsBounded(t *testing.T) {
	g, now := newGuard(), time.Now()
	for range 20 {
		_ = g.enter(netip.MustParseAddr("192.0.2.1"), "victim@example.com", now)
	}
	for i := range 3 * mostGuarded {
		_ = g.enter(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), fmt.Sprint(i), now)
	}
	if n := len(g.places); n > 2*mostGuarded {
		t.Errorf("%d entries", n)
	}
	if err := g.enter(netip.MustParseAddr("192.0.2.1"), "another@example.com", now); sms.CodeOf(err) != sms.Limited {
		t.Errorf("a flood made it forget who is wicked: %v", err)
	}
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	if network(a) != network(b) || network(netip.MustParseAddr("::ffff:192.0.2.1")) != "192.0.2.1" {
		t.Error("addresses are not those of their networks")
	}
}

func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	idle, _ := w.in("ada@example.com")
	used, _ := w.in("ada@example.com")
	for range 13 { // used every hour
		w.pass(time.Hour)
		w.session(used)
	}
	_, err := w.SessionOf(t.Context(), idle)
	wantCode(t, err, sms.Unauthenticated)
	for hours := 13; hours < 7*24-1; hours++ {
		w.pass(time.Hour)
		w.session(used)
	}
	w.pass(2 * time.Hour)
	_, err = w.SessionOf(t.Context(), used)
	wantCode(t, err, sms.Unauthenticated)
}

// Who only looks whether a session stands, as a page that is left open, does not keep it.
func TestLookingAtASessionIsNoUse(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	token, _ := w.in("ada@example.com")
	for range 11 {
		w.pass(time.Hour)
		if s, err := w.Peek(t.Context(), token); err != nil || s.Account() != w.account {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	w.pass(2 * time.Hour)
	_, err := w.Peek(t.Context(), token)
	wantCode(t, err, sms.Unauthenticated)
}

func TestUseIsNotedOnceAMinute(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	token, first := w.in("ada@example.com")
	members := w.store.Counters.Members.Load()
	for range 50 {
		w.pass(time.Second)
		w.session(token)
	}
	if n := w.store.Counters.Members.Load() - members; n != 0 {
		t.Errorf("%d writes within a minute", n)
	}
	w.pass(10 * time.Second)
	if s := w.session(token); !s.Seen.After(first.Seen) {
		t.Errorf("last seen %v", s.Seen)
	}
	sessions, err := w.Sessions(t.Context(), first)
	if err != nil || len(sessions) != 1 || !sessions[0].Seen.Equal(first.Seen.Add(time.Minute)) {
		t.Errorf("%+v, error %v", sessions, err)
	}
}

// What is changed here is in force at once; on another node within two seconds.
func TestRevokedIsOut(t *testing.T) {
	w := newWorld(t)
	node := w.service(Parts{})
	p := w.person("ada@example.com", w.account, sms.RoleOwner)
	bob := w.person("bob@example.com", w.account, sms.RoleOwner)
	one, session := w.in("ada@example.com")
	two, _ := w.in("ada@example.com")
	bobs, bobSession := w.in("bob@example.com")
	if _, err := node.SessionOf(t.Context(), two); err != nil { // it is in the other node's memory
		t.Fatal(err)
	}
	wantCode(t, w.Revoke(t.Context(), bobSession, session.ID), sms.NotFound)
	w.do(w.RevokeOthers(t.Context(), session))
	_, err := w.SessionOf(t.Context(), two)
	wantCode(t, err, sms.Unauthenticated)
	w.pass(2 * time.Second)
	_, err = node.SessionOf(t.Context(), two)
	wantCode(t, err, sms.Unauthenticated)
	w.session(one)
	w.do(w.ChangeRole(t.Context(), everybody, p.ID, sms.RoleViewer))
	if role := w.session(one).Role(); role != sms.RoleViewer {
		t.Errorf("still %v", role)
	}
	w.do(w.SetDisabled(t.Context(), everybody, p.ID, true))
	_, err = w.SessionOf(t.Context(), one)
	wantCode(t, err, sms.Unauthenticated)
	w.session(bobs)
	w.do(w.SignOut(t.Context(), everybody, bob.ID))
	_, err = w.SessionOf(t.Context(), bobs)
	wantCode(t, err, sms.Unauthenticated)
}

func TestSuspendedAccount(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	token, _ := w.in("ada@example.com")
	w.do(w.store.ChangeAccount(t.Context(), store.Deed{}, w.account, func(a *sms.Account) error { a.Suspended = true; return nil }))
	w.refresh()
	_, err := w.SessionOf(t.Context(), token)
	wantCode(t, err, sms.Unauthenticated)
	_, err = w.Login(t.Context(), Login{"ada@example.com", "wrong password 1"}, here)
	wantCode(t, err, sms.Unauthenticated)
	_, err = w.Login(t.Context(), Login{"ada@example.com", goodPassword}, here)
	wantCode(t, err, sms.Forbidden)
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	here1, session := w.in("ada@example.com")
	there, _ := w.in("ada@example.com")
	wantField(t, w.ChangePassword(t.Context(), session, "wrong password 1", "another harbour 7"), "old")
	wantField(t, w.ChangePassword(t.Context(), session, goodPassword, "short"), "password")
	w.do(w.ChangePassword(t.Context(), session, goodPassword, "another harbour 7"))
	w.session(here1)
	_, err := w.SessionOf(t.Context(), there)
	wantCode(t, err, sms.Unauthenticated)
	_, err = w.Login(t.Context(), Login{"ada@example.com", goodPassword}, here)
	wantCode(t, err, sms.Unauthenticated)
	if _, err = w.Login(t.Context(), Login{"ada@example.com", "another harbour 7"}, here); err != nil {
		t.Error(err)
	}
}

func TestPasswordsThatWouldBeGuessed(t *testing.T) {
	const email = "ada.lovelace@example.com"
	for _, wrong := range []string{"", "eleven char", "Ada.Lovelace@example.com", "ada.lovelace", "aaaaaaaaaaaaaaaa", "PASSWORD1234", " qwertyuiop123 ",
		strings.Repeat("aBcde", 60), "twelve chars\x00", "abcdefghijk\xff"} {
		wantField(t, CheckPassword(wrong, email), "password")
	}
	for _, good := range []string{"twelve chars", "perché no? €", "日本語のパスワードは長い方がいい", goodPassword, strings.Repeat("aBcde", 51)} {
		if err := CheckPassword(good, email); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, common := range commonPasswords {
		if len(common) < LeastPassword || strings.ToLower(common) != common {
			t.Errorf("%q stands on the list for nothing", common)
		}
	}
}
