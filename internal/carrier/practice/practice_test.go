package practice

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/smpp"
)

func TestOutcomes(t *testing.T) {
	table := Outcomes()
	if len(table) != 11 || table[0].Digits != "00" || table[9].Digits != "09" || table[10].Digits != "others" {
		t.Errorf("%+v", table)
	}
	for _, o := range table {
		if o.Words == "" {
			t.Errorf("%s has no words", o.Digits)
		}
	}
	for destination, want := range map[string]fate{
		"393401234500": deliveredLater, "393401234509": reply, "393401234510": delivered, "393401234599": delivered, "00": deliveredLater,
		"": delivered, "5": delivered, "39340123450": delivered, "abc0x": delivered,
	} {
		if got := fateOf(destination); got != want {
			t.Errorf("%s: %d", destination, got)
		}
	}
}

func TestPractice_delivered_at_once(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	before := time.Now().Add(-time.Minute)
	id := c.submit(t, submission("393401234567"))
	d := c.next(t, smpp.ESME_ROK)
	got, ok := smpp.ParseReceipt(d)
	if !ok || d.SourceAddr != "393401234567" || d.SourceAddrTON != 1 || d.DestinationAddr != "MyCompany" || d.DestAddrTON != 5 {
		t.Errorf("%+v", d)
	}
	if got.Submitted.Before(before) || got.Done.Before(before) {
		t.Errorf("%+v", got)
	}
	got.Submitted, got.Done = time.Time{}, time.Time{}
	want := smpp.Receipt{ID: id, State: smpp.StateDelivered, ErrorCode: "000", Sub: 1, Dlvrd: 1, Text: "Hello, this is a tes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The outcomes that need no second look at order or time.
func TestPractice_final_states(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	for destination, want := range map[string]smpp.Receipt{
		"393401234501": {State: smpp.StateUndeliverable, ErrorCode: "001"},
		"393401234502": {State: smpp.StateExpired, ErrorCode: "002"},
		"393401234505": {State: smpp.StateDelivered, ErrorCode: "000"}, // alone, it is not one of several
		"393401234510": {State: smpp.StateDelivered, ErrorCode: "000"},
	} {
		id := c.submit(t, submission(destination))
		got := c.receipt(t)
		if got.ID != id || got.State != want.State || got.ErrorCode != want.ErrorCode {
			t.Errorf("%s: %+v", destination, got)
		}
	}
}

func TestPractice_00_takes_three_seconds(t *testing.T) {
	inMemory(t, func(t *testing.T, c *client) {
		began := time.Now()
		id := c.submit(t, submission("393401234500"))
		got := c.receipt(t)
		if took := time.Since(began); took != deliveryDelay || got.ID != id || got.State != smpp.StateDelivered {
			t.Errorf("after %v: %+v", took, got)
		}
	})
}

func TestPractice_03_is_rejected(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	if got := c.send(t, submission("393401234503")).Status; got != smpp.ESME_RINVDSTADR {
		t.Errorf("%v", got)
	}
	c.nothing(t)
}

func TestPractice_04_is_throttled_twice(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	other := submission("393401234504")
	other.ShortMessage = []byte("another message to the same handset")
	for range 2 {
		for _, p := range []*smpp.SubmitSM{submission("393401234504"), other} {
			if got := c.send(t, p).Status; got != smpp.ESME_RTHROTTLED {
				t.Errorf("%v", got)
			}
		}
	}
	for _, p := range []*smpp.SubmitSM{submission("393401234504"), other} {
		id := c.submit(t, p)
		if got := c.receipt(t); got.ID != id || got.State != smpp.StateDelivered {
			t.Errorf("%+v", got)
		}
	}
}

func TestPractice_05_one_part_fails(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	for part, want := range []smpp.MessageState{smpp.StateDelivered, smpp.StateUndeliverable, smpp.StateDelivered} {
		header := submission("393401234505")
		header.ESMClass = smpp.ESMClassUDHI
		header.ShortMessage = append([]byte{5, 0, 3, 9, 3, byte(part + 1)}, "part"...)
		tlvs := submission("393401234505")
		tlvs.TLVs.AddUint8(smpp.TagSARSegmentSeqnum, uint8(part+1))
		for _, p := range []*smpp.SubmitSM{header, tlvs} {
			id := c.submit(t, p)
			if got := c.receipt(t); got.ID != id || got.State != want {
				t.Errorf("part %d: %+v", part+1, got)
			}
		}
	}
}

func TestPractice_06_has_no_receipt(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	if id := c.submit(t, submission("393401234506")); id == "" {
		t.Error("no id")
	}
	c.nothing(t)
}

// The response comes only after the receipt was answered, whether both go over one session or two.
func TestPractice_07_receipt_before_the_response(t *testing.T) {
	address := start(t, Options{})
	transceiver := bind(t, address, smpp.Bind{SystemID: "one"})
	transmitter := bind(t, address, smpp.Bind{SystemID: "two", Type: smpp.Transmitter})
	receiver := bind(t, address, smpp.Bind{SystemID: "two", Type: smpp.Receiver})
	for _, pair := range [][2]*client{{transceiver, transceiver}, {transmitter, receiver}} {
		response := make(chan smpp.Response, 1)
		if err := pair[0].Begin(t.Context(), submission("393401234507"), func(r smpp.Response) { response <- r }); err != nil {
			t.Fatal(err)
		}
		r := <-pair[1].delivered
		if len(response) != 0 {
			t.Error("the response was first")
		}
		if err := r.Reply(smpp.ESME_ROK, nil); err != nil {
			t.Fatal(err)
		}
		receipt, _ := smpp.ParseReceipt(r.PDU.(*smpp.DeliverSM))
		if resp, ok := (<-response).PDU.(*smpp.SubmitSMResp); !ok || resp.MessageID != receipt.ID || receipt.ID == "" {
			t.Errorf("%+v, %+v", resp, receipt)
		}
	}
}

// Without a client that takes the receipt, the response of 07 comes all the same.
func TestPractice_07_nobody_takes_receipts(t *testing.T) {
	inMemory(t, func(t *testing.T, c *client) {
		began := time.Now()
		response := make(chan smpp.Response, 1)
		if err := c.Begin(t.Context(), submission("393401234507"), func(r smpp.Response) { response <- r }); err != nil {
			t.Fatal(err)
		}
		<-c.delivered // never answered
		if r := <-response; r.Status != smpp.ESME_ROK || r.Err != nil || time.Since(began) != longestReply {
			t.Errorf("after %v: %+v", time.Since(began), r)
		}
	})
}

func TestPractice_08_receipt_twice(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	id := c.submit(t, submission("393401234508"))
	if first, second := c.receipt(t), c.receipt(t); first.ID != id || second.ID != id {
		t.Errorf("%+v, %+v", first, second)
	}
	c.nothing(t)
}

func TestPractice_09_a_reply(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	p := submission("393401234509")
	p.DataCoding, p.ShortMessage = smpp.DataCodingUCS2, []byte{0, 'H', 0, 'i', 0, '`', 0x04, 0x4f}
	id := c.submit(t, p)
	if got := c.receipt(t); got.ID != id || got.State != smpp.StateDelivered {
		t.Errorf("%+v", got)
	}
	d := c.next(t, smpp.ESME_ROK)
	if d.SourceAddr != "393401234509" || d.DestinationAddr != "MyCompany" || d.ESMClass != 0 || string(d.ShortMessage) != "Reply to: Hi.." {
		t.Errorf("%+v", d)
	}
}

func TestPractice_receipts_are_sent_when_asked_for(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	without := submission("393401234567")
	without.RegisteredDelivery = smpp.RegisteredDeliveryNone
	c.submit(t, without)
	onlyFailure := submission("393401234567")
	onlyFailure.RegisteredDelivery = smpp.RegisteredDeliveryFailure
	c.submit(t, onlyFailure)
	c.nothing(t)
	failing := submission("393401234501")
	failing.RegisteredDelivery = smpp.RegisteredDeliveryFailure
	if id := c.submit(t, failing); c.receipt(t).ID != id {
		t.Error("a failure was not reported")
	}
}

// Receipts wait for the next session of their system_id that takes them.
func TestPractice_keeps_receipts(t *testing.T) {
	address := start(t, Options{})
	transmitter := bind(t, address, smpp.Bind{SystemID: "esme", Type: smpp.Transmitter})
	ids := map[string]bool{}
	for range 20 {
		ids[transmitter.submit(t, submission("393401234567"))] = true
	}
	transmitter.end()
	stranger := bind(t, address, smpp.Bind{SystemID: "stranger"})
	stranger.nothing(t)
	receiver := bind(t, address, smpp.Bind{SystemID: "esme", Type: smpp.Receiver})
	for range 20 {
		delete(ids, receiver.receipt(t).ID)
	}
	if len(ids) != 0 {
		t.Errorf("%d receipts are missing", len(ids))
	}
}

// What a session took and did not answer goes to the next one.
func TestPractice_keeps_unanswered_receipts(t *testing.T) {
	address := start(t, Options{})
	first, err := dial(smpp.DialConfig{Addr: address, Bind: smpp.Bind{SystemID: "esme"}})
	if err != nil {
		t.Fatal(err)
	}
	id := first.submit(t, submission("393401234567"))
	<-first.delivered
	_ = first.Close()
	first.end()
	if got := bind(t, address, smpp.Bind{SystemID: "esme"}).receipt(t); got.ID != id {
		t.Errorf("%+v", got)
	}
}

// A client that could not store a receipt gets it again, and again.
func TestPractice_repeats_what_was_not_taken(t *testing.T) {
	inMemory(t, func(t *testing.T, c *client) {
		id := c.submit(t, submission("393401234567"))
		var waits []time.Duration
		for range 6 {
			began := time.Now()
			d := c.next(t, smpp.ESME_RX_T_APPN)
			if r, _ := smpp.ParseReceipt(d); r.ID != id {
				t.Errorf("%+v", r)
			}
			waits = append(waits, time.Since(began))
		}
		second := time.Second
		if diff := cmp.Diff([]time.Duration{0, 2 * second, 4 * second, 8 * second, 16 * second, 30 * second}, waits); diff != "" {
			t.Error(diff)
		}
		if got := c.receipt(t); got.ID != id {
			t.Errorf("%+v", got)
		}
		c.nothing(t)
		c.submit(t, submission("393401234567"))
		c.next(t, smpp.ESME_RX_R_APPN) // refused for good: not repeated
		c.nothing(t)
	})
}

func TestPractice_credentials(t *testing.T) {
	address := start(t, Options{SystemID: "esme", Password: "secret"})
	for _, c := range []struct {
		systemID, password string
		want               smpp.CommandStatus
	}{{"esme", "secret", smpp.ESME_ROK}, {"esme", "Secret", smpp.ESME_RINVPASWD}, {"esme", "", smpp.ESME_RINVPASWD}, {"other", "secret", smpp.ESME_RINVSYSID}} {
		session, err := dial(smpp.DialConfig{Addr: address, Bind: smpp.Bind{SystemID: c.systemID, Password: c.password}})
		if err == nil {
			session.end()
		}
		refused, _ := errors.AsType[*smpp.BindError](err)
		if got := refused; (c.want == smpp.ESME_ROK) != (err == nil) || got != nil && got.Status != c.want {
			t.Errorf("%s/%s: %v", c.systemID, c.password, err)
		}
	}
}

func TestPractice_journal(t *testing.T) {
	var entries []Entry
	var mu sync.Mutex
	address := start(t, Options{Journal: func(e Entry) {
		mu.Lock()
		defer mu.Unlock()
		entries = append(entries, e)
	}})
	c := bind(t, address, smpp.Bind{SystemID: "esme"})
	id := c.submit(t, submission("393401234567"))
	if got := c.send(t, submission("393401234503")).Status; got != smpp.ESME_RINVDSTADR {
		t.Errorf("%v", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(entries) != 2 || entries[0].MessageID != id || entries[0].SystemID != "esme" || entries[0].Submit.DestinationAddr != "393401234567" ||
		entries[1].MessageID != "" || entries[1].Status != smpp.ESME_RINVDSTADR {
		t.Errorf("%+v", entries)
	}
}

func TestPractice_other_requests(t *testing.T) {
	c := bind(t, start(t, Options{}), smpp.Bind{SystemID: "esme"})
	for _, r := range []struct {
		pdu  smpp.PDU
		want smpp.CommandStatus
	}{
		{&smpp.QuerySM{MessageID: "1"}, smpp.ESME_RQUERYFAIL},
		{&smpp.CancelSM{MessageID: "1"}, smpp.ESME_RCANCELFAIL},
		{&smpp.ReplaceSM{MessageID: "1"}, smpp.ESME_RREPLACEFAIL},
		{&smpp.SubmitMulti{DestAddresses: []smpp.DestAddress{{DestFlag: smpp.DestFlagSMEAddress, DestinationAddr: "393401234567"}}}, smpp.ESME_RINVCMDID},
		{&smpp.DataSM{DestinationAddr: "393401234503"}, smpp.ESME_RINVDSTADR},
		{&smpp.DataSM{DestinationAddr: "393401234567", RegisteredDelivery: 1}, smpp.ESME_ROK},
	} {
		response := make(chan smpp.Response, 1)
		if err := c.Begin(t.Context(), r.pdu, func(r smpp.Response) { response <- r }); err != nil {
			t.Fatal(err)
		}
		got := <-response
		if got.Status != r.want || got.Err != nil {
			t.Errorf("%v: %+v", r.pdu.CommandID(), got)
		}
		if resp, ok := got.PDU.(*smpp.DataSMResp); ok && (resp.MessageID == "" || c.receipt(t).ID != resp.MessageID) {
			t.Errorf("%v: %+v", r.pdu.CommandID(), resp)
		}
	}
	c.nothing(t)
}

// Whoever speaks something else is shown out, and the others notice nothing.
func TestField_http_on_smpp_port(t *testing.T) {
	address := start(t, Options{})
	c := bind(t, address, smpp.Bind{SystemID: "esme"})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patient))
	if n, err := conn.Read(make([]byte, 64)); err == nil {
		t.Errorf("answered %d octets", n)
	} else if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Error("the connection stays open")
	}
	c.nothing(t)
}

func TestPractice_ids_differ_from_those_of_an_earlier_run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // all carriers are made at the same moment
		seen := map[string]bool{}
		for range 10 {
			c := New(Options{})
			for range 1000 {
				id := c.nextID()
				if seen[id] || strings.ContainsAny(id, " :") {
					t.Fatal(id)
				}
				seen[id] = true
			}
		}
	})
}

// inMemory runs a test with a bound client, in a bubble of false time.
func inMemory(t *testing.T, test func(t *testing.T, c *client)) {
	synctest.Test(t, func(t *testing.T) {
		ln := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- New(Options{}).Serve(ctx, ln) }()
		c, err := dial(smpp.DialConfig{Bind: smpp.Bind{SystemID: "esme"}, DialContext: ln.dial})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			c.end()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}()
		test(t, c)
	})
}

// pipeListener accepts connections in memory.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	l.conns <- theirs
	return ours, nil
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }
