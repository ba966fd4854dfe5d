package smpp

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// The carrier's answers to one submit_sm, and what becomes of the part. In every case exactly one answer comes, and the
// session goes on.
func TestSubmit_answers(t *testing.T) {
	for name, c := range map[string]struct {
		script smpptest.Behaviour
		want   dispatch.Answer
	}{
		"accepted":          {smpptest.AcceptAs("8A7F-1"), dispatch.Answer{Verdict: dispatch.Accepted, Ref: "8A7F-1"}},
		"accepted, no id":   {smpptest.AcceptAs(""), dispatch.Answer{Verdict: dispatch.Accepted}},
		"accepted twice":    {smpptest.Twice(smpptest.AcceptAs("1")), dispatch.Answer{Verdict: dispatch.Accepted, Ref: "1"}},
		"wrong, then right": {smpptest.Sequence(smpptest.WrongSequence(500, smpptest.AcceptAs("9")), smpptest.AcceptAs("1")), dispatch.Answer{Verdict: dispatch.Accepted, Ref: "1"}},
		"throttled":         {smpptest.Throttle(), dispatch.Answer{Verdict: dispatch.Throttled, Code: "0x00000058"}},
		"refused":           {smpptest.Refuse(smpp.ESME_RINVDSTADR), dispatch.Answer{Verdict: dispatch.Permanent, Code: "0x0000000b"}},
		"refused, vendor":   {smpptest.Refuse(0x412), dispatch.Answer{Verdict: dispatch.Permanent, Code: "0x00000412"}},
		"generic_nack":      {smpptest.Nack(smpp.ESME_RSYSERR), dispatch.Answer{Verdict: dispatch.Temporary, Code: "0x00000008"}},
		"not understood":    {smpptest.Nack(smpp.ESME_RINVCMDID), dispatch.Answer{Verdict: dispatch.CarrierWide, Code: "0x00000003"}},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(smpp.CommandSubmitSM, c.script, smpptest.AcceptAs("next"))
			_, s := startWith(t, smsc, "")
			answers := s.submit(t.Context(), message("x"))
			got := await(t, answers)
			got.Reason = ""
			if diff := cmp.Diff(c.want, got.Answer); diff != "" {
				t.Error(diff)
			}
			if got := await(t, s.submit(t.Context(), message("y"))); got.Ref != "next" {
				t.Errorf("the session did not go on: %+v", got)
			}
			if len(answers) > 0 {
				t.Errorf("a second answer: %+v", <-answers)
			}
		})
	}
}

func TestField_response_without_body(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.Refuse(smpp.ESME_RMSGQFUL), smpptest.RefuseWithBody(smpp.ESME_RMSGQFUL))
	_, s := startWith(t, smsc, "")
	without := await(t, s.submit(t.Context(), message("x")))
	with := await(t, s.submit(t.Context(), message("x")))
	if diff := cmp.Diff(without.Answer, with.Answer); diff != "" || with.Verdict != dispatch.Throttled || with.Code != "0x00000014" {
		t.Errorf("%+v, %s", with, diff)
	}
}

// A retry is the same message, octet for octet but for its sequence number: the receipt is wanted as before.
func TestField_throttle_drops_receipt(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.Throttle(), smpptest.Accept())
	_, s := startWith(t, smsc, "")
	m := message("hello")
	if got := await(t, s.submit(t.Context(), m)); got.Verdict != dispatch.Throttled {
		t.Fatalf("%+v", got)
	}
	await(t, s.submit(t.Context(), m))
	frames := smsc.Await(t, smpp.CommandSubmitSM, 2)
	if diff := cmp.Diff(frames[0].Raw[16:], frames[1].Raw[16:]); diff != "" {
		t.Error(diff)
	}
	if got := frames[1].PDU.(*smpp.SubmitSM).RegisteredDelivery; got != smpp.RegisteredDeliveryFinal {
		t.Errorf("registered_delivery of the retry is %d", got)
	}
}

// Every part asks for its own receipt.
func TestField_multipart_receipt(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "")
	m := message(strings.Repeat("a", 153*4))
	m.Parts = 4
	answers := s.submit(t.Context(), m)
	refs := map[string]bool{}
	for range 4 {
		refs[await(t, answers).Ref] = true
	}
	for i, p := range smsc.Submits() {
		if p.RegisteredDelivery != smpp.RegisteredDeliveryFinal {
			t.Errorf("part %d does not ask for a receipt", i+1)
		}
	}
	if len(refs) != 4 {
		t.Errorf("ids of the parts: %v", refs)
	}
}

func TestSubmit_sends_only_the_parts_that_wait(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "")
	m := message(strings.Repeat("a", 153) + strings.Repeat("b", 153) + strings.Repeat("c", 153))
	m.Parts = 3
	m.Progress = []sms.Part{{State: sms.Queued}, {State: sms.Sent, Ref: "1"}, {State: sms.Queued}}
	answers := s.submit(t.Context(), m)
	if first, second := await(t, answers).part, await(t, answers).part; first != 0 || second != 2 {
		t.Errorf("answers for the parts %d, %d", first, second)
	}
	submits := smsc.Submits()
	if len(submits) != 2 || submits[0].ShortMessage[5] != 1 || submits[1].ShortMessage[5] != 3 || submits[1].ShortMessage[6] != 'c' {
		t.Errorf("%d parts were sent", len(submits))
	}
}

