package smpp

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// call connects to where the carrier listens, from a loopback address.
func call(t *testing.T, from string, port int) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// listening starts a carrier that may be called, and waits until it may.
func listening(t *testing.T, smsc *smpptest.SMSC, parameters string) (w *world, port int, log *bytes.Buffer) {
	t.Helper()
	port, log = freePort(t), new(bytes.Buffer)
	w = start(t, fmt.Sprintf("smpp://esme:secret@%s?outbind_listen=127.0.0.1:%d&%s", smsc.Addr(), port, parameters), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	await(t, w.sessions)
	for {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return w, port, log
		}
	}
}

// A carrier that has something for us calls, and what it brings is recorded like what comes on our own sessions.
func TestOutbind(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, port, _ := listening(t, smsc, "sessions=2&system_type=VMA")
	awaitState(t, w.carrier, func(s State) bool { return s.Bound == 2 })
	smsc.On(smpp.CommandBindReceiver, smpptest.Sequence(smpptest.Accept(), func(_ *smpptest.SMSC, c *smpptest.Conn, _ smpptest.Frame) {
		_, _ = c.Request(receiptText("id:7 stat:DELIVRD"))
	}))
	conn := smsc.ServeConn(call(t, "127.0.0.1", port))
	if _, err := conn.Request(&smpp.Outbind{SystemID: "smsc", Password: "theirs"}); err != nil {
		t.Fatal(err)
	}
	bind := smsc.Await(t, smpp.CommandBindReceiver, 1)[0].PDU.(*smpp.Bind)
	if bind.SystemID != "esme" || bind.Password != "secret" || bind.SystemType != "VMA" {
		t.Errorf("%+v", bind)
	}
	got := await(t, w.recorder.reports)
	got.done(nil)
	if got.it.Ref != "7" || got.it.State != sms.Delivered || got.it.Carrier != 7 {
		t.Errorf("%+v", got.it)
	}
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)
	if bound := w.carrier.State().Bound; bound != 2 {
		t.Errorf("%d sessions are bound: a receiver that the carrier asked for is none that sends", bound)
	}
	w.stop()
	smsc.Await(t, smpp.CommandUnbind, 3)
}

// Who is none of the carrier's hosts, or does not begin with outbind, sees no password.
func TestOutbind_of_strangers(t *testing.T) {
	outbind, err := smpp.AppendPDU(nil, smpp.ESME_ROK, 1, &smpp.Outbind{SystemID: "smsc"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from   string
		octets []byte
		reason string
	}{
		"another address": {"127.0.0.2", outbind, "none of the carrier's hosts"},
		"a browser":       {"127.0.0.1", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "command_length"},
		"another PDU":     {"127.0.0.1", smpptest.Raw(smpp.CommandEnquireLink, smpp.ESME_ROK, 1, nil), "not an outbind"},
		"half of it":      {"127.0.0.1", outbind[:20], "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			w, port, log := listening(t, smsc, "")
			conn := call(t, c.from, port)
			defer conn.Close()
			if _, err := conn.Write(c.octets); err != nil {
				t.Fatal(err)
			}
			if name == "half of it" {
				_ = conn.(*net.TCPConn).CloseWrite()
			}
			if got, _ := io.ReadAll(conn); len(got) > 0 { // a reset is an end, too
				t.Errorf("it was told %q", got)
			}
			w.stop()
			if !strings.Contains(log.String(), c.reason) || strings.Contains(log.String(), "secret") {
				t.Errorf("the log:\n%s", log.String())
			}
		})
	}
}
