package practice

import (
	"strconv"
	"testing"

	"github.com/staffetta/staffetta/smpp"
)

func fill(b *mailbox, from, to int) {
	for i := from; i < to; i++ {
		b.put(letter{id: strconv.Itoa(i)})
	}
}

func TestMailbox_drops_the_oldest_for_a_client_that_is_away(t *testing.T) {
	b := newMailbox(New(Options{}), "esme")
	fill(b, 0, maxWaiting+5)
	if b.full() {
		t.Error("messages of a client that is away are refused")
	}
	for i := 5; i < maxWaiting+5; i++ {
		if l, ok := b.take(nil); !ok || l.id != strconv.Itoa(i) {
			t.Fatalf("letter %d is %q", i, l.id)
		}
	}
	if n := len(b.letters) - b.start; n != 0 {
		t.Errorf("%d letters too many", n)
	}
}

// A client that is there and does not take its receipts is slowed down, and loses none.
func TestMailbox_is_full_for_a_client_that_is_slow(t *testing.T) {
	c := New(Options{})
	b := c.mailbox("esme")
	b.receivers.Add(1)
	fill(b, 0, maxWaiting)
	d := &desk{carrier: c, systemID: "esme", box: b}
	p := submission("393401234567")
	if got := d.refusal(p, delivered); got != smpp.ESME_RMSGQFUL {
		t.Errorf("answered %v", got)
	}
	p.RegisteredDelivery = smpp.RegisteredDeliveryNone
	if got := d.refusal(p, delivered); got != smpp.ESME_ROK {
		t.Errorf("without a receipt answered %v", got)
	}
	fill(b, maxWaiting, maxWaiting+5) // from messages taken before
	for i := range maxWaiting + 5 {
		if l, ok := b.take(nil); !ok || l.id != strconv.Itoa(i) {
			t.Fatalf("letter %d is %q", i, l.id)
		}
	}
}

func TestMailbox_forgets_what_was_throttled_long_ago(t *testing.T) {
	b := newMailbox(New(Options{}), "esme")
	for i := range maxThrottled + 10 {
		b.throttle(submission(strconv.Itoa(i)))
	}
	if n := len(b.throttles); n > maxThrottled {
		t.Errorf("%d are kept", n)
	}
}

func TestPractice_limits_the_system_ids(t *testing.T) {
	c := New(Options{})
	for i := range maxSystemIDs {
		if c.mailbox(strconv.Itoa(i)) == nil {
			t.Fatalf("refused after %d", i)
		}
	}
	if c.mailbox("one more") != nil || c.mailbox("7") == nil {
		t.Error("the limit does not hold, or keeps a known one out")
	}
}

// A session that has ended takes nothing, however much waits: it would put it back for ever and hold the end up.
func TestMailbox_of_an_ended_session(t *testing.T) {
	b := newMailbox(New(Options{}), "esme")
	b.put(letter{id: "1"})
	ended := make(chan struct{})
	close(ended)
	if l, ok := b.take(ended); ok {
		t.Errorf("took %+v", l)
	}
	if l, ok := b.take(make(chan struct{})); !ok || l.id != "1" {
		t.Errorf("the next session took %+v", l)
	}
}
