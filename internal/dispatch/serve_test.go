package dispatch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Session.Submit of the fakes holds in every test that nothing leaves before its mark is durable.

func TestTwoWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(20)
		s.latency = 200 * time.Millisecond
		w.store.latency = 30 * time.Millisecond
		w.serve(s, ServeOptions{})
		w.store.accept(messages(1, 1000)...)
		time.Sleep(time.Minute)
		w.wantOnce(1000)
		w.end()
		if _, peak := w.store.marksMade(); peak > 40 || peak < 20 || s.peak != 20 {
			t.Errorf("%d parts marked at once, %d on the wire, with a window of 20", peak, s.peak)
		}
	})
}

func TestHighPriorityOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(4), ServeOptions{})
		w.store.accept(messages(1, 2000)...)
		time.Sleep(100 * time.Millisecond)
		before := len(w.wire.all())
		code := messages(2, 1)[0]
		code.Priority = sms.High
		w.store.accept(code)
		time.Sleep(time.Second)
		for i, one := range w.wire.all() {
			if one.message == code && i > before+8+4 {
				t.Errorf("written after %d others, more than two windows", i-before)
			}
		}
		if w.store.state(code.ID) != sms.Sent {
			t.Error("not sent")
		}
		w.cancel()
		w.end()
	})
}

// A campaign of 100,000 that waits in the store delays nobody.
func TestCampaignDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(10), ServeOptions{})
		w.store.accept(messages(1, 100_000)...)
		time.Sleep(time.Second)
		for range 20 {
			before := len(w.wire.all())
			code := messages(2, 1)[0]
			w.store.accept(code)
			time.Sleep(time.Second)
			for i, one := range w.wire.all() {
				if one.message == code && i > before+2*10+10 {
					t.Errorf("written after %d others", i-before)
				}
			}
			if w.store.state(code.ID) != sms.Sent {
				t.Fatal("not sent within a second")
			}
		}
		if held, more := w.Depth(1); held > laneLimit+100 || !more {
			t.Errorf("%d in memory, more %v", held, more)
		}
		w.end()
	})
}

// TestField_order_broken: sessions come and go, are lost with messages in their hands, and the first bytes of
// messages to one destination still leave in order of acceptance.
func TestField_order_broken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stays := w.session(7)
		stays.latency = 31 * time.Millisecond
		w.serve(stays, ServeOptions{})
		for round := range 20 {
			passing := []*fakeSession{w.session(5), w.session(13)}
			for i, s := range passing {
				s.latency = time.Duration(5+40*i) * time.Millisecond
				w.serve(s, ServeOptions{Throughput: 300 * i})
				w.store.accept(messages(sms.AccountID(round%3+1), 150)...)
				time.Sleep(70 * time.Millisecond)
			}
			for _, s := range passing {
				s.lose()
				w.store.accept(messages(sms.AccountID(round%3+1), 50)...)
				time.Sleep(20 * time.Millisecond)
			}
		}
		time.Sleep(10 * time.Minute)
		if got := w.store.counts(); got[sms.Sent]+got[sms.Unknown] != 20*400 || got[sms.Unknown] > 40 {
			t.Errorf("states %v", got)
		}
		w.wantOrder()
		w.end()
	})
}

// What surely did not leave goes again at once; what may have left by the account's policy.
func TestSessionLost(t *testing.T) {
	for name, hold := range map[string]bool{"resend": false, "hold": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.session(10)
				s.latency = time.Hour // no answers
				w.serve(s, ServeOptions{})
				all := messages(1, 50)
				for _, m := range all {
					m.Hold = hold
				}
				w.store.accept(all...)
				time.Sleep(time.Second)
				if n := len(w.wire.all()); n != 10 {
					t.Fatalf("%d written with a window of 10", n)
				}
				s.lose()
				w.sessions.Wait()
				if w.store.openMarks() != 0 {
					t.Errorf("%d marks after the end of the session", w.store.openMarks())
				}
				w.serve(w.session(10), ServeOptions{})
				time.Sleep(time.Minute)
				got := w.store.counts()
				if hold && (got[sms.Unknown] != 10 || got[sms.Sent] != 40) || !hold && got[sms.Sent] != 50 {
					t.Errorf("states %v", got)
				}
				w.wantOrder()
				w.end()
			})
		})
	}
}

