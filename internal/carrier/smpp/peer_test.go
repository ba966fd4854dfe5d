package smpp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
)

// peerMessages are what each peer is sent: alphabets, several parts, headers, flash, senders, octets.
func peerMessages() []*sms.Message {
	all := []*sms.Message{
		message("Ciao € @ {}"), message("привет 😀"), message(strings.Repeat("a", 152) + "€" + strings.Repeat("b", 160)),
		message(strings.Repeat("я", 66) + "😀" + strings.Repeat("я", 40)), message("flash"), message("number"), message("code"),
		message("port"), message("010600ff"),
	}
	all[1].Encoding, all[3].Encoding = sms.UCS2, sms.UCS2
	all[2].Parts, all[3].Parts = 3, 2
	all[4].Flash, all[4].Priority = true, sms.High
	all[5].Sender, all[6].Sender = "+393331234567", "48883"
	all[7].UDH, all[8].UDH = []byte{6, 5, 4, 0x3E, 0x80, 0, 0}, []byte{6, 5, 4, 0x3E, 0x80, 0, 0} // an application's port
	all[8].Encoding = sms.Octets
	for i, m := range all {
		m.Destination += sms.Number(i)
		m.Expires = time.Now().Add(48 * time.Hour)
	}
	return all
}

// sendAll submits all messages and returns the destination of each id that the peer gave.
func sendAll(t *testing.T, s *served, messages []*sms.Message) map[string]sms.Number {
	t.Helper()
	ids := map[string]sms.Number{}
	for _, m := range messages {
		answers := s.submit(t.Context(), m)
		for range m.Parts {
			a := await(t, answers)
			if a.Verdict != dispatch.Accepted || a.Ref == "" {
				t.Errorf("%q: %+v", m.Text, a)
			}
			ids[a.Ref] = m.Destination
		}
	}
	return ids
}

