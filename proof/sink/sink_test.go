package sink

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/smpp"
)

func start(t testing.TB, options Options) *Sink {
	t.Helper()
	s, err := Listen(t.Context(), "127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return s
}

// dial binds a transceiver that acknowledges receipts and passes them on.
func dial(t testing.TB, s *Sink, window int, receipts chan<- smpp.Receipt) *smpp.Session {
	t.Helper()
	handler := smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
		if d, ok := r.PDU.(*smpp.DeliverSM); ok {
			receipt, _ := smpp.ParseReceipt(d)
			_ = r.Reply(smpp.ESME_ROK, nil)
			receipts <- receipt
		}
	})
	session, err := smpp.Dial(t.Context(), smpp.DialConfig{Addr: s.Addr(), Handler: handler,
		Bind: smpp.Bind{SystemID: "test", Password: "test"}, Config: smpp.Config{Window: window}})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = session.Run(context.Background()) })
	t.Cleanup(func() { _ = session.Close(); running.Wait() })
	return session
}

func message(n uint64) *smpp.SubmitSM {
	return &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "Staffetta", DestAddrTON: smpp.TONInternational,
		DestAddrNPI: smpp.NPIISDN, DestinationAddr: strconv.FormatUint(marker.Destination(n), 10),
		RegisteredDelivery: smpp.RegisteredDeliveryFinal, ShortMessage: marker.AppendText(nil, n)}
}

func TestJournalAndReceipts(t *testing.T) {
	const all = 1000
	s := start(t, Options{Receipts: true})
	receipts := make(chan smpp.Receipt, all)
	session := dial(t, s, 200, receipts)
	var answered sync.WaitGroup
	for n := range uint64(all) {
		answered.Add(1)
		err := session.Begin(t.Context(), message(n), func(r smpp.Response) {
			if r.Err != nil || r.Status != smpp.ESME_ROK {
				t.Error(r)
			}
			answered.Done()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	answered.Wait()
	ids := map[string]bool{}
	for range all {
		r := <-receipts
		if r.State != smpp.StateDelivered {
			t.Fatal(r)
		}
		ids[r.ID] = true
	}
	if len(ids) != all {
		t.Errorf("%d receipts have different ids", len(ids))
	}
	file := filepath.Join(t.TempDir(), "journal")
	if err := s.Journal.Save(file, 0); err != nil {
		t.Fatal(err)
	}
	entries, err := Load(file)
	if err != nil || !slices.Equal(entries, s.Journal.Entries()) || len(entries) != all {
		t.Fatalf("%d entries read back, error %v", len(entries), err)
	}
	for i, e := range entries {
		if e.Number != uint64(i) || e.Destination != marker.Destination(uint64(i)) || e.Answered == 0 {
			t.Fatalf("entry %d: %+v", i, e)
		}
	}
}

func TestDelayIsKept(t *testing.T) {
	const delay = 30 * time.Millisecond
	s := start(t, Options{Delay: delay})
	session := dial(t, s, 50, nil)
	began := time.Now()
	var answered sync.WaitGroup
	for n := range uint64(50) {
		answered.Add(1)
		if err := session.Begin(t.Context(), message(n), func(smpp.Response) { answered.Done() }); err != nil {
			t.Fatal(err)
		}
	}
	answered.Wait()
	if took := time.Since(began); took < delay || took > 20*delay {
		t.Errorf("50 answers after %v", took)
	}
	for _, e := range s.Journal.Entries() {
		if e.Answered-e.Received < int64(delay) {
			t.Errorf("answered after %v", time.Duration(e.Answered-e.Received))
		}
	}
}

func TestReceiptsOfABrokenConnectionGoOutOnTheNext(t *testing.T) {
	s := start(t, Options{Receipts: true})
	deaf, err := smpp.Dial(t.Context(), smpp.DialConfig{Addr: s.Addr(), Bind: smpp.Bind{SystemID: "test"},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { _ = r.Session().Close() })})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = deaf.Run(context.Background()) })
	_, _ = deaf.Submit(t.Context(), message(7))
	running.Wait()
	receipts := make(chan smpp.Receipt, 4)
	dial(t, s, 10, receipts)
	if r := <-receipts; r.State != smpp.StateDelivered {
		t.Error(r)
	}
}

func TestFrozenCarrierAnswersAfterTheThaw(t *testing.T) {
	s := start(t, Options{})
	session := dial(t, s, 10, nil)
	s.Freeze()
	answered := make(chan smpp.Response, 1)
	if err := session.Begin(t.Context(), message(1), func(r smpp.Response) { answered <- r }); err != nil {
		t.Fatal(err)
	}
	for s.Journal.Len() == 0 { // it takes what comes
		time.Sleep(time.Millisecond)
	}
	select {
	case r := <-answered:
		t.Fatalf("frozen, it answered %+v", r)
	case <-time.After(50 * time.Millisecond):
	}
	s.Thaw()
	if r := <-answered; r.Err != nil || r.Status != smpp.ESME_ROK {
		t.Errorf("after the thaw: %+v", r)
	}
}

func TestResetEndsTheSession(t *testing.T) {
	s := start(t, Options{})
	session := dial(t, s, 10, nil)
	s.Freeze()
	answered := make(chan smpp.Response, 1)
	if err := session.Begin(t.Context(), message(1), func(r smpp.Response) { answered <- r }); err != nil {
		t.Fatal(err)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if r := <-answered; r.Err == nil {
		t.Errorf("over a connection that was reset came %+v", r)
	}
}

func TestThrottledIsNotTaken(t *testing.T) {
	s := start(t, Options{Throttle: 3})
	session := dial(t, s, 10, nil)
	refused := 0
	for n := range uint64(9) {
		r, err := session.Submit(t.Context(), message(n))
		if err == nil && r == nil {
			t.Fatal("no answer")
		}
		if err != nil {
			refused++
		}
	}
	if refused != 3 || s.Journal.Len() != 6 || s.Throttled() != 3 {
		t.Errorf("%d refused, %d taken, %d throttled", refused, s.Journal.Len(), s.Throttled())
	}
}

func BenchmarkSink(b *testing.B) {
	s := start(b, Options{})
	session := dial(b, s, 100, nil)
	p := message(1)
	var answered sync.WaitGroup
	answered.Add(b.N)
	b.ResetTimer()
	for range b.N {
		if err := session.Begin(b.Context(), p, func(smpp.Response) { answered.Done() }); err != nil {
			b.Fatal(err)
		}
	}
	answered.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submits/s")
}
