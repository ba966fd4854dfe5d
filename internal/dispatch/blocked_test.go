package dispatch

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// A recipient who opts out while messages wait gets none of them; the others do not wait for it.
func TestWhoOptsOutMeanwhileGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.optedOut = 393400000003
		all := messages(1, 370)
		w.store.accept(all...)
		w.serve(w.session(5), ServeOptions{})
		time.Sleep(time.Minute)
		w.wantOnce(360)
		for _, m := range all {
			want := sms.Sent
			if m.Destination == w.store.optedOut {
				want = sms.Failed
			}
			if got := w.store.state(m.ID); got != want {
				t.Errorf("message to %s is %v, want %v", m.Destination, got, want)
			}
		}
		for _, o := range w.store.outcomes {
			if o.State == sms.Failed && (o.Reason != "the recipient has opted out" || o.Parts[0].State != sms.Failed) {
				t.Errorf("the outcome is %+v", o)
			}
		}
		if held, more := w.Depth(1); held != 0 || more {
			t.Errorf("%d are held, more %v", held, more)
		}
		w.end()
	})
}
