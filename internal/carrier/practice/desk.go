package practice

import (
	"context"
	"strings"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/smpp"
)

const (
	deliveryDelay = 3 * time.Second // fate deliveredLater
	longestReply  = 2 * time.Second // how long a response waits for its receipt to go first
)

// desk takes the requests of one session. It implements smpp.Handler.
type desk struct {
	carrier  *Carrier
	systemID string
	box      *mailbox
}

// Handle answers at once. Errors of Reply say that the session is over, so that nobody waits for the answer.
func (d *desk) Handle(_ context.Context, r *smpp.Request) {
	switch p := r.PDU.(type) {
	case *smpp.SubmitSM:
		d.submit(r, p, func(id string) smpp.PDU { return &smpp.SubmitSMResp{MessageID: id} })
	case *smpp.DataSM:
		d.submit(r, asSubmitSM(p), func(id string) smpp.PDU { return &smpp.DataSMResp{MessageID: id} })
	case *smpp.QuerySM:
		_ = r.Reply(smpp.ESME_RQUERYFAIL, nil)
	case *smpp.CancelSM:
		_ = r.Reply(smpp.ESME_RCANCELFAIL, nil)
	case *smpp.ReplaceSM:
		_ = r.Reply(smpp.ESME_RREPLACEFAIL, nil)
	default:
		_ = r.Reply(smpp.ESME_RINVCMDID, nil)
	}
}

func asSubmitSM(p *smpp.DataSM) *smpp.SubmitSM {
	return &smpp.SubmitSM{
		SourceAddrTON: p.SourceAddrTON, SourceAddrNPI: p.SourceAddrNPI, SourceAddr: p.SourceAddr,
		DestAddrTON: p.DestAddrTON, DestAddrNPI: p.DestAddrNPI, DestinationAddr: p.DestinationAddr,
		ESMClass: p.ESMClass, RegisteredDelivery: p.RegisteredDelivery, DataCoding: p.DataCoding,
		ShortMessage: p.Message(), TLVs: p.TLVs,
	}
}

func (d *desk) submit(r *smpp.Request, p *smpp.SubmitSM, response func(id string) smpp.PDU) {
	f := fateOf(p.DestinationAddr)
	if status := d.refusal(p, f); status != smpp.ESME_ROK {
		d.journal(p, status, "")
		_ = r.Reply(status, nil)
		return
	}
	id := d.carrier.nextID()
	d.journal(p, smpp.ESME_ROK, id)
	accept := func() { _ = r.Reply(smpp.ESME_ROK, response(id)) }
	if f != receiptFirst || !wantsReceipt(p) {
		accept()
	}
	d.follow(p, f, id, accept)
}

// refusal is the status of a message that is not taken.
func (d *desk) refusal(p *smpp.SubmitSM, f fate) smpp.CommandStatus {
	switch {
	case p.DestinationAddr == "", f == rejected:
		return smpp.ESME_RINVDSTADR
	case f == throttled && d.box.throttle(p):
		return smpp.ESME_RTHROTTLED
	case wantsReceipt(p) && d.box.full():
		return smpp.ESME_RMSGQFUL
	}
	return smpp.ESME_ROK
}

func (d *desk) journal(p *smpp.SubmitSM, status smpp.CommandStatus, id string) {
	if d.carrier.options.Journal != nil {
		d.carrier.options.Journal(Entry{d.systemID, p, status, id})
	}
}

// follow brings about what comes after the response.
func (d *desk) follow(p *smpp.SubmitSM, f fate, id string, accept func()) {
	if f == reply {
		defer d.box.put(letter{submit: p, reply: true})
	}
	if !wantsReceipt(p) || f == silent {
		return
	}
	l := letter{submit: p, id: id, at: time.Now()}
	l.state, l.code = f.end(partOf(p))
	if !wantsState(p, l.state) {
		return
	}
	switch f {
	case deliveredLater:
		d.carrier.clock.after(deliveryDelay, func() { d.box.put(l) })
	case receiptFirst:
		l.answered = accept
		d.carrier.clock.after(longestReply, accept)
		d.box.put(l)
	case receiptTwice:
		d.box.put(l)
		d.box.put(l)
	default:
		d.box.put(l)
	}
}

// receiptBits are the bits of registered_delivery that ask for a receipt of the final state. SMPP 3.4 §5.2.17.
const receiptBits = 0x03

func wantsReceipt(p *smpp.SubmitSM) bool { return p.RegisteredDelivery&receiptBits != 0 }

// wantsState reports whether a receipt of that state was asked for.
func wantsState(p *smpp.SubmitSM, state smpp.MessageState) bool {
	return p.RegisteredDelivery&receiptBits != smpp.RegisteredDeliveryFailure || state != smpp.StateDelivered
}

// firstWords is the readable beginning of a message: at most 20 characters.
func firstWords(p *smpp.SubmitSM) string {
	message := p.Message()
	if p.ESMClass&smpp.ESMClassUDHI != 0 {
		_, rest, err := gsm.ParseUDH(message)
		if err != nil {
			return ""
		}
		message = rest
	}
	text := ""
	switch p.DataCoding &^ 0x10 { // without the message class
	case smpp.DataCodingDefault:
		text = gsm.DecodeGSM(message)
	case smpp.DataCodingIA5, smpp.DataCodingLatin1:
		text = string(message)
	case smpp.DataCodingUCS2:
		text = gsm.DecodeUCS2(message)
	}
	printable := func(r rune) rune {
		if r < ' ' || r > '~' || r == '`' { // the last is not in GSM 03.38
			return '.'
		}
		return r
	}
	text = strings.Map(printable, text)
	return text[:min(len(text), 20)]
}
