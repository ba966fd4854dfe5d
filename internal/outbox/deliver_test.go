package outbox

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/smpp"
)

// withBoard runs an outbox over a fake store and real SMPP sessions, in a time that passes only when all wait.
func withBoard(t *testing.T, window int, test func(t *testing.T, f *fakeStore, o *Outbox, b *board)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		f, b := newFakeStore(), newBoard(ctx, t, window)
		o := New(Options{Store: f, IDs: testIDs, Receivers: b, Log: slog.New(slog.DiscardHandler)})
		o.sender.client.Transport = endpoints{}
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		test(t, f, o, b)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.conns.Wait()
		synctest.Wait()
	})
}

func always(status smpp.CommandStatus) func(int) (smpp.CommandStatus, time.Duration) {
	return func(int) (smpp.CommandStatus, time.Duration) { return status, 0 }
}

// What waits is neither read nor counted while nobody is bound, and comes in order when somebody is.
func TestWaitsForReceiver(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, o *Outbox, b *board) {
		want := f.addReceipts(1, 3000)
		time.Sleep(24 * time.Hour)
		if n := f.claimed(1); n != 0 {
			t.Errorf("%d events were taken for nobody", n)
		}
		c := b.bind(1, nil)
		time.Sleep(2 * time.Second)
		if diff := cmp.Diff(want, c.taken()); diff != "" {
			t.Error(diff)
		}
		if n := f.stage(1, sms.EventDelivered); n != 3000 || o.SMPP.Delivered.Load() != 3000 || o.SMPP.AttemptsFailed.Load() != 0 {
			t.Errorf("%d are delivered", n)
		}
		if a := f.attempts[0]; a.Receiver != "1 from somewhere" || a.Number != 1 || a.Error != "" {
			t.Errorf("%+v", a)
		}
	})
}

// New receipts go at once to who is bound, and each only to its own account.
func TestEachToItsAccount(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		one, two := b.bind(1, nil), b.bind(2, nil)
		want := f.addReceipts(1, 1)
		f.addReceipts(3, 1)
		time.Sleep(1100 * time.Millisecond)
		if diff := cmp.Diff(want, one.taken()); diff != "" || len(two.taken()) != 0 {
			t.Errorf("%s%v", diff, two.taken())
		}
	})
}

// Events are spread over the sessions of an account, and one that is slow gets fewer.
func TestSpread(t *testing.T) {
	withBoard(t, 5, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		quick := func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, 10 * time.Millisecond }
		slow := func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, time.Second }
		all := []*customer{b.bind(1, quick), b.bind(1, quick), b.bind(1, slow)}
		f.addReceipts(1, 1000)
		time.Sleep(time.Minute)
		a, c, lame := len(all[0].taken()), len(all[1].taken()), len(all[2].taken())
		if a+c+lame != 1000 || a < 300 || c < 300 || lame < 5 || lame > 150 {
			t.Errorf("%d, %d and %d", a, c, lame)
		}
	})
}

// No more are without an answer than the customer's window holds.
func TestWindow(t *testing.T) {
	withBoard(t, 7, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		c := b.bind(1, func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, time.Second })
		f.addReceipts(1, 100)
		time.Sleep(5 * time.Second)
		if s := b.Receivers(1)[0].(*wired).Stats(); s.InFlight != 7 || s.Window != 7 {
			t.Errorf("%+v", s)
		}
		if n := len(c.taken()); n < 4 || n > 6 {
			t.Errorf("%d were taken", n)
		}
	})
}

// A session that dies with receipts unanswered: they come again at once over another, and those before them in order.
func TestSessionDies(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		dying := b.bind(1, func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, time.Hour })
		want := f.addReceipts(1, 30)
		time.Sleep(3 * time.Second)
		if n := len(dying.taken()); n != 1 { // it answers one after the other
			t.Fatalf("%d were read", n)
		}
		dying.stop()
		heir := b.bind(1, nil)
		time.Sleep(2 * time.Second)
		if diff := cmp.Diff(want, heir.taken()); diff != "" {
			t.Error(diff)
		}
		if n := f.stage(1, sms.EventDelivered); n != 30 {
			t.Errorf("%d are delivered", n)
		}
	})
}

