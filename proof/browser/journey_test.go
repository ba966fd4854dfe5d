package browser

import (
	"os"
	"regexp"
	"testing"
	"time"
)

// step is one that a journey has done.
type step struct{ Step string }

// travel runs a journey, which ends with its last step or says what went wrong.
func travel(t *testing.T, script string, settings any, steps int) {
	t.Helper()
	done := run[step](t, script, settings)
	for _, s := range done {
		t.Log(s.Step)
	}
	if len(done) != steps {
		t.Errorf("%d steps, want %d", len(done), steps)
	}
}

// TestByKeyboard signs in and sends a message without a mouse.
func TestByKeyboard(t *testing.T) {
	p := newPlatform(t)
	travel(t, "journey_keyboard.mjs", struct {
		tools
		Person *person `json:"person"`
	}{newTools(t, p.Addr), p.people["sender"]}, 5)
}

// TestSecondFactor turns on a second factor, and signs in with it.
func TestSecondFactor(t *testing.T) {
	p := newPlatform(t)
	travel(t, "journey_second_factor.mjs", struct {
		tools
		Person *person `json:"person"`
	}{newTools(t, p.Addr), p.people["viewer"]}, 6)
}

// traveller is somebody with a key of the account.
type traveller struct {
	tools
	Person *person `json:"person"`
	Key    string  `json:"key"`
}

// TestALeakedKey makes a new value of a key; the one that leaked is refused with 401.
func TestALeakedKey(t *testing.T) {
	p := newPlatform(t)
	travel(t, "journey_leak.mjs", traveller{newTools(t, p.Addr), p.people["developer"], p.account.APIKey}, 6)
}

// TestLockedOut shuts out programs by the allow-list, after a warning, and lets them in again.
func TestLockedOut(t *testing.T) {
	p := newPlatform(t)
	travel(t, "journey_lockout.mjs", traveller{newTools(t, p.Addr), p.people["owner"], p.account.APIKey}, 6)
}

// TestAFailingWebhook finds why a webhook fails, and has events told again once it is mended.
func TestAFailingWebhook(t *testing.T) {
	p := newPlatform(t)
	p.hook.broken.Store(true)
	travel(t, "journey_webhook.mjs", struct {
		traveller
		Hook string `json:"hook"`
		Mend string `json:"mend"`
		Took string `json:"took"`
	}{traveller{newTools(t, p.Addr), p.people["developer"], p.account.APIKey}, p.hook.url + "/hook", p.hook.url + "/mend", p.hook.url + "/took"}, 7)
}

var setUpToken = regexp.MustCompile(`(?m)/setup with this token.*\n\n +([\w-]+)$`)

// TestFirstStart begins with a server that nobody has set up, and ends with messages that are delivered.
func TestFirstStart(t *testing.T) {
	s := start(t)
	travel(t, "journey_first.mjs", struct {
		tools
		Token string `json:"token"`
	}{newTools(t, s.Addr), printedToken(t, s.Log)}, 9)
}

// printedToken waits for the token of the set-up, which the server prints a moment after it serves.
func printedToken(t *testing.T, output string) string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); <-tick.C {
		text, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		if found := setUpToken.FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	t.Fatalf("the server prints no token: see %s", output)
	return ""
}