// startPeer starts an SMSC that says what it gets, one JSON value on each line, and returns what waits for the next. It
// ends with the test.
func startPeer(t *testing.T, program string, arguments ...string) func() peerPDU {
	t.Helper()
	peer := exec.CommandContext(t.Context(), program, arguments...)
	out, err := peer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	peer.Stderr = os.Stderr
	if err := peer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Process.Kill(); _ = peer.Wait() })
	lines := bufio.NewScanner(out)
	return func() (v peerPDU) {
		if !lines.Scan() {
			t.Fatal("the peer ended")
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil || v.Error != "" {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		return v
	}
}

// The SMSC of node's smpp takes our messages, reads what we wrote, and its receipts come back.
func TestPeer_node_smpp(t *testing.T) {
	folder := peertest.NodePackage(t, "smpp", "0.5.1")
	talk(t, startPeer(t, "node", filepath.Join("testdata", "smsc.mjs"), folder))
}

// The same with an SMSC on Perl's Net::SMPP.
func TestPeer_perl_net_smpp(t *testing.T) {
	peertest.PerlModule(t, "libnet-smpp-perl", "Net::SMPP")
	talk(t, startPeer(t, "perl", filepath.Join("testdata", "smsc.pl")))
}

// talk sends an SMSC all that a message can be, and checks what it says that it got. Then tshark judges both.
func talk(t *testing.T, said func() peerPDU) {
	t.Helper()
	record := peertest.NewCapture()
	w := start(t, fmt.Sprintf("smpp://esme:secret@127.0.0.1:%d", said().Port), func(c *Config) { c.DialContext = record.Dial })
	messages := peerMessages()
	ids := sendAll(t, await(t, w.sessions), messages)
	acknowledgeAll(t, w, ids)
	if b := said(); b.Command != "bind_transceiver" || b.SystemID != "esme" || b.Password != "secret" {
		t.Errorf("%+v", b)
	}
	for _, want := range messages {
		for part := 1; part <= want.Parts; part++ {
			got := said()
			for got.Command == "deliver_sm_resp" && got.Status == 0 {
				got = said()
			}
			if got.Command != "submit_sm" || got.Destination != want.Destination.Digits() || got.Registered != 1 || got.Validity == nil {
				t.Errorf("%+v", got)
			}
			// The peer decodes a message with a header in its own way.
			if want.Parts == 1 && want.UDH == nil && got.Text != want.Text {
				t.Errorf("we wrote %q, the peer read %q", want.Text, got.Text)
			}
		}
	}
	w.stop()
	for {
		if got := said(); got.Command == "unbind" {
			break
		} else if got.Command != "deliver_sm_resp" || got.Status != 0 {
			t.Errorf("%+v", got)
		}
	}
	if n := peertest.Complaints(t, record.Save(t), "smpp"); n < 4*len(ids)+4 {
		t.Errorf("tshark read %d PDUs", n)
	}
}

// peerPDU is a line of testdata/smsc.mjs and testdata/smsc.pl.
type peerPDU struct {
	Port                                                int
	Error, Command, Source, Destination, Text, Password string
	SystemID                                            string `json:"system_id"`
	Status                                              int
	Registered                                          int `json:"registered_delivery"`
	Validity                                            any `json:"validity_period"`
}

// acknowledgeAll waits for the receipt of each id.
func acknowledgeAll(t *testing.T, w *world, ids map[string]sms.Number) {
	t.Helper()
	for range len(ids) {
		got := await(t, w.recorder.reports)
		got.done(nil)
		destination, known := ids[got.it.Ref]
		if !known || got.it.State != sms.Delivered || got.it.Destination != destination {
			t.Errorf("%+v", got.it)
		}
		delete(ids, got.it.Ref)
	}
	if len(ids) != 0 {
		t.Errorf("no receipt for %v", ids)
	}
}

// Kannel's test SMSC takes our messages. It gives them no ids, and sends receipts of its own making: of a message
// "receipted_message_id" and with no state. All of them come back and are acknowledged, between its enquire_links.
func TestPeer_kannel_drive_smpp(t *testing.T) {
	const receipts = 50
	path := peertest.Program(t, "kannel-extras", "/usr/lib/kannel/test/drive_smpp")
	port := freePort(t)
	kannel := exec.CommandContext(t.Context(), path, "-v", "0", "-p", fmt.Sprint(port), "-m", fmt.Sprint(receipts))
	kannel.Dir = t.TempDir()
	var log strings.Builder
	kannel.Stderr, kannel.Stdout = &log, &log
	listenAsBearerbox(t)
	if err := kannel.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() { _ = kannel.Process.Kill(); _ = kannel.Wait() })
	defer end()
	record := peertest.NewCapture()
	w := start(t, fmt.Sprintf("smpp://esme:secret@127.0.0.1:%d?bind=pair", port), func(c *Config) { c.DialContext = record.Dial })
	s := await(t, w.sessions)
	parts := 0
	for _, m := range peerMessages() {
		answers := s.submit(t.Context(), m)
		for range m.Parts {
			if a := await(t, answers); a.Verdict != dispatch.Accepted || a.Ref != "" {
				t.Errorf("%q: %+v", m.Text, a)
			}
			parts++
		}
	}
	for range receipts {
		got := await(t, w.recorder.reports)
		got.done(nil)
		if got.it.Ref != "receipted_message_id" || got.it.State != sms.Unknown {
			t.Errorf("%+v", got.it)
		}
	}
	w.stop()
	end()
	if n := strings.Count(log.String(), "submit_sm: short_message"); n != parts {
		t.Errorf("Kannel read %d of %d parts", n, parts)
	}
	if n := strings.Count(log.String(), "PDU of type deliver_sm_resp"); n != receipts {
		t.Errorf("Kannel read %d of %d acknowledgements", n, receipts)
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "ERROR") || strings.Contains(line, "WARNING") || strings.Contains(line, "PANIC") {
			t.Errorf("Kannel complains: %s", line)
		}
	}
	if n := peertest.Complaints(t, record.Save(t), "smpp"); n < 2*(parts+receipts) {
		t.Errorf("tshark read %d PDUs", n)
	}
}

// listenAsBearerbox listens where drive_smpp, on its other side, expects a bearerbox; it gives up without. Where
// somebody listens already, nothing is needed.
func listenAsBearerbox(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:13001")
	if err != nil {
		return
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = ln.Close(); serving.Wait() })
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().(*net.TCPAddr).Port
}
