package smpp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// FuzzCarrier has a carrier say anything to a session that submits: every part has one outcome, and whatever is to be
// recorded can be stored.
func FuzzCarrier(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "smpp", "testdata", "captures", "*.smsc.hex"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no captures: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		stream, err := hex.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		const taken = "\x00\x00\x00\x11\x80\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x01\x00"
		conn := &speaker{Reader: bytes.NewReader(append([]byte(taken), said...))}
		keeper := &keeper{t: t}
		wire, err := smpp.Connect(t.Context(), conn, smpp.DialConfig{Handler: &inbox{carrier: 7, recorder: keeper, address: &Address{}, memory: newMemory()}, Config: smpp.Config{Window: 4}})
		if err != nil {
			t.Fatal(err)
		}
		s := &session{wire: wire, window: 4, dialect: &Dialect{Alphabet: AlphabetGSM, Long: LongUDH, Receipts: ReceiptsEach, Registered: 1},
			ids: func(id string) string { return id }}
		long := message(strings.Repeat("x", 200))
		long.Parts = 2
		var outcomes atomic.Int32
		done := func(_ int, a dispatch.Answer) {
			outcomes.Add(1)
			if !utf8.ValidString(a.Ref) || strings.ContainsRune(a.Ref, 0) {
				t.Errorf("the id %q cannot be stored", a.Ref)
			}
		}
		s.Submit(t.Context(), message("one"), done)
		s.Submit(t.Context(), long, done)
		if err := wire.Run(t.Context()); err == nil {
			t.Error("the peer went away, but no error")
		}
		if n := outcomes.Load(); n != 3 {
			t.Errorf("%d outcomes of 3 parts", n)
		}
	})
}

// keeper looks at what is to be recorded.
type keeper struct {
	t *testing.T
	n int
}

var errAway = errors.New("the store is away")

func (k *keeper) keep(done func(error), texts ...string) {
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			k.t.Errorf("%q cannot be stored", text)
		}
	}
	if k.n++; k.n%3 == 0 {
		done(errAway)
		return
	}
	done(nil)
}

func (k *keeper) Report(r sms.Report, done func(error)) {
	if r.Ref == "" {
		k.t.Error("a report of nothing")
	}
	k.keep(done, r.Ref, r.Code)
}

func (k *keeper) Inbound(in sms.Inbound, done func(error)) {
	k.keep(done, in.Source, in.Destination)
}

// speaker is a connection on which the peer says something and goes away.
type speaker struct {
	*bytes.Reader
	closed atomic.Bool
}

func (s *speaker) Write(b []byte) (int, error) {
	if s.closed.Load() {
		return 0, net.ErrClosed
	}
	return len(b), nil
}

func (s *speaker) Close() error                     { s.closed.Store(true); return nil }
func (s *speaker) LocalAddr() net.Addr              { return nil }
func (s *speaker) RemoteAddr() net.Addr             { return nil }
func (s *speaker) SetDeadline(time.Time) error      { return nil }
func (s *speaker) SetReadDeadline(time.Time) error  { return nil }
func (s *speaker) SetWriteDeadline(time.Time) error { return nil }