// TestField_twenty_eight_copies: a carrier that swallows a message gets three copies at most.
func TestField_twenty_eight_copies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(10)
		s.answer = func(*sms.Message, int) Answer { return Answer{Verdict: Uncertain} }
		w.serve(s, ServeOptions{})
		w.store.accept(messages(1, 5)...)
		time.Sleep(time.Hour)
		if n := len(w.wire.all()); n != 15 {
			t.Errorf("%d copies of 5 messages", n)
		}
		if got := w.store.counts(); got[sms.Unknown] != 5 {
			t.Errorf("states %v", got)
		}
		w.end()
	})
}

// A carrier that wants it slower gets it slower, and everything in the end.
func TestThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(10)
		s.latency = time.Millisecond
		var second time.Time
		allowed := 0
		s.answer = func(m *sms.Message, _ int) Answer {
			w.wire.mu.Lock()
			defer w.wire.mu.Unlock()
			if now := time.Now(); now.Sub(second) >= time.Second {
				second, allowed = now, 50
			}
			if allowed--; allowed < 0 {
				return Answer{Verdict: Throttled, Code: "0x00000058"}
			}
			return Answer{Verdict: Accepted, Ref: "r"}
		}
		w.serve(s, ServeOptions{})
		w.store.accept(messages(1, 1000)...)
		time.Sleep(3 * time.Minute)
		if got := w.store.counts(); got[sms.Sent] != 1000 {
			t.Errorf("states %v", got)
		}
		if n := len(w.wire.all()); n > 2000 {
			t.Errorf("%d tries for 1000 messages: the carrier is not left alone", n)
		}
		w.end()
	})
}

// TestField_throttle_counts_messages: the throughput is of segments, and 0 is unlimited.
func TestField_throttle_counts_messages(t *testing.T) {
	for name, test := range map[string]struct{ throughput, parts, messages int }{
		"one part": {100, 1, 1000}, "three parts": {100, 3, 300}, "more than a burst": {20, 7, 60}, "one each second": {1, 1, 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.serve(w.session(1000), ServeOptions{Throughput: test.throughput})
				all := messages(1, test.messages)
				for _, m := range all {
					m.Parts = test.parts
				}
				w.store.accept(all...)
				time.Sleep(time.Minute)
				checkRate(t, w.wire.all(), test.throughput, test.parts)
				if got := w.store.counts(); got[sms.Sent] != test.messages {
					t.Errorf("states %v", got)
				}
				w.end()
			})
		})
	}
	t.Run("unlimited", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.serve(w.session(1000), ServeOptions{})
			w.store.accept(messages(1, 2000)...)
			time.Sleep(100 * time.Millisecond)
			w.wantOnce(2000)
			w.end()
		})
	})
}

// checkRate holds that no second has more segments than allowed, but for the burst and the parts of one message.
func checkRate(t *testing.T, all []written, throughput, parts int) {
	t.Helper()
	from := 0
	for to := range all {
		for all[to].at.Sub(all[from].at) >= time.Second {
			from++
		}
		if n := to - from + 1; n > throughput+max(1, throughput/10)+parts {
			t.Fatalf("%d segments within a second, %d allowed", n, throughput)
		}
	}
	if took := all[len(all)-1].at.Sub(all[0].at); took > time.Duration(len(all)+throughput)*time.Second/time.Duration(throughput) {
		t.Errorf("%d segments took %v at %d each second", len(all), took, throughput)
	}
}

