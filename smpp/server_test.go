package smpp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// logBuffer takes a log from many goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var echo = smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
	_ = r.Reply(smpp.ESME_ROK, &smpp.SubmitSMResp{MessageID: "id"})
})

// oneUser admits the system_id "user" with the password "right".
func oneUser(_ context.Context, b smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
	switch {
	case b.SystemID != "user":
		return nil, smpp.ESME_RINVSYSID
	case b.Password != "right":
		return nil, smpp.ESME_RINVPASWD
	}
	return echo, smpp.ESME_ROK
}

// serve runs the server until stop is called or the test ends; the channel then
// has what Serve returned.
func serve(t *testing.T, v *smpp.Server, wrap func(net.Listener) net.Listener) (addr string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	if wrap != nil {
		ln = wrap(ln)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- v.Serve(ctx, ln) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return addr, stop
}

// run serves a client session until the test ends.
func run(t *testing.T, s *smpp.Session) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
}

func TestBind(t *testing.T) {
	log := &logBuffer{}
	addr, _ := serve(t, &smpp.Server{Config: smpp.Config{Logger: log.logger()}, SystemID: "staffetta", Authenticate: oneUser}, nil)
	for _, as := range []smpp.BindType{smpp.Transceiver, smpp.Transmitter, smpp.Receiver} {
		s, err := smpp.Dial(context.Background(), smpp.DialConfig{Addr: addr,
			Bind: smpp.Bind{Type: as, SystemID: "user", Password: "right"}})
		if err != nil {
			t.Fatal(err)
		}
		run(t, s)
		if i := s.Info(); i.Type != as || i.PeerSystemID != "staffetta" || i.InterfaceVersion != smpp.InterfaceVersion {
			t.Errorf("%+v", i)
		}
		_, err = s.Submit(context.Background(), &smpp.SubmitSM{})
		if (as == smpp.Receiver) != errors.Is(err, smpp.ErrBindState) {
			t.Errorf("submit as %v: %v", as, err)
		}
	}
	for _, c := range []struct {
		bind smpp.Bind
		want smpp.CommandStatus
	}{
		{smpp.Bind{SystemID: "who", Password: "right"}, smpp.ESME_RINVSYSID},
		{smpp.Bind{SystemID: "user", Password: "wr0ng"}, smpp.ESME_RINVPASWD},
	} {
		_, err := smpp.Dial(context.Background(), smpp.DialConfig{Addr: addr, Bind: c.bind})
		if e, ok := errors.AsType[*smpp.BindError](err); !ok || e.Status != c.want || !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	if s := log.String(); strings.Contains(s, "right") || strings.Contains(s, "wr0ng") {
		t.Errorf("a password is in the log:\n%s", s)
	}
}

func TestBindOfAnOldClient(t *testing.T) {
	addr, _ := serve(t, &smpp.Server{SystemID: "staffetta", Authenticate: oneUser}, nil)
	_, f := smpptest.BindESME(t, addr, &smpp.Bind{SystemID: "user", Password: "right", InterfaceVersion: 0x33})
	if r, ok := f.PDU.(*smpp.BindResp); !ok || f.Status != smpp.ESME_ROK || len(r.TLVs) != 0 {
		t.Errorf("%+v %+v", f, f.PDU)
	}
}

// TestField_http_on_smpp_port: a browser is cut off and logged once.
func TestField_http_on_smpp_port(t *testing.T) {
	log := &logBuffer{}
	addr, stop := serve(t, &smpp.Server{Config: smpp.Config{Logger: log.logger()}, Authenticate: oneUser}, nil)
	c := smpptest.DialESME(t, addr)
	if err := c.WriteRaw([]byte("GET / HTTP/1.1\r\nHost: " + addr + "\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c.Conn); len(b) != 0 || err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("%q, %v", b, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if s := log.String(); strings.Count(s, "\n") != 1 || !strings.Contains(s, "not SMPP") {
		t.Errorf("log:\n%s", s)
	}
}

func TestPDUsBeforeTheBind(t *testing.T) {
	addr, _ := serve(t, &smpp.Server{Authenticate: oneUser}, nil)
	c := smpptest.DialESME(t, addr)
	send := func(b []byte) {
		if err := c.WriteRaw(b); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(id smpp.CommandID, status smpp.CommandStatus) {
		t.Helper()
		if f := c.Expect(t, id); f.Status != status {
			t.Errorf("%v: %v, want %v", id, f.Status, status)
		}
	}
	send(smpptest.Raw(0x999, 0, 1, []byte("abc")))
	expect(smpp.CommandGenericNack, smpp.ESME_RINVCMDID)
	send(smpptest.Raw(smpp.CommandSubmitSM, 0, 2, nil))
	expect(smpp.CommandSubmitSMResp, smpp.ESME_RINVBNDSTS)
	send(smpptest.Raw(smpp.CommandBindTransceiver, 0, 3, []byte("user\x00"+strings.Repeat("longer than ", 6)+"\x00")))
	expect(smpp.CommandBindTransceiverResp, smpp.ESME_RINVPASWD)
	if _, err := c.Request(&smpp.Bind{SystemID: "user", Password: "right"}); err != nil {
		t.Fatal(err)
	}
	expect(smpp.CommandBindTransceiverResp, smpp.ESME_ROK)
}

func TestTooManyPDUsBeforeTheBind(t *testing.T) {
	addr, _ := serve(t, &smpp.Server{Authenticate: oneUser}, nil)
	c := smpptest.DialESME(t, addr)
	for n := range uint32(16) {
		if err := c.SendBare(smpp.CommandEnquireLink, smpp.ESME_ROK, n+1); err != nil {
			t.Fatal(err)
		}
		if f, err := c.ReadFrame(); err != nil || f.Status != smpp.ESME_RINVBNDSTS {
			t.Fatal(f, err)
		}
	}
	if f, err := c.ReadFrame(); err == nil {
		t.Errorf("still there: %+v", f)
	}
}

// TestBindTimer: a connection without a bind does not stay.
func TestBindTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		start := time.Now()
		v := &smpp.Server{BindTimeout: 3 * time.Second, Authenticate: oneUser}
		v.ServeConn(context.Background(), near)
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("after %v", d)
		}
		if _, err := far.Read(make([]byte, 1)); err != io.EOF {
			t.Error(err)
		}
	})
}

