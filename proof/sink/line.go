package sink

import (
	"encoding/binary"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/smpp"
)

// line is one connection. Its reader answers what can be answered at once; all answers to what one read has brought
// leave in one write.
type line struct {
	sink     *Sink
	conn     net.Conn
	session  uint64 // in the journal
	bound    bool
	receives bool // a transceiver

	submit smpp.SubmitSM // used again for each
	batch  []Entry       // submit_sm of this read
	asked  []pending     // their answers; the index is filled in when the journal has them

	mu    sync.Mutex
	out   []byte
	steps Step               // what stands in out
	late  []pending          // answers that wait for their moment, in order
	due   chan struct{}      // late is no longer empty
	open  map[uint32]receipt // receipts without an answer
	seq   uint32
	index []int
}

// pending is a submit_sm without its answer.
type pending struct {
	index    int // in the journal
	sequence uint32
	to       uint64
	from     string
	at       time.Time // when it came
	receipt  bool
}

var errNotSMPP = errors.New("not SMPP")

// read serves the connection until it ends.
func (l *line) read() {
	buf := make([]byte, 256<<10)
	n := 0
	for {
		got, err := l.conn.Read(buf[n:])
		if err != nil {
			return
		}
		n += got
		used, err := l.frames(buf[:n])
		if l.flush() != nil || err != nil {
			return
		}
		n = copy(buf, buf[used:n])
	}
}

// frames takes the whole PDUs at the start of b.
func (l *line) frames(b []byte) (used int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for len(b)-used >= smpp.HeaderLen && err == nil {
		length := int(binary.BigEndian.Uint32(b[used:]))
		if length < smpp.HeaderLen || length > smpp.DefaultMaxPDU {
			return used, errNotSMPP
		}
		if len(b)-used < length {
			break
		}
		err = l.pdu(b[used:used+length], now)
		used += length
	}
	l.answerBatch(now)
	l.pump()
	return used, err
}

func (l *line) pdu(frame []byte, now time.Time) error {
	h, _ := smpp.DecodeHeader(frame)
	if h.ID == smpp.CommandSubmitSM && l.bound {
		return l.take(h, frame, now)
	}
	if h.ID == smpp.CommandDeliverSMResp {
		l.acknowledged(h)
		return nil
	}
	_, p, err := smpp.Decode(frame)
	if err != nil {
		return err
	}
	switch p := p.(type) {
	case *smpp.Bind:
		l.bound, l.receives = true, p.Type == smpp.Transceiver
		l.session = l.sink.Journal.open()
		return l.write(h.Sequence, &smpp.BindResp{Type: p.Type, SystemID: "sink"})
	case *smpp.EnquireLink:
		return l.write(h.Sequence, &smpp.EnquireLinkResp{})
	case *smpp.Unbind:
		return l.write(h.Sequence, &smpp.UnbindResp{})
	}
	return nil
}

func (l *line) write(sequence uint32, p smpp.PDU) (err error) {
	l.out, err = smpp.AppendPDU(l.out, smpp.ESME_ROK, sequence, p)
	return err
}

// take notes a submit_sm.
func (l *line) take(h smpp.Header, frame []byte, now time.Time) error {
	if l.sink.throttles() {
		l.out, _ = smpp.AppendPDU(l.out, smpp.ESME_RTHROTTLED, h.Sequence, &smpp.SubmitSMResp{})
		return nil
	}
	p := &l.submit
	if err := p.DecodeBody(h, frame[smpp.HeaderLen:]); err != nil {
		return err
	}
	e := Entry{Number: NoNumber, Session: l.session, Received: now.UnixNano()}
	if n, ok := marker.Parse(p.Message()); ok {
		e.Number = n
	}
	e.Destination, _ = marker.Digits([]byte(p.DestinationAddr))
	a := pending{sequence: h.Sequence, to: e.Destination, at: now}
	if a.receipt = l.sink.options.Receipts && p.RegisteredDelivery&1 != 0; a.receipt {
		a.from = string([]byte(p.SourceAddr)) // the PDU's strings alias the buffer
	}
	l.batch, l.asked = append(l.batch, e), append(l.asked, a)
	return nil
}

// answerBatch writes what this read has brought into the journal, and then answers it or puts it off.
func (l *line) answerBatch(now time.Time) {
	if len(l.batch) == 0 {
		return
	}
	first := l.sink.Journal.add(l.batch)
	for i := range l.asked {
		l.asked[i].index = first + i
	}
	l.sink.on(Submitted)
	if l.sink.options.Delay > 0 {
		l.late = append(l.late, l.asked...)
		select {
		case l.due <- struct{}{}:
		default:
		}
	} else {
		l.answer(l.asked, now)
	}
	l.batch, l.asked = l.batch[:0], l.asked[:0]
}

// answer appends submit_sm_resp for each, and asks for receipts.
func (l *line) answer(asked []pending, now time.Time) {
	l.index = l.index[:0]
	for _, a := range asked {
		id := strconv.FormatUint(l.sink.ids.Add(1), 16)
		if l.write(a.sequence, &smpp.SubmitSMResp{MessageID: id}) != nil {
			continue
		}
		l.index = append(l.index, a.index)
		if a.receipt {
			l.sink.receipts.add(receipt{id: id, to: a.to, from: a.from, at: a.at})
		}
	}
	l.steps |= Answered
	at := now.UnixNano()
	l.sink.Journal.answered(l.index, at)
	l.sink.taken.Add(int64(len(asked)))
	l.sink.last.Store(at)
}

// flush writes everything that waits, in one write; a carrier that is frozen writes nothing.
func (l *line) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.out) == 0 || l.sink.faults.frozen.Load() {
		return nil
	}
	_, err := l.conn.Write(l.out)
	l.out = l.out[:0]
	for _, step := range []Step{Answered, Reported} {
		if l.steps&step != 0 {
			l.sink.on(step)
		}
	}
	l.steps = 0
	return err
}