// TestField_stuck_session: a session that takes nothing and does not end costs little, and another serves.
func TestField_stuck_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stuck := w.session(10)
		stuck.refuses = true
		w.serve(stuck, ServeOptions{})
		w.store.accept(messages(1, 100)...)
		time.Sleep(10 * time.Second)
		if marks, _ := w.store.marksMade(); marks > 150 {
			t.Errorf("%d marks in 10 s for a session that takes nothing", marks)
		}
		stuck.lose()
		w.serve(w.session(10), ServeOptions{})
		time.Sleep(10 * time.Second)
		w.wantOnce(100)
		w.wantOrder()
		w.end()
	})
}

// At the end nothing new leaves, and Serve returns when what has left is recorded.
func TestServeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(10)
		s.latency = 3 * time.Second
		w.serve(s, ServeOptions{})
		w.store.accept(messages(1, 100)...)
		time.Sleep(time.Second)
		w.cancel()
		at := time.Now()
		w.sessions.Wait()
		if took := time.Since(at); took > 4*time.Second {
			t.Errorf("the end took %v", took)
		}
		w.wantOnce(10)
		if got := w.store.counts(); got[sms.Sent] != 10 || got[sms.Queued] != 90 || w.store.openMarks() != 0 {
			t.Errorf("states %v, %d marks", got, w.store.openMarks())
		}
		w.end()
	})
}

// While the store takes no marks nothing leaves, and afterwards everything does.
func TestStoreTakesNoMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.store.down = errors.New("disk full")
		w.serve(w.session(10), ServeOptions{})
		w.store.accept(messages(1, 100)...)
		time.Sleep(10 * time.Second)
		if marks, _ := w.store.marksMade(); len(w.wire.all()) != 0 || marks > 200 {
			t.Errorf("%d written, %d marks tried", len(w.wire.all()), marks)
		}
		w.store.mu.Lock()
		w.store.down = nil
		w.store.mu.Unlock()
		time.Sleep(10 * time.Second)
		w.wantOnce(100)
		w.wantOrder()
		w.end()
	})
}

// A resend repeats only the parts without an answer.
func TestPartsWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.session(10)
		tries := map[int]int{}
		s.answer = func(_ *sms.Message, part int) Answer {
			w.wire.mu.Lock()
			defer w.wire.mu.Unlock()
			if tries[part]++; part == 1 && tries[part] == 1 {
				return Answer{Verdict: Temporary}
			}
			return Answer{Verdict: Accepted, Ref: "r"}
		}
		w.serve(s, ServeOptions{})
		m := messages(1, 1)[0]
		m.Parts = 3
		w.store.accept(m)
		time.Sleep(time.Minute)
		if w.store.state(m.ID) != sms.Sent || tries[0] != 1 || tries[1] != 2 || tries[2] != 1 {
			t.Errorf("state %v, tries %v", w.store.state(m.ID), tries)
		}
		w.end()
	})
}

// A message whose last waiting part was ended by a receipt meanwhile lands without the session.
func TestNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(10), ServeOptions{})
		m := messages(1, 1)[0]
		m.Progress = []sms.Part{{State: sms.Sent, Ref: "r"}}
		w.store.accept(m)
		time.Sleep(time.Second)
		if len(w.wire.all()) != 0 || w.store.state(m.ID) != sms.Sent {
			t.Errorf("%d written, state %v", len(w.wire.all()), w.store.state(m.ID))
		}
		w.end()
	})
}

// Other carriers' messages are not for this session, and wait without harm.
func TestCarrierAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.serve(w.session(10), ServeOptions{})
		away := messages(1, 20_000)
		for _, m := range away {
			m.Carrier = 2
		}
		w.store.accept(away...)
		w.store.accept(messages(1, 100)...)
		time.Sleep(time.Minute)
		w.wantOnce(100)
		ctx, stop := context.WithCancel(w.ctx)
		w.sessions.Go(func() { _ = w.Serve(ctx, 2, w.session(100), ServeOptions{}) })
		time.Sleep(time.Minute)
		w.wantOnce(20_100)
		stop()
		w.end()
	})
}
