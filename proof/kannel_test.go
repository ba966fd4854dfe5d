package proof

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/proof/server"
)

const kannelConf = `group = core
admin-port = %[1]s
admin-password = test
admin-deny-ip = ""
smsbox-port = %[2]s
box-allow-ip = "127.0.0.1"
log-level = 0
log-file = "%[3]s/bearerbox.log"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = staffetta
host = 127.0.0.1
port = %[4]s
smsc-username = %[5]s
smsc-password = %[6]s
system-type = ""
enquire-link-interval = 1
source-addr-autodetect = true

group = smsc
smsc = smpp
smsc-id = staffetta
host = 127.0.0.1
receive-port = %[4]s
smsc-username = %[5]s
smsc-password = %[6]s
system-type = ""
enquire-link-interval = 1
source-addr-autodetect = true

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %[7]s
log-level = 0
log-file = "%[3]s/smsbox.log"

group = sendsms-user
username = test
password = test
max-messages = 10

group = sms-service
keyword = default
catch-all = true
get-url = "%[8]s/inbound?from=%%p&to=%%P&text=%%a"
max-messages = 0
`

// kannel is Kannel of the distribution as a customer, with a transmitter and a receiver.
type kannel struct {
	*desk
	sendsms string
	dlr     string          // where it tells what became of messages
	told    chan url.Values // and what it told
	logs    string
}

func startKannel(d *desk, password string) *kannel {
	d.Helper()
	boxes := []string{peertest.Program(d.T, "kannel", "bearerbox"), peertest.Program(d.T, "kannel", "smsbox")}
	k := &kannel{desk: d, told: make(chan url.Values, 100), logs: d.TempDir()}
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { k.told <- r.URL.Query() }))
	d.Cleanup(web.Close)
	var ports []string
	for range 3 {
		addr, err := server.FreeAddress(d.Context())
		if err != nil {
			d.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(addr)
		ports = append(ports, port)
	}
	conf := filepath.Join(k.logs, "kannel.conf")
	text := fmt.Sprintf(kannelConf, ports[0], ports[1], k.logs, d.port, d.account.Username, password, ports[2], web.URL)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
	for i, box := range boxes {
		process, err := server.Spawn(filepath.Join(k.logs, "out"), exec.Command(box, conf))
		if err != nil {
			d.Fatal(err)
		}
		d.Cleanup(process.Kill)
		k.await("a box listens", func() bool {
			conn, err := net.Dial("tcp", "127.0.0.1:"+ports[1+i])
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	k.sendsms = "http://127.0.0.1:" + ports[2] + "/cgi-bin/sendsms?"
	k.dlr = web.URL
	return k
}

// await asks until the answer is yes.
func (k *kannel) await(what string, yes func() bool) {
	k.Helper()
	for limit := time.Now().Add(20 * time.Second); !yes(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(limit) {
			log, _ := os.ReadFile(filepath.Join(k.logs, "bearerbox.log"))
			k.Fatalf("not after 20 s: %s\n%s\n%s", what, k.server.Tail(), log[max(0, len(log)-4000):])
		}
	}
}

// send hands Kannel a message.
func (k *kannel) send(to, text string, coding int) {
	k.Helper()
	query := url.Values{"username": {"test"}, "password": {"test"}, "from": {"MyCompany"}, "to": {to}, "text": {text}, "charset": {"UTF-8"},
		"coding": {fmt.Sprint(coding)}, "dlr-mask": {"3"}, "dlr-url": {k.dlr + "/dlr?type=%d&to=%p&answer=%A"}}
	response, err := http.Get(k.sendsms + query.Encode())
	if err != nil {
		k.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		k.Errorf("Kannel answers %s", response.Status)
	}
}

// Kannel cuts passwords at eight characters, so the account has one of that length for it.
func TestPeer_kannel_customer(t *testing.T) {
	d := newDesk(t)
	var short struct{ Password string }
	if err := d.server.CommandJSON(t.Context(), &short, "account", "smpp-password", d.account.Name); err != nil {
		t.Fatal(err)
	}
	k := startKannel(d, short.Password)
	d.record.Await(t, "8000000100000000") // bind_receiver_resp, ESME_ROK
	d.record.Await(t, "8000000200000000")
	k.send("+393401234530", "Ciao € @ {}", 0)
	k.send("+393401234531", "привет 😀", 2)
	k.send("+393401234532", strings.Repeat("a", 160)+strings.Repeat("b", 10), 0)
	k.send("+39", "to nobody", 0)
	got := map[string]string{}
	for range 5 {
		select {
		case dlr := <-k.told:
			if dlr.Has("text") {
				got["inbound"] = dlr.Get("from") + " to " + dlr.Get("to") + ": " + dlr.Get("text")
				continue
			}
			got[dlr.Get("to")] += dlr.Get("type")
		case <-time.After(20 * time.Second):
			log, _ := os.ReadFile(filepath.Join(k.logs, "bearerbox.log"))
			t.Fatalf("Kannel told %v\n%s\n%s", got, d.server.Tail(), log[max(0, len(log)-6000):])
		}
	}
	if diff := cmp.Diff(map[string]string{"+393401234530": "1", "+393401234531": "1", "+393401234532": "1", "+39": "16",
		"inbound": "+393401234599 to 48883: Ciao @home"}, got); diff != "" {
		t.Errorf("Kannel told: %s", diff)
	}
	for destination, want := range map[string][]string{
		"393401234530": {part(0, 0, []byte(helloGSM))},
		"393401234531": {part(8, 0, []byte(helloUCS2))},
	} {
		if diff := cmp.Diff(want, d.atCarrier(destination)); diff != "" {
			t.Errorf("%s: %s", destination, diff)
		}
	}
	if parts := d.atCarrier("393401234532"); len(parts) != 2 {
		t.Errorf("the long one: %q", parts)
	}
	d.record.Await(t, "0000001080000015") // an enquire_link_resp
	d.judged("smpp", 20)
	log, err := os.ReadFile(filepath.Join(k.logs, "bearerbox.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "ERROR: SMPP") && !strings.Contains(line, "ESME_RINVDSTADR") && !strings.Contains(line, "Invalid Dest") || strings.Contains(line, "PANIC") {
			t.Errorf("Kannel complains: %s", line)
		}
	}
}
