package practice

import (
	"context"
	"errors"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/smpp"
)

// letter is a receipt, or a reply of the handset, on its way to a client.
type letter struct {
	submit   *smpp.SubmitSM
	id       string
	state    smpp.MessageState
	code     string
	at       time.Time // of the submit
	reply    bool
	tries    int
	answered func() // called when the client has answered; nil: nobody waits for that
}

// deliverSM writes a letter. Source and destination change places: it comes from the handset.
func (l *letter) deliverSM() (*smpp.DeliverSM, error) {
	p := l.submit
	d := &smpp.DeliverSM{
		SourceAddrTON: p.DestAddrTON, SourceAddrNPI: p.DestAddrNPI, SourceAddr: p.DestinationAddr,
		DestAddrTON: p.SourceAddrTON, DestAddrNPI: p.SourceAddrNPI, DestinationAddr: p.SourceAddr,
	}
	words := firstWords(p)
	if l.reply {
		d.ShortMessage, _ = gsm.EncodeGSM(nil, "Reply to: "+words) // firstWords are in the alphabet
		return d, nil
	}
	receipt := smpp.Receipt{ID: l.id, State: l.state, ErrorCode: l.code, Submitted: l.at, Done: time.Now(), Sub: 1, Text: words}
	if l.state == smpp.StateDelivered {
		receipt.Dlvrd = 1
	}
	return d, d.SetReceipt(&receipt)
}

// send brings letters to a session until that ends.
func (b *mailbox) send(s *smpp.Session) {
	for {
		l, ok := b.take(s.Done())
		if !ok {
			return
		}
		d, err := l.deliverSM()
		if err == nil {
			err = s.Begin(context.Background(), d, func(r smpp.Response) { b.settle(l, r) })
		}
		if e, ok := errors.AsType[*smpp.EncodeError](err); ok {
			b.carrier.log.Warn("practice carrier: a receipt has no form", "error", e)
			continue
		}
		if err != nil {
			b.put(l) // the session ended; the next one takes it
		}
	}
}

const (
	firstRetry   = 2 * time.Second
	longestRetry = 30 * time.Second
)

// settle looks at the answer of the client: what it could not take for now, and what it did not answer, comes again.
func (b *mailbox) settle(l letter, r smpp.Response) {
	switch {
	case r.Err != nil:
		b.put(l)
		return
	case r.Status == smpp.ESME_RX_T_APPN, r.Status == smpp.ESME_RMSGQFUL, r.Status == smpp.ESME_RTHROTTLED, r.Status == smpp.ESME_RSYSERR:
		wait := min(firstRetry<<l.tries, longestRetry)
		l.tries = min(l.tries+1, 10)
		b.carrier.clock.after(wait, func() { b.put(l) })
		return
	}
	if l.answered != nil {
		l.answered()
	}
}
