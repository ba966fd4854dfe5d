package smpp

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

func sampleSubmit() *SubmitSM {
	return &SubmitSM{
		SourceAddrTON: TONAlphanumeric, SourceAddr: "Staffetta",
		DestAddrTON: TONInternational, DestAddrNPI: NPIISDN, DestinationAddr: "393331234567",
		RegisteredDelivery: RegisteredDeliveryFinal,
		ShortMessage:       []byte("Your code is 482913. It is valid for five minutes; never tell it to anybody."),
	}
}

func sampleDeliver() *DeliverSM {
	d := &DeliverSM{
		SourceAddrTON: TONInternational, SourceAddrNPI: NPIISDN, SourceAddr: "393331234567",
		DestAddrTON: TONAlphanumeric, DestinationAddr: "Staffetta",
	}
	at := time.Date(2026, 3, 2, 10, 11, 0, 0, time.UTC)
	if err := d.SetReceipt(&Receipt{ID: "0198f2aa5b0e", State: StateDelivered, Sub: 1, Dlvrd: 1, Submitted: at, Done: at}); err != nil {
		panic(err)
	}
	return d
}

func benchmarkEncode(b *testing.B, p PDU) {
	b.ReportAllocs()
	buf := make([]byte, 0, 1024)
	for b.Loop() {
		out, err := AppendPDU(buf[:0], ESME_ROK, 1, p)
		if err != nil || len(out) == 0 {
			b.Fatal(err)
		}
	}
}

func benchmarkDecode(b *testing.B, p, into PDU) {
	frame, err := AppendPDU(nil, ESME_ROK, 1, p)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		h, err := DecodeHeader(frame)
		if err != nil {
			b.Fatal(err)
		}
		if err := into.DecodeBody(h, frame[HeaderLen:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeSubmitSM(b *testing.B)  { benchmarkEncode(b, sampleSubmit()) }
func BenchmarkEncodeDeliverSM(b *testing.B) { benchmarkEncode(b, sampleDeliver()) }
func BenchmarkDecodeSubmitSM(b *testing.B)  { benchmarkDecode(b, sampleSubmit(), new(SubmitSM)) }
func BenchmarkDecodeDeliverSM(b *testing.B) { benchmarkDecode(b, sampleDeliver(), new(DeliverSM)) }

func BenchmarkParseReceipt(b *testing.B) {
	d := sampleDeliver()
	b.ReportAllocs()
	for b.Loop() {
		if r, ok := ParseReceipt(d); !ok || r.State != StateDelivered {
			b.Fatal(r)
		}
	}
}

// submitAll begins b.N requests and waits for all answers.
func submitAll(b *testing.B, s *Session) {
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	p := sampleSubmit()
	wg.Add(b.N)
	done := func(r Response) {
		if r.Err != nil || r.Status != ESME_ROK {
			b.Error(r)
		}
		wg.Done()
	}
	for range b.N {
		if err := s.Begin(context.Background(), p, done); err != nil {
			b.Fatal(err)
		}
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submits/s")
	st := s.Stats()
	b.ReportMetric(float64(st.Requests)/float64(st.Writes), "PDUs/write")
}

// BenchmarkSession is a client session and a server session over loopback TCP,
// window 100: both sides of it share the processors.
func BenchmarkSession(b *testing.B) {
	resp := &SubmitSMResp{MessageID: "0198f2aa5b0e"}
	p := startPair(b, &Server{Authenticate: admitAll(HandlerFunc(func(_ context.Context, r *Request) {
		if err := r.Reply(ESME_ROK, resp); err != nil {
			b.Error(err)
		}
	}))}, DialConfig{Config: Config{Window: 100}})
	submitAll(b, p.client)
}

// BenchmarkClientAgainstSink is a client session against a peer that does no
// more than cut frames and answer them.
func BenchmarkClientAgainstSink(b *testing.B) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{}, 2)
	go func() {
		sink(b, ln)
		ended <- struct{}{}
	}()
	s, err := Dial(context.Background(), DialConfig{Addr: ln.Addr().String(), Config: Config{Window: 100}})
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		_ = s.Run(context.Background())
		ended <- struct{}{}
	}()
	submitAll(b, s)
	_ = s.Close()
	_ = ln.Close()
	<-ended
	<-ended
}

func sink(b *testing.B, ln net.Listener) {
	conn, err := ln.Accept()
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	frames := newFrameReader(conn, DefaultMaxPDU)
	var out []byte
	body := &SubmitSMResp{MessageID: "0198f2aa5b0e"}
	for {
		h, _, err := frames.read()
		if err != nil {
			if err != io.EOF {
				b.Log(err)
			}
			return
		}
		if h.ID == CommandSubmitSM {
			out, _ = AppendPDU(out, ESME_ROK, h.Sequence, body)
		} else {
			out = appendBare(out, h.ID.Response(), ESME_ROK, h.Sequence)
		}
		if frames.end-frames.start < HeaderLen { // what has arrived is answered
			if _, err := conn.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}