// A receipt that is refused for good is sent three times, then it has failed; others go on meanwhile.
func TestRefusedForGood(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, o *Outbox, b *board) {
		c := b.bind(1, nil)
		bad := f.addReceipts(1, 1)[0]
		c.mu.Lock()
		c.answer = func(n int) (smpp.CommandStatus, time.Duration) {
			if c.got[n] == bad {
				return smpp.ESME_RX_P_APPN, 0
			}
			return smpp.ESME_ROK, 0
		}
		c.mu.Unlock()
		good := f.addReceipts(1, 100)
		time.Sleep(3 * time.Second)
		if got := len(c.taken()); got != 101 {
			t.Errorf("%d at first", got)
		}
		time.Sleep(time.Hour)
		if f.stage(1, sms.EventFailed) != 1 || f.stage(1, sms.EventDelivered) != len(good) || o.SMPP.Failed.Load() != 1 {
			t.Errorf("%d failed, %d delivered", f.stage(1, sms.EventFailed), f.stage(1, sms.EventDelivered))
		}
		var tries []sms.Attempt
		for _, a := range f.attempts {
			if a.Error != "" {
				tries = append(tries, a)
			}
		}
		if len(tries) != 3 || tries[0].Status != int(smpp.ESME_RX_P_APPN) || tries[0].Error != "answered with ESME_RX_P_APPN" {
			t.Errorf("%+v", tries)
		}
	})
}

// A customer that is busy gets an event now and then, and everything when it is not any more.
func TestBusyCustomer(t *testing.T) {
	for _, status := range []smpp.CommandStatus{smpp.ESME_RX_T_APPN, smpp.ESME_RMSGQFUL, smpp.ESME_RTHROTTLED} {
		withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
			c := b.bind(1, always(status))
			f.addReceipts(1, 2000)
			time.Sleep(time.Hour)
			if n := len(c.taken()); n < 30 || n > 200 {
				t.Errorf("%v: %d in an hour", status, n)
			}
			if n := f.stage(1, sms.EventFailed); n != 0 {
				t.Errorf("%v: %d have failed", status, n)
			}
			c.mu.Lock()
			c.answer = nil
			c.mu.Unlock()
			time.Sleep(24 * time.Hour)
			if n := f.stage(1, sms.EventDelivered); n != 2000 {
				t.Errorf("%v: %d are delivered", status, n)
			}
		})
	}
}

// TestField_customer_reads_nothing: one that binds and then reads nothing holds a page of events in memory, its session is
// closed after the response time, what it had waits again, and another customer gets everything at once meanwhile.
func TestField_customer_reads_nothing(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		conn := b.dial()
		bind, err := smpp.AppendPDU(nil, smpp.ESME_ROK, 1, &smpp.Bind{Type: smpp.Transceiver, SystemID: "1", InterfaceVersion: smpp.InterfaceVersion})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(bind); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 256)); err != nil { // the answer to the bind, and then nothing
			t.Fatal(err)
		}
		f.addReceipts(1, 5000)
		other := b.bind(2, nil)
		for range 20 {
			f.addReceipts(2, 100)
			time.Sleep(1100 * time.Millisecond)
		}
		if n := len(other.taken()); n != 2000 {
			t.Errorf("the other customer has %d", n)
		}
		if n := f.claimed(1); n > largestTurn {
			t.Errorf("%d events are in memory", n)
		}
		if n := len(b.Receivers(1)); n != 0 {
			t.Error("the session is open")
		}
		if n := f.stage(1, sms.EventWaiting); n != 5000 {
			t.Errorf("%d wait", n)
		}
		_ = conn.Close() // it was closed by the server
		back := b.bind(1, nil)
		time.Sleep(10 * time.Minute)
		if n := len(back.taken()); n < 5000 {
			t.Errorf("%d when it was back", n)
		}
	})
}

// A customer whose writes go on and who answers no deliver_sm is dropped, too, though its connection lives.
func TestAnswersNothing(t *testing.T) {
	withBoard(t, 10, func(t *testing.T, f *fakeStore, _ *Outbox, b *board) {
		c := b.bind(1, func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, 24 * time.Hour })
		f.addReceipts(1, 50)
		time.Sleep(12 * time.Second)
		if b.drops() != 1 || c.Err() == nil {
			t.Errorf("%d dropped", b.drops())
		}
	})
}

// When the server stops, what is not on its way is given back.
func TestStopGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		stopped, stop := context.WithCancel(context.Background())
		f, b := newFakeStore(), newBoard(ctx, t, 2)
		o := New(Options{Store: f, IDs: testIDs, Receivers: b, Log: slog.New(slog.DiscardHandler)})
		done := make(chan error, 1)
		go func() { done <- o.Run(stopped) }()
		b.bind(1, func(int) (smpp.CommandStatus, time.Duration) { return smpp.ESME_ROK, time.Second })
		f.addReceipts(1, 40)
		time.Sleep(1500 * time.Millisecond)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		free := 0
		for _, e := range f.open[store.EventQueue{Account: 1, Way: sms.BySMPP}] {
			if !e.Due.After(time.Now()) && e.Attempts == 0 {
				free++
			}
		}
		if free < 36 || free > 38 { // one or two are answered, two may have arrived
			t.Errorf("%d wait as before", free)
		}
		cancel()
		b.conns.Wait()
	})
}

func TestReceiptText(t *testing.T) {
	o := &Outbox{ids: testIDs}
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	m := &sms.Message{ID: sms.MakeID(at, 1, 7), Destination: 393401234567, Sender: "ACME", Text: "Grüße, 20 characters"}
	m.Submission = sms.Submission{SourceTON: 5, DestTON: 1, DestNPI: 1, DestPrefix: sms.PrefixPlus}
	id := testIDs.Format(m.ID)
	for _, c := range []struct {
		event   sms.Event
		text    string
		esm     uint8
		state   smpp.MessageState
		network []byte
	}{
		{sms.Event{State: sms.Delivered, Code: "000"}, "dlvrd:001 submit date:3102030405 done date:3102030410 stat:DELIVRD err:000 text:Gr??e, 20 characters", 0x04, smpp.StateDelivered, nil},
		{sms.Event{State: sms.Failed, Code: "3:0021"}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:UNDELIV err:021 text:Gr??e, 20 characters", 0x04, smpp.StateUndeliverable, []byte{3, 0, 21}},
		{sms.Event{State: sms.Failed, Code: "no such"}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:UNDELIV err:000 text:Gr??e, 20 characters", 0x04, smpp.StateUndeliverable, nil},
		{sms.Event{State: sms.Expired, Code: "7A"}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:EXPIRED err:7A text:Gr??e, 20 characters", 0x04, smpp.StateExpired, nil},
		{sms.Event{State: sms.Cancelled}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:DELETED err:000 text:Gr??e, 20 characters", 0x04, smpp.StateDeleted, nil},
		{sms.Event{State: sms.Unknown}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:UNKNOWN err:000 text:Gr??e, 20 characters", 0x04, smpp.StateUnknown, nil},
		{sms.Event{State: sms.Sent}, "dlvrd:000 submit date:3102030405 done date:3102030410 stat:ENROUTE err:000 text:Gr??e, 20 characters", 0x20, smpp.StateEnroute, nil},
	} {
		e := c.event
		e.Message, e.At, e.Part = m, at.Add(5*time.Minute), sms.WholeMessage
		p, err := o.receipt(&e)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(p.ShortMessage), "id:"+id+" sub:001 "+c.text; got != want || p.ESMClass != c.esm || p.DataCoding != 0 {
			t.Errorf("esm_class %x\n%s\n%s", p.ESMClass, got, want)
		}
		source, destination := []any{p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr}, []any{p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr}
		if !slices.Equal(source, []any{uint8(1), uint8(1), "+393401234567"}) || !slices.Equal(destination, []any{uint8(5), uint8(0), "ACME"}) {
			t.Errorf("from %v to %v", source, destination)
		}
		tlv, _ := p.TLVs.String(smpp.TagReceiptedMessageID)
		state, _ := p.TLVs.Uint8(smpp.TagMessageState)
		network, _ := p.TLVs.Get(smpp.TagNetworkErrorCode)
		if tlv != id || smpp.MessageState(state) != c.state || !slices.Equal(network, c.network) {
			t.Errorf("%s, %d, %v", tlv, state, network)
		}
		if back, ok := smpp.ParseReceipt(p); !ok || back.ID != id || back.State != c.state || !back.Submitted.Equal(at.Truncate(time.Minute)) {
			t.Errorf("read again: %+v", back)
		}
	}
	m.Encoding, m.Text, m.Campaign = sms.Octets, "C0FFEE", "m-of-many"
	p, err := o.receipt(&sms.Event{State: sms.Delivered, Message: m})
	if err != nil || !strings.HasPrefix(string(p.ShortMessage), "id:m-of-many sub") || !strings.HasSuffix(string(p.ShortMessage), "text:") {
		t.Errorf("%s, %v", p.ShortMessage, err)
	}
}