func TestSubmit_what_has_no_form_is_refused_for_good(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "")
	poison := map[string]func(*sms.Message){
		"more parts than were paid": func(m *sms.Message) { m.Text, m.Parts = strings.Repeat("a", 307), 2 },
		"too many octets":           func(m *sms.Message) { m.Text, m.Encoding = strings.Repeat("61", 141), sms.Octets },
		"a header that is none":     func(m *sms.Message) { m.UDH = []byte{9, 1} },
		"a sender too long":         func(m *sms.Message) { m.Sender = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
	}
	for name, change := range poison {
		m := message("x")
		change(m)
		answers := s.submit(t.Context(), m)
		for range m.Parts {
			if got := await(t, answers); got.Verdict != dispatch.Permanent || got.Reason == "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	if got := await(t, s.submit(t.Context(), message("good"))); got.Verdict != dispatch.Accepted {
		t.Errorf("the next message: %+v", got)
	}
	if n := len(smsc.Submits()); n != 1 {
		t.Errorf("%d submit_sm left", n)
	}
}

// Never more than the window is unanswered, and the order stays.
func TestSubmit_keeps_to_the_window(t *testing.T) {
	const window, messages = 5, 40
	smsc := smpptest.NewSMSC(t)
	held := make(chan func(), messages)
	smsc.On(smpp.CommandSubmitSM, func(s *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) {
		held <- func() { smpptest.Accept()(s, c, f) }
	})
	_, s := startWith(t, smsc, "window=5")
	if s.Window() != window {
		t.Errorf("the window is %d", s.Window())
	}
	submitted := make(chan struct{})
	go func() {
		defer close(submitted)
		for i := range messages {
			m := message("x")
			m.Destination += sms.Number(i)
			s.submit(context.Background(), m)
		}
	}()
	for range messages {
		await(t, held)() // one answer makes room for one more
		if n := len(held); n > window {
			t.Fatalf("%d are unanswered", n)
		}
	}
	await(t, submitted)
	for i, p := range smsc.Submits() {
		if want := (message("").Destination + sms.Number(i)).Digits(); p.DestinationAddr != want {
			t.Fatalf("submit_sm %d goes to %s, not %s", i, p.DestinationAddr, want)
		}
	}
}

func TestSubmit_full_window_and_the_end_of_ctx(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, smpptest.Drop())
	w := start(t, "smpp://esme@"+smsc.Addr()+"?window=1", func(c *Config) { c.Grace = time.Millisecond })
	s := await(t, w.sessions)
	first := s.submit(t.Context(), message("takes the window"))
	ctx, cancel := context.WithCancel(t.Context())
	m := message(strings.Repeat("a", 306))
	m.Parts = 2
	second := make(chan (<-chan answer), 1)
	go func() { second <- s.submit(ctx, m) }()
	smsc.Await(t, smpp.CommandSubmitSM, 1)
	cancel()
	answers := await(t, second)
	for range 2 {
		if got := await(t, answers); got.Verdict != dispatch.NotSent {
			t.Errorf("%+v", got)
		}
	}
	w.stop()
	if got := await(t, first); got.Verdict != dispatch.Uncertain {
		t.Errorf("what left without an answer: %+v", got)
	}
	if got := await(t, s.submit(t.Context(), message("too late"))); got.Verdict != dispatch.NotSent {
		t.Errorf("after the end: %+v", got)
	}
}

func TestSubmit_answer_never_comes_or_late(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := startInMemory(t, "window=2&response_timeout=20s")
		p.smsc.On(smpp.CommandSubmitSM, smpptest.Drop(), smpptest.Delay(19*time.Second, smpptest.AcceptAs("slow")),
			smpptest.Delay(25*time.Second, smpptest.AcceptAs("late")), smpptest.AcceptAs("prompt"))
		s := <-w.sessions
		for i, want := range []dispatch.Answer{
			{Verdict: dispatch.Uncertain}, {Verdict: dispatch.Accepted, Ref: "slow"},
			{Verdict: dispatch.Uncertain}, {Verdict: dispatch.Accepted, Ref: "prompt"},
		} {
			answers := s.submit(t.Context(), message("x"))
			got := <-answers
			got.Reason = ""
			if diff := cmp.Diff(want, got.Answer); diff != "" {
				t.Errorf("message %d: %s", i, diff)
			}
			if i == 2 {
				time.Sleep(10 * time.Second) // false time: the late answer comes, and is nobody's
			}
			synctest.Wait()
			if len(answers) > 0 {
				t.Errorf("message %d has a second answer", i)
			}
		}
		if n := len(p.dialled()); n != 1 {
			t.Errorf("dialled %d times: the session did not go on", n)
		}
		w.stop()
		p.smsc.Close()
	})
}

func TestSubmit_connection_lost(t *testing.T) {
	for name, behaviour := range map[string]smpptest.Behaviour{
		"reset":           smpptest.Reset(),
		"garbage":         smpptest.WriteOctets([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
		"gigantic length": smpptest.WriteOctets([]byte{0x40, 0, 0, 0, 0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2}),
	} {
		t.Run(name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(smpp.CommandSubmitSM, behaviour, smpptest.AcceptAs("again"))
			w, s := startWith(t, smsc, "")
			if got := await(t, s.submit(t.Context(), message("x"))); got.Verdict != dispatch.Uncertain {
				t.Errorf("%+v", got)
			}
			await(t, s.Done())
			next := await(t, w.sessions) // bound again
			if got := await(t, next.submit(t.Context(), message("x"))); got.Ref != "again" {
				t.Errorf("%+v", got)
			}
		})
	}
}
