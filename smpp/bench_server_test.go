package smpp

import (
	"context"
	"io"
	"net"
	"testing"
)

// BenchmarkServerSession is a server session alone: its handler answers every submit_sm at once, and the peer costs next to
// nothing. It writes a window of frames that were encoded before, and reads as many octets as their answers have.
func BenchmarkServerSession(b *testing.B) {
	const window = 100
	resp := &SubmitSMResp{MessageID: "0198f2aa5b0e"}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &Server{Config: Config{Window: window}, Authenticate: admitAll(HandlerFunc(func(_ context.Context, r *Request) {
		if err := r.Reply(ESME_ROK, resp); err != nil {
			b.Error(err)
		}
	}))}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, ln) }()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	bind, err := AppendPDU(nil, ESME_ROK, 1, &Bind{SystemID: "esme", InterfaceVersion: 0x34})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Write(bind); err != nil {
		b.Fatal(err)
	}
	if _, _, err := newFrameReader(conn, DefaultMaxPDU).read(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	submitWindows(b, conn, resp, window)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submits/s")
	_ = conn.Close()
	stop()
	<-ended
}

// submitWindows sends b.N requests, a window at a time.
func submitWindows(b *testing.B, conn net.Conn, resp *SubmitSMResp, window int) {
	var requests []byte
	ends := make([]int, 0, window)
	for i := range window {
		requests, _ = AppendPDU(requests, ESME_ROK, uint32(i+2), sampleSubmit())
		ends = append(ends, len(requests))
	}
	one, err := AppendPDU(nil, ESME_ROK, 2, resp)
	if err != nil {
		b.Fatal(err)
	}
	answers := make([]byte, window*len(one))
	for left := b.N; left > 0; left -= window {
		n := min(left, window)
		if _, err := conn.Write(requests[:ends[n-1]]); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answers[:n*len(one)]); err != nil {
			b.Fatal(err)
		}
	}
}
