package proof

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/proof/sink"
	"github.com/staffetta/staffetta/smpp"
)

// leaseEnd is how long what was on its way to a customer at a kill waits, and some time to bring it.
const leaseEnd = 90 * time.Second

// receiptTaker is a customer who counts what he was promised and what he was told.
type receiptTaker struct {
	mu       sync.Mutex
	promised map[string]bool
	told     map[string]int
}

// TestReceiptsOverKills kills the server with kill -9 while a customer submits and takes receipts on one session. Each
// message that got a submit_sm_resp gets its receipt in the end; some come twice, which had been on their way at a kill.
func TestReceiptsOverKills(t *testing.T) {
	w := newWorld(t, setting{window: crashWindow, carrier: sink.Options{Receipts: true}})
	w.server.Kill()
	addr, err := server.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.server.Flags = []string{"--smpp-listen", addr}
	w.start()
	c := &receiptTaker{promised: map[string]bool{}, told: map[string]int{}}
	var next uint64
	for range 3 {
		s, end := c.bind(w, addr)
		submitted := make(chan struct{})
		go func() {
			defer close(submitted)
			next = c.submit(s, next)
		}()
		<-time.After(500*time.Millisecond + rand.N(500*time.Millisecond)) // the moment of the crash is the test
		w.server.Kill()
		<-submitted
		end()
		w.start()
	}
	_, end := c.bind(w, addr)
	defer end()
	w.drain()
	for limit := time.Now().Add(leaseEnd); c.missing() > 0 && time.Now().Before(limit); {
		<-time.After(w.patience())
	}
	twice := 0
	for _, n := range c.told {
		twice += n - 1
	}
	t.Logf("%d promised, %d told, %d more than once", len(c.promised), len(c.told), twice)
	if n := c.missing(); n > 0 || len(c.promised) < 300 {
		t.Errorf("of %d messages, %d have no receipt\n%s", len(c.promised), n, w.server.Tail())
	}
}

func (c *receiptTaker) missing() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.promised {
		if c.told[id] == 0 {
			n++
		}
	}
	return n
}

func (c *receiptTaker) bind(w *world, addr string) (s *smpp.Session, end func()) {
	w.Helper()
	take := func(_ context.Context, r *smpp.Request) {
		if p, ok := r.PDU.(*smpp.DeliverSM); ok {
			if receipt, ok := smpp.ParseReceipt(p); ok && receipt.State == smpp.StateDelivered {
				c.mu.Lock()
				c.told[strings.Clone(receipt.ID)]++
				c.mu.Unlock()
			}
		}
		_ = r.Reply(smpp.ESME_ROK, nil)
	}
	s, err := smpp.Dial(w.Context(), smpp.DialConfig{Addr: addr, Config: smpp.Config{Window: 50}, Handler: smpp.HandlerFunc(take),
		Bind: smpp.Bind{SystemID: w.account.Username, Password: w.account.Password}})
	if err != nil {
		w.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(context.WithoutCancel(w.Context()))
	}()
	return s, func() {
		_ = s.Close()
		<-ended
	}
}

// submit submits until the session breaks, and answers the next number.
func (c *receiptTaker) submit(s *smpp.Session, n uint64) uint64 {
	p := &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "Staffetta", DestAddrTON: smpp.TONInternational, DestAddrNPI: smpp.NPIISDN,
		RegisteredDelivery: smpp.RegisteredDeliveryFinal}
	for {
		n++
		p.DestinationAddr, p.ShortMessage = fmt.Sprint(marker.Destination(n)), marker.AppendText(p.ShortMessage[:0], n)
		if s.Begin(context.Background(), p, c.answered) != nil {
			return n
		}
	}
}

func (c *receiptTaker) answered(r smpp.Response) {
	if resp, ok := r.PDU.(*smpp.SubmitSMResp); ok && r.Err == nil && r.Status == smpp.ESME_ROK {
		c.mu.Lock()
		c.promised[strings.Clone(resp.MessageID)] = true
		c.mu.Unlock()
	}
}
