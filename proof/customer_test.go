package proof

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// Programs that others wrote, as customers of our SMPP door. What they send goes the whole way to a carrier, and its
// receipts come back to them. tshark judges what they and we say to one another.

// desk is a server with an SMPP door, an account, and a carrier that delivers everything.
type desk struct {
	*testing.T
	server  *server.Server
	account server.Account
	carrier *smpptest.SMSC
	record  *peertest.Capture
	port    string // of the door, with everything recorded
	secure  string // of the door with TLS
	ca      string // file of the authority of its certificate
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	d := &desk{T: t, carrier: smpptest.NewSMSC(t), record: peertest.NewCapture()}
	d.carrier.On(smpp.CommandSubmitSM, smpptest.AcceptWithReceipt(smpp.StateDelivered, "000"))
	var err error
	if d.server, err = server.New(t.Context(), binary(t), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	door, err := server.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secure, err := server.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, d.secure, _ = net.SplitHostPort(secure)
	d.server.Flags = append([]string{"--smpp-listen", door, "--smpps-listen", secure}, d.certificate()...)
	t.Cleanup(d.server.Kill)
	if err := d.server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.account, err = d.server.CreateAccount(t.Context(), "shop", 100*sms.Euro); err != nil {
		t.Fatal(err)
	}
	d.command("price", "set", "39", "0.01")
	if err := d.server.AddCarrier(t.Context(), "north", d.carrier.Addr(), 10); err != nil {
		t.Fatal(err)
	}
	d.command("account", "set", "shop", "inbound=smpp")
	d.command("number", "add", "48883", "shop")
	_, d.port, _ = net.SplitHostPort(d.record.Before(t, door))
	d.handset()
	return d
}

// certificate writes the one of httptest, which is for 127.0.0.1, and returns the flags that name it.
func (d *desk) certificate() []string {
	d.Helper()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	own := web.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		d.Fatal(err)
	}
	folder := d.TempDir()
	d.ca = filepath.Join(folder, "cert.pem")
	keyFile := filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{d.ca: {Type: "CERTIFICATE", Bytes: own.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			d.Fatal(err)
		}
	}
	return []string{"--smpp-tls-cert", d.ca, "--smpp-tls-key", keyFile}
}

// handset has the carrier bring a message, which waits until a customer receives.
func (d *desk) handset() {
	d.Helper()
	for limit := time.Now().Add(drainPatience); ; <-time.After(10 * time.Millisecond) {
		bound, err := d.server.Metric(d.Context(), `staffetta_carrier_sessions_bound{carrier="north"}`)
		if bound == 1 {
			break
		}
		if time.Now().After(limit) {
			d.Fatalf("the carrier is not bound: %v\n%s", err, d.server.Tail())
		}
	}
	message := &smpp.DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393401234599", DestinationAddr: "48883", ShortMessage: []byte("Ciao @home")}
	message.ShortMessage[5] = 0 // the @ of the GSM alphabet
	if _, err := d.carrier.AwaitConns(d.T, 1)[0].Request(message); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) command(args ...string) {
	d.Helper()
	if _, err := d.server.Command(d.Context(), args...); err != nil {
		d.Fatal(err)
	}
}

// said is a line of testdata/esme.mjs and testdata/esme.pl.
type said struct {
	Command, Error, Source, Destination, Text string
	Status                                    int
	MessageID                                 string `json:"message_id"`
	State                                     int
	ESMClass                                  int `json:"esm_class"`
}

// converse runs a customer to its end and returns what it said.
func (d *desk) converse(program string, arguments ...string) (lines []said) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), time.Minute)
	defer cancel()
	customer := exec.CommandContext(ctx, program, arguments...)
	customer.Stderr = os.Stderr
	out, err := customer.StdoutPipe()
	if err == nil {
		err = customer.Start()
	}
	if err != nil {
		d.Fatal(err)
	}
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var line said
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil || line.Error != "" {
			d.Errorf("%s: %v", scanner.Text(), err)
		}
		lines = append(lines, line)
	}
	if err := customer.Wait(); err != nil {
		d.Fatalf("%v, after %+v\n%s", err, lines, d.server.Tail())
	}
	return lines
}

