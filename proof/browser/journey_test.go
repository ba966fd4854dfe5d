package browser

import "testing"

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
