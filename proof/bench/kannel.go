package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/server"
)

// kannel is Kannel of the distribution: bearerbox with a spool of files, and smsbox. What became of messages it tells
// over HTTP: it has no other way.
type kannel struct {
	window   int
	boxes    map[string]*server.Process
	customer *part // who is told; nil: nobody
}

const kannelConf = `group = core
admin-port = %[1]s
admin-password = bench
admin-deny-ip = ""
smsbox-port = %[2]s
box-allow-ip = "127.0.0.1"
log-level = 3
log-file = "%[5]s/bearerbox.log"
store-type = spool
store-location = "%[5]s/spool"
dlr-storage = internal
sms-incoming-queue-limit = -1

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = %[4]s
transceiver-mode = true
smsc-username = bench
smsc-password = bench
system-type = ""
max-pending-submits = %[6]d

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = %[3]s
log-level = 3
log-file = "%[5]s/smsbox.log"

group = sendsms-user
username = bench
password = bench
max-messages = 10
`

// dlrFinal asks for one report of each message: that of its success or failure.
const dlrFinal = 3

func (k *kannel) start(ctx context.Context, p place) ([]load.Target, error) {
	target, err := k.startBoxes(ctx, p)
	return []load.Target{target}, err
}

func (k *kannel) startBoxes(ctx context.Context, p place) (target load.Target, err error) {
	var ports []string
	for range 3 {
		addr, err := server.FreeAddress(ctx)
		if err != nil {
			return target, err
		}
		_, port, _ := net.SplitHostPort(addr)
		ports = append(ports, port)
	}
	_, smsc, _ := net.SplitHostPort(p.carrier)
	conf := filepath.Join(p.dir, "kannel.conf")
	text := fmt.Sprintf(kannelConf, ports[0], ports[1], ports[2], smsc, p.dir, k.window)
	if err := errors.Join(os.Mkdir(filepath.Join(p.dir, "spool"), 0o700), os.WriteFile(conf, []byte(text), 0o600)); err != nil {
		return target, err
	}
	k.boxes = map[string]*server.Process{}
	if err := k.box(ctx, p.dir, "bearerbox", "127.0.0.1:"+ports[0]); err != nil {
		return target, err
	}
	if err := k.box(ctx, p.dir, "smsbox", "127.0.0.1:"+ports[2]); err != nil {
		return target, err
	}
	var reports load.KannelReports
	if p.row.Receipts {
		if k.customer, err = startPart(ctx, p.dir, "reports"); err != nil {
			return target, err
		}
		reports = load.KannelReports{Mask: dlrFinal, URL: "http://" + k.customer.first + "/dlr?type=%d&answer=%A"}
	}
	target = load.Kannel("127.0.0.1:"+ports[2], "bench", "bench", reports)
	if p.row.Away {
		return target, nil
	}
	return target, k.online(ctx, "http://127.0.0.1:"+ports[0]+"/status.txt?password=bench")
}

// box starts one of the two programs and waits for its port.
func (k *kannel) box(ctx context.Context, dir, name, addr string) error {
	process, err := server.Spawn(filepath.Join(dir, name+".out"), exec.CommandContext(ctx, name, filepath.Join(dir, "kannel.conf")))
	if err != nil {
		return err
	}
	k.boxes[name] = process
	return wait(ctx, name+" listens on "+addr, func() bool {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (k *kannel) online(ctx context.Context, url string) error {
	return wait(ctx, "kannel is bound", func() bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return err == nil && strings.Contains(string(text), "(online")
	})
}

func wait(ctx context.Context, what string, yes func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for !yes() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not after 30 s: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (k *kannel) processes() map[string]watched {
	all := map[string]watched{}
	for name, process := range k.boxes {
		all[name] = watched{pid: process.PID()}
	}
	if k.customer != nil {
		all["customer"] = watched{pid: k.customer.process.PID()}
	}
	return all
}

func (k *kannel) commits(context.Context) float64 { return -1 }

func (k *kannel) reports() (s stats, err error) { return s, k.customer.ask("stats", &s) }

// stop kills it: what it has not sent when the carrier is away would keep it from ending.
func (k *kannel) stop(context.Context) error {
	for _, name := range []string{"smsbox", "bearerbox"} {
		if process := k.boxes[name]; process != nil {
			process.Kill()
		}
	}
	return k.customer.stop()
}