// answers are the lines of one command, as "status" or what pick says.
func answers(lines []said, command string, pick func(said) any) (all []any) {
	for _, line := range lines {
		if line.Command == command {
			all = append(all, pick(line))
		}
	}
	return all
}

func status(s said) any { return s.Status }

// delivered checks that each submit_sm that was taken and asked for a receipt has one, that it names the message, and
// that HTTP knows the message under the same id; and that the message from a handset has come.
func (d *desk) delivered(lines []said, want int) {
	d.Helper()
	var told []string
	var heard []said
	for _, line := range lines {
		if line.Command != "deliver_sm" {
			continue
		}
		if line.ESMClass == 0 {
			heard = append(heard, line)
			continue
		}
		told = append(told, line.MessageID)
		if uint8(line.ESMClass)&smpp.ESMClassReceipt == 0 || line.State != int(smpp.StateDelivered) || line.Destination != "MyCompany" ||
			!strings.Contains(line.Text, "id:"+line.MessageID+" ") || !strings.Contains(line.Text, "stat:DELIVRD") {
			d.Errorf("a receipt: %+v", line)
		}
	}
	if len(heard) != 1 || heard[0].Source != "393401234599" || heard[0].Destination != "48883" || !strings.HasSuffix(heard[0].Text, "home") {
		d.Errorf("from a handset: %+v", heard)
	}
	slices.Sort(told)
	if unique := slices.Compact(slices.Clone(told)); len(unique) != want || len(told) != want {
		d.Errorf("%d receipts for %d messages, want %d: %v", len(told), len(unique), want, told)
	}
	messages, err := d.server.Messages(d.Context(), d.account.APIKey, told)
	if err != nil {
		d.Fatal(err)
	}
	if len(messages) != want {
		d.Errorf("HTTP knows %d of %d ids", len(messages), want)
	}
	for _, m := range messages {
		if m.Status != "DELIVERED" {
			d.Errorf("HTTP: %+v", m)
		}
	}
}

// changed checks what query_sm told before and after cancel_sm, of a message that is held.
func (d *desk) changed(lines []said) {
	d.Helper()
	states := answers(lines, "query_sm_resp", func(s said) any { return smpp.MessageState(s.State) })
	want := []any{smpp.StateEnroute, smpp.StateDeleted}
	if slices.Equal(answers(lines, "cancel_sm_resp", status), []any{int(smpp.ESME_RCANCELFAIL)}) {
		want[1] = smpp.StateEnroute
	}
	if diff := cmp.Diff(want, states); diff != "" {
		d.Errorf("query_sm: %s", diff)
	}
}

// atCarrier are the parts that the carrier has for a destination, as "data_coding esm_class octets".
func (d *desk) atCarrier(destination string) (parts []string) {
	for _, p := range d.carrier.Submits() {
		if p.DestinationAddr == destination {
			parts = append(parts, part(p.DataCoding, p.ESMClass, p.Message()))
		}
	}
	return parts
}

func part(dataCoding, esmClass uint8, octets []byte) string {
	return fmt.Sprintf("%02x %02x %x", dataCoding, esmClass, octets)
}

// judged has tshark read all that passed, and complain about what the filter leaves.
func (d *desk) judged(filter string, atLeast int) {
	d.Helper()
	if n := peertest.Complaints(d.T, d.record.Save(d.T), filter); n < atLeast {
		d.Errorf("tshark read %d PDUs", n)
	}
}

const (
	helloUCS2 = "\x04\x3f\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42\x00\x20\xd8\x3d\xde\x00"
	helloGSM  = "Ciao \x1b\x65 \x00 \x1b\x28\x1b\x29"
)

