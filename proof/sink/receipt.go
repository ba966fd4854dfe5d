package sink

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/staffetta/staffetta/smpp"
)

// receiptWindow is how many receipts one connection may hold without an answer.
const receiptWindow = 100

// receipt is what is to be told about one message.
type receipt struct {
	id   string
	to   uint64
	from string
	at   time.Time
}

// receipts are those that wait for a connection, whichever it is.
type receipts struct {
	mu      sync.Mutex
	waiting []receipt
	refused []receipt // for the next turn
	done    int
	last    time.Time // when the last was acknowledged
}

// repeat is how long after its refusal a receipt goes out again.
const repeat = 100 * time.Millisecond

func (r *receipts) add(more ...receipt) {
	r.mu.Lock()
	r.waiting = append(r.waiting, more...)
	r.mu.Unlock()
}

func (r *receipts) take(most int) []receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(most, len(r.waiting))
	taken := append([]receipt(nil), r.waiting[:n]...)
	if r.waiting = r.waiting[n:]; len(r.waiting) == 0 {
		r.waiting = nil
	}
	return taken
}

func (r *receipts) acknowledged() {
	r.mu.Lock()
	r.done++
	r.last = time.Now()
	r.mu.Unlock()
}

func (r *receipts) refuse(one receipt) {
	r.mu.Lock()
	r.refused = append(r.refused, one)
	r.mu.Unlock()
}

func (r *receipts) again() {
	r.mu.Lock()
	r.waiting, r.refused = append(r.waiting, r.refused...), nil
	r.mu.Unlock()
}

// keepTelling sends what was refused, and what a broken connection has left, until ctx ends.
func (l *line) keepTelling(ctx context.Context) {
	tick := time.NewTicker(repeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.sink.receipts.again()
			l.mu.Lock()
			l.pump()
			l.mu.Unlock()
			if l.flush() != nil {
				return
			}
		}
	}
}

// Acknowledged is how many receipts the other side has taken, and when the last.
func (s *Sink) Acknowledged() (n int, last time.Time) {
	s.receipts.mu.Lock()
	defer s.receipts.mu.Unlock()
	return s.receipts.done, s.receipts.last
}

// pump sends receipts as far as the window goes.
func (l *line) pump() {
	if !l.receives || !l.sink.options.Receipts {
		return
	}
	room := receiptWindow - len(l.open)
	if room <= 0 {
		return
	}
	for _, r := range l.sink.receipts.take(room) {
		l.seq++
		l.open[l.seq] = r
		l.steps |= Reported
		if err := l.write(l.seq, r.pdu()); err != nil {
			delete(l.open, l.seq)
		}
	}
}

func (r receipt) pdu() *smpp.DeliverSM {
	p := &smpp.DeliverSM{
		SourceAddrTON: smpp.TONInternational, SourceAddrNPI: smpp.NPIISDN, SourceAddr: strconv.FormatUint(r.to, 10),
		DestAddrTON: smpp.TONAlphanumeric, DestinationAddr: r.from,
	}
	// Nothing in it is too long for its field.
	_ = p.SetReceipt(&smpp.Receipt{ID: r.id, State: smpp.StateDelivered, ErrorCode: "000", Sub: 1, Dlvrd: 1,
		Submitted: r.at, Done: time.Now()})
	return p
}

// acknowledged takes the answer to a receipt; one that was refused goes out again.
func (l *line) acknowledged(h smpp.Header) {
	r, ok := l.open[h.Sequence]
	if !ok {
		return
	}
	delete(l.open, h.Sequence)
	if h.Status == smpp.ESME_ROK {
		l.sink.receipts.acknowledged()
		l.sink.on(Acknowledged)
		return
	}
	l.sink.receipts.refuse(r)
}

// end closes the session in the journal and gives back the receipts without an answer.
func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.open {
		l.sink.receipts.add(r)
	}
	clear(l.open)
	if l.bound {
		l.sink.Journal.end(l.session)
	}
}