// TestSlowAuthentication: the bind timer also bounds the look-up.
func TestSlowAuthentication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		v := &smpp.Server{BindTimeout: 3 * time.Second,
			Authenticate: func(ctx context.Context, _ smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
				<-ctx.Done()
				return nil, smpp.ESME_RSYSERR
			}}
		ended := make(chan struct{})
		go func() {
			v.ServeConn(context.Background(), near)
			close(ended)
		}()
		_, err := smpp.Connect(context.Background(), far, smpp.DialConfig{})
		if err == nil {
			t.Error("bound")
		}
		<-ended
	})
}

// TestDialGivesUp: an SMSC that does not answer the bind.
func TestDialGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		smsc := smpptest.NewSMSCWithoutListener(t)
		smsc.On(smpp.CommandBindTransceiver, smpptest.Drop())
		start := time.Now()
		_, err := smpp.Dial(context.Background(), smpp.DialConfig{BindTimeout: 4 * time.Second,
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				smsc.ServeConn(far)
				return near, nil
			}})
		if d := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || d != 4*time.Second {
			t.Errorf("%v after %v", err, d)
		}
		smsc.Close()
	})
}

func TestDialAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		b    smpptest.Behaviour
		want smpp.CommandStatus
	}{
		{"refused without a body", smpptest.Refuse(smpp.ESME_RALYBND), smpp.ESME_RALYBND},
		{"refused with a body", smpptest.RefuseWithBody(smpp.ESME_RBINDFAIL), smpp.ESME_RBINDFAIL},
		{"generic_nack", smpptest.Nack(smpp.ESME_RINVCMDID), smpp.ESME_RINVCMDID},
		{"another sequence number first", smpptest.Sequence(
			smpptest.WrongSequence(1, smpptest.Accept()), smpptest.Refuse(smpp.ESME_RINVPASWD)), smpp.ESME_RINVPASWD},
		{"reset", smpptest.Reset(), smpp.ESME_ROK},
		{"not SMPP", smpptest.WriteOctets([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")), smpp.ESME_ROK},
	} {
		t.Run(c.name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(smpp.CommandBindTransceiver, c.b)
			_, err := smpp.Dial(context.Background(), smpp.DialConfig{Addr: smsc.Addr()})
			e, ok := errors.AsType[*smpp.BindError](err)
			if err == nil || ok != (c.want != smpp.ESME_ROK) || ok && e.Status != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// Some SMSCs answer bind_receiver with bind_transmitter_resp: there is one bind only that it can belong to.
func TestDialAnsweredAsAnotherBind(t *testing.T) {
	for status, answer := range map[smpp.CommandStatus]string{
		smpp.ESME_ROK:       "00000015 80000002 00000000 00000001 736d736300",
		smpp.ESME_RINVPASWD: "00000010 80000002 0000000e 00000001",
	} {
		smsc := smpptest.NewSMSC(t)
		octets, err := hex.DecodeString(strings.ReplaceAll(answer, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		smsc.On(smpp.CommandBindReceiver, smpptest.WriteOctets(octets))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: smsc.Addr(), Bind: smpp.Bind{Type: smpp.Receiver}})
		cancel()
		if status == smpp.ESME_ROK {
			if err != nil || s.Info().Type != smpp.Receiver || s.Info().PeerSystemID != "smsc" {
				t.Errorf("taken: %v", err)
			} else {
				_ = s.Close()
			}
		} else if e, ok := errors.AsType[*smpp.BindError](err); !ok || e.Status != status || e.Type != smpp.Receiver {
			t.Errorf("refused: %v", err)
		}
	}
}

// TestShutdown: sessions finish their work, are unbound, and Serve returns.
func TestShutdown(t *testing.T) {
	requests := make(chan *smpp.Request, 1)
	v := &smpp.Server{Authenticate: func(context.Context, smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
		return smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) { requests <- r }), smpp.ESME_ROK
	}}
	addr, stop := serve(t, v, nil)
	c, _ := smpptest.BindESME(t, addr, &smpp.Bind{})
	if _, err := c.Request(&smpp.SubmitSM{}); err != nil {
		t.Fatal(err)
	}
	r := <-requests
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	<-r.Session().Done()
	if err := r.Reply(smpp.ESME_ROK, &smpp.SubmitSMResp{MessageID: "x"}); err != nil {
		t.Error(err)
	}
	c.Expect(t, smpp.CommandSubmitSMResp)
	f := c.Expect(t, smpp.CommandUnbind)
	if err := c.Send(smpp.ESME_ROK, f.Sequence, &smpp.UnbindResp{}); err != nil {
		t.Error(err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the port is still open")
	}
}

func TestShutdownOfAPeerThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		v := &smpp.Server{UnbindTimeout: 2 * time.Second, Authenticate: oneUser}
		ended := make(chan struct{})
		go func() {
			v.ServeConn(ctx, near)
			close(ended)
		}()
		c := &smpptest.Conn{Conn: far}
		if _, err := c.Request(&smpp.Bind{SystemID: "user", Password: "right"}); err != nil {
			t.Fatal(err)
		}
		c.Expect(t, smpp.CommandBindTransceiverResp)
		synctest.Wait()
		start := time.Now()
		cancel()
		c.Expect(t, smpp.CommandUnbind)
		<-ended
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestMaxConns(t *testing.T) {
	addr, _ := serve(t, &smpp.Server{MaxConns: 1, Authenticate: oneUser}, nil)
	smpptest.BindESME(t, addr, &smpp.Bind{SystemID: "user", Password: "right"})
	c := smpptest.DialESME(t, addr)
	if f, err := c.ReadFrame(); err == nil {
		t.Errorf("served: %+v", f)
	}
}

// failingListener fails once for want of something, then for good.
type failingListener struct {
	net.Listener
	errs []error
}

type temporaryError struct{ error }

func (temporaryError) Temporary() bool { return true }

func (l *failingListener) Accept() (net.Conn, error) {
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

func TestAcceptFails(t *testing.T) {
	broken := errors.New("broken")
	addr := ""
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	v := &smpp.Server{Authenticate: oneUser}
	if err := v.Serve(context.Background(), &failingListener{ln, []error{temporaryError{broken}, broken}}); err != broken {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the port is still open")
	}
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"smsc.example"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	addr, _ := serve(t, &smpp.Server{Authenticate: oneUser}, func(ln net.Listener) net.Listener {
		return tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	})
	c := smpp.DialConfig{Addr: addr, Bind: smpp.Bind{SystemID: "user", Password: "right"},
		TLS: &tls.Config{RootCAs: pool, ServerName: "smsc.example"}}
	s, err := smpp.Dial(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	run(t, s)
	if r, err := s.Submit(context.Background(), &smpp.SubmitSM{}); err != nil || r.MessageID != "id" {
		t.Error(r, err)
	}
	if err := s.Unbind(context.Background()); err != nil {
		t.Error(err)
	}
	c.TLS.ServerName = "" // the host of Addr, which the certificate does not name
	if _, err := smpp.Dial(context.Background(), c); err == nil {
		t.Error("an untrusted name was taken")
	}
}

// TestLoad: several clients and a server under the race detector, every request
// with one outcome and every place given back.
func TestLoad(t *testing.T) {
	addr, _ := serve(t, &smpp.Server{Authenticate: oneUser}, nil)
	var wg sync.WaitGroup
	for range 4 {
		s, err := smpp.Dial(context.Background(), smpp.DialConfig{Addr: addr, Config: smpp.Config{Window: 16},
			Bind: smpp.Bind{SystemID: "user", Password: "right"}})
		if err != nil {
			t.Fatal(err)
		}
		run(t, s)
		for range 8 {
			wg.Go(func() {
				for range 250 {
					if r, err := s.Submit(context.Background(), &smpp.SubmitSM{DestinationAddr: "1"}); err != nil || r.MessageID != "id" {
						t.Error(r, err)
						return
					}
				}
			})
		}
		t.Cleanup(func() {
			if st := s.Stats(); st.InFlight != 0 || st.Responses != 2000 {
				t.Errorf("%+v", st)
			}
		})
	}
	wg.Wait()
}