// A transceiver on node's smpp.
func TestPeer_node_smpp_customer(t *testing.T) {
	folder := peertest.NodePackage(t, "smpp", "0.5.1")
	d := newDesk(t)
	lines := d.converse("node", filepath.Join("testdata", "esme.mjs"), folder, d.port, d.account.Username, d.account.Password)
	for command, want := range map[string][]any{
		"bind_transceiver_resp": {0},
		"submit_sm_resp":        {0, 0, 0, 0, 0, 0, int(smpp.ESME_RINVDSTADR)},
		"enquire_link_resp":     {0},
		"unbind_resp":           {0},
	} {
		if diff := cmp.Diff(want, answers(lines, command, status)); diff != "" {
			t.Errorf("%s: %s", command, diff)
		}
	}
	d.changed(lines)
	d.delivered(lines, 5)
	for destination, want := range map[string][]string{
		"393401234510": {part(0, 0, []byte(helloGSM))},
		"393401234511": {part(8, 0, []byte(helloUCS2))},
		"393401234512": {part(0, 0x40, []byte("\x05\x00\x03\x2a\x02\x01"+strings.Repeat("a", 153))), part(0, 0x40, []byte("\x05\x00\x03\x2a\x02\x02the end"))},
		"393401234514": nil, // held or cancelled
	} {
		if diff := cmp.Diff(want, d.atCarrier(destination)); diff != "" {
			t.Errorf("%s: %s", destination, diff)
		}
	}
	if n := len(d.atCarrier("393401234513")); n != 2 {
		t.Errorf("message_payload of 170 characters became %d parts", n)
	}
	d.judged("smpp && !(smpp.data_coding == 1)", len(lines)) // under data_coding 1 it sends the GSM alphabet, with octets that IA5 has not
}

// The same over TLS: node verifies the certificate.
func TestPeer_node_smpp_customer_over_TLS(t *testing.T) {
	folder := peertest.NodePackage(t, "smpp", "0.5.1")
	d := newDesk(t)
	lines := d.converse("node", filepath.Join("testdata", "esme.mjs"), folder, d.secure, d.account.Username, d.account.Password, d.ca)
	d.delivered(lines, 5)
	if diff := cmp.Diff([]any{0}, answers(lines, "unbind_resp", status)); diff != "" {
		t.Errorf("unbind_resp: %s", diff)
	}
}

// A transmitter and a receiver on Perl's Net::SMPP.
func TestPeer_perl_net_smpp_customer(t *testing.T) {
	peertest.PerlModule(t, "libnet-smpp-perl", "Net::SMPP")
	d := newDesk(t)
	lines := d.converse("perl", filepath.Join("testdata", "esme.pl"), d.port, d.account.Username, d.account.Password)
	for command, want := range map[string][]any{
		"bind":              {0, 0},
		"submit_sm_resp":    {0, 0, 0, 0, 0, 0, 0, int(smpp.ESME_RINVDSTADR)},
		"submit_multi_resp": {0},
		"data_sm_resp":      {0},
		"enquire_link_resp": {0},
		"unbind_resp":       {0, 0},
	} {
		if diff := cmp.Diff(want, answers(lines, command, status)); diff != "" {
			t.Errorf("%s: %s", command, diff)
		}
	}
	d.changed(lines)
	d.delivered(lines, 6)
	for destination, want := range map[string][]string{
		"393401234520": {part(0, 0, []byte(helloGSM))},
		"393401234521": {part(8, 0, []byte(helloUCS2))},
		"393401234524": {part(4, 0, []byte("\x05\x00\x01"))},
		"393401234525": nil, // held or cancelled
		"393401234526": {part(0, 0, []byte("to both"))},
		"393401234527": {part(0, 0, []byte("to both"))},
		"393401234528": {part(0, 0, []byte("by data_sm"))},
	} {
		if diff := cmp.Diff(want, d.atCarrier(destination)); diff != "" {
			t.Errorf("%s: %s", destination, diff)
		}
	}
	if n := len(d.atCarrier("393401234522")); n != 2 {
		t.Errorf("two parts by SAR became %d", n)
	}
	d.judged("smpp", 2*len(lines))
}
