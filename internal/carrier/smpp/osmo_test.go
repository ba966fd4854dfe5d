package smpp

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Osmocom's MSC as a carrier, without a radio network: it stores what it takes, and its database shows how it has read
// us. It gives every message the same id, and delivers nothing. Its answer to bind_receiver is a
// bind_transmitter_resp.
func TestPeer_osmo_msc(t *testing.T) {
	osmo := startOsmo(t)
	for kind, flash := range map[string]string{BindTransceiver: FlashGeneral, BindPair: FlashClass} {
		t.Run(kind, func(t *testing.T) {
			record := peertest.NewCapture()
			w := start(t, fmt.Sprintf("smpp://esme%s:secret@%s?bind=%s&flash=%s&enquire_link=1s", kind[:1], osmo.addr, kind, flash), func(c *Config) { c.DialContext = record.Dial })
			s := await(t, w.sessions)
			messages, parts := peerMessages(), 0
			for _, m := range messages {
				answers := s.submit(t.Context(), m)
				for range m.Parts {
					a := await(t, answers)
					if m.Flash && flash == FlashGeneral { // it knows class 0 as 0xF0 only
						if a.Code != "0x000000ff" {
							t.Errorf("%q: %+v", m.Text, a)
						}
						continue
					}
					if a.Verdict != dispatch.Accepted || a.Ref != "msg_id_not_implemented" {
						t.Errorf("%q: %+v", m.Text, a)
					}
					parts++
				}
			}
			osmo.checkStored(t, slices.DeleteFunc(messages, func(m *sms.Message) bool { return m.Flash && flash == FlashGeneral }))
			record.Await(t, "0000001080000015") // an enquire_link_resp
			w.stop()
			if n := peertest.Complaints(t, record.Save(t), "smpp"); n < 2*parts+4 {
				t.Errorf("tshark read %d PDUs", n)
			}
		})
	}
}

// What Osmocom's MSC refuses, we understand: a password, a destination nobody has in real time, a PDU that is none. It
// does not answer query_sm at all, which ends with the response timer.
func TestPeer_osmo_msc_refusals(t *testing.T) {
	osmo := startOsmo(t)
	bind := smpp.Bind{SystemID: "esmet", Password: "wrong"}
	_, err := smpp.Dial(t.Context(), smpp.DialConfig{Addr: osmo.addr, Bind: bind})
	if refused, ok := errors.AsType[*smpp.BindError](err); !ok || refused.Status != smpp.ESME_RINVPASWD {
		t.Errorf("a wrong password: %v", err)
	}
	bind.Password = "secret"
	s, err := smpp.Dial(t.Context(), smpp.DialConfig{Addr: osmo.addr, Bind: bind, Config: smpp.Config{ResponseTimeout: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	_, err = s.Submit(t.Context(), &smpp.SubmitSM{DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393401234567", ESMClass: 2, ShortMessage: []byte("now")})
	if !errors.Is(err, smpp.ESME_RINVDSTADR) {
		t.Errorf("a destination that nobody has: %v", err)
	}
	if _, err = s.Submit(t.Context(), &smpp.SubmitSM{DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393401234567", DataCoding: 3, ShortMessage: []byte("x")}); err == nil {
		t.Error("data_coding 3 is taken, which it does not know")
	}
	if _, err := s.Query(t.Context(), &smpp.QuerySM{MessageID: "1"}); !errors.Is(err, smpp.ErrTimeout) {
		t.Errorf("query_sm: %v", err)
	}
	if err := s.Unbind(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// osmo is a running MSC.
type osmo struct{ addr, database string }

func startOsmo(t *testing.T) *osmo {
	t.Helper()
	program := peertest.Program(t, "osmo-msc", "osmo-msc")
	template, err := os.ReadFile(filepath.Join("testdata", "osmo-msc.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	folder, port := t.TempDir(), freePort(t)
	o := &osmo{addr: fmt.Sprintf("127.0.0.1:%d", port), database: filepath.Join(folder, "sms.db")}
	config := filepath.Join(folder, "osmo-msc.cfg")
	// The ports of its other doors are fixed, their addresses are not.
	address := fmt.Sprintf("%d.%d", rand.N(256), 1+rand.N(254))
	text := fmt.Sprintf(string(template), port, address, freePort(t), o.database)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	msc := exec.Command(program, "-c", config)
	msc.Dir, msc.Env = folder, append(os.Environ(), sctp(t)...)
	var log strings.Builder
	msc.Stderr, msc.Stdout = &log, &log
	if err := msc.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = msc.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = msc.Process.Kill()
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", o.addr)
		if err == nil {
			_ = conn.Close()
			return o
		}
		select {
		case <-ended:
			t.Fatalf("osmo-msc ended at its start: %v", msc.ProcessState)
		case <-tick.C:
		}
	}
}

// sctp is what the environment of the MSC needs where the kernel has no SCTP.
func sctp(t *testing.T) []string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, syscall.IPPROTO_SCTP)
	if err == nil {
		_ = syscall.Close(fd)
		return nil
	}
	compiler, missing := exec.LookPath("cc")
	if missing != nil {
		peertest.Absent(t, "osmo-msc", fmt.Errorf("SCTP: %w, and there is no C compiler", err))
	}
	library := filepath.Join(t.TempDir(), "sctp.so")
	source := filepath.Join("testdata", "sctp.c")
	if output, err := exec.CommandContext(t.Context(), compiler, "-shared", "-fPIC", "-o", library, source, "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return []string{"LD_PRELOAD=" + library}
}

// checkStored compares the latest rows of its database with the messages.
func (o *osmo) checkStored(t *testing.T, messages []*sms.Message) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+o.database+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, m := range messages {
		segments, err := split(m)
		if err != nil {
			t.Fatal(err)
		}
		for i, segment := range segments {
			var source string
			var receipt, header int
			var data []byte
			row := db.QueryRow("SELECT src_addr, status_rep_req, ud_hdr_ind, user_data FROM SMS WHERE dest_addr = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
				m.Destination.Digits(), len(segments)-1-i)
			if err := row.Scan(&source, &receipt, &header, &data); err != nil {
				t.Errorf("%q: %v", m.Text, err)
				continue
			}
			want := segment.AppendPacked(nil)
			if segment.Encoding == gsm.GSM7 && len(segment.UDH) == 7 { // it puts seven fill bits where none belong
				want = segment.UDH
			}
			if receipt != 1 || source != strings.TrimPrefix(string(m.Sender), "+") || (header == 1) != (len(segment.UDH) > 0) || !bytes.HasPrefix(data, want) {
				t.Errorf("%q, part %d: from %s, receipt %d, header %d, %x, want %x", m.Text, i+1, source, receipt, header, data, want)
			}
		}
	}
}
