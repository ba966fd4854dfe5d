package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
)

type carrierCommands struct {
	Add     carrierAdd     `cmd:"" help:"Add a carrier, or change the one of that name."`
	List    carrierList    `cmd:"" help:"List the carriers and how they are connected."`
	Show    carrierShow    `cmd:"" help:"Show the settings of a carrier."`
	Set     carrierSet     `cmd:"" help:"Change settings of a carrier."`
	Test    carrierTest    `cmd:"" help:"Try whether a carrier takes the bind, and say what is wrong."`
	Drain   carrierDrain   `cmd:"" help:"Give a carrier nothing new; what waits for it goes on leaving."`
	Disable carrierDisable `cmd:"" help:"Unbind a carrier; what waits for it waits, or goes another way."`
	Enable  carrierEnable  `cmd:"" help:"Let a carrier work again."`
	Remove  carrierRemove  `cmd:"" help:"Disconnect a carrier, forget its password, and remove its routes."`
}

type carrierName struct {
	Name string `arg:"" help:"Name of the carrier."`
}

type carrierAdd struct {
	carrierName
	SMPP          string `name:"smpp" xor:"kind" placeholder:"URL" help:"Address of an SMPP carrier, see above."`
	Practice      bool   `xor:"kind" help:"In place of --smpp: the practice carrier, which sends nothing to anybody."`
	Default       bool   `help:"It takes every message that no route sends elsewhere."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from standard input, so that it stands in no history and no list of processes."`
	output
}

func (carrierAdd) Help() string {
	return `The address is

    smpp://system_id:password@host:port?bind=transceiver&window=100&sessions=1&throughput=0

with smpps for TLS. What is left out is as above, with port 2775, and 3550 for smpps. In system_id and password the
characters : / ? # @ % are written %3A %2F %3F %23 %40 %25.

    hosts             further hosts to try, b:2775,c:2775
    bind              transceiver, or pair for a transmitter and a receiver
    window            parts that may be unanswered at once, for each session
    sessions          sessions that are kept bound, at most 16
    throughput        parts a second over all sessions; 0 is as fast as the carrier takes them
    session_throughput
                      parts a second on each session; 0
    response_timeout  how long to wait for an answer; 30s
    enquire_link      silence after which the carrier is asked whether it is there; 30s
    enquire_timeout   silence after that which ends the session; 10s
    system_type       empty
    outbind_listen    where the carrier may connect for outbind, 0.0.0.0:2776
    validity          relative, absolute, or none for a carrier that refuses a validity_period
    tls_ca            file of the authorities that count for smpps; the system's
    tls_cert tls_key  files of our own certificate, for a carrier that wants one
    tls_server_name   the name in the carrier's certificate; the host
    tls_verify        off takes any certificate, and a thief's too
    temporary permanent carrier_wide throttled
                      codes of refusals that mean something else here, 0x45,1025
    dcs0              what data_coding 0 is: gsm, gsm_packed, latin1, ascii
    long              parts by udh, sar or payload
    flash             flash messages by 0x10, 0xf0 or subunit
    source_ton source_npi dest_ton dest_npi
                      a number, or auto; for senders also short:0,alphanumeric:5
    source_rewrite dest_rewrite
                      from:to for the beginnings of numbers, 39:0039
    dest_prefix       none, 00, or + (written %2B)
    service_type      empty
    registered_delivery
                      1; 0 asks for no receipt
    receipts          each part, or last for a carrier that reports once for all
    receipt_ids       auto, exact, folded, decimal or hex: how receipts write the ids of answers
    codes             what error codes of receipts mean, 021:no+such+number
    tlv               parameters for each submit_sm, 0x1400:0a0b

docs/carriers.md tells of each at length.

Examples:

    staffetta carrier add north --smpp 'smpp://me:secret@smsc.example.net:2775?window=50&throughput=100' --default
    staffetta carrier add south --smpp smpps://me@smsc.example.org --password-stdin < password.txt`
}

// Validate wants one kind of carrier.
func (c carrierAdd) Validate() error {
	if c.SMPP == "" && !c.Practice {
		return errors.New("missing flag: --smpp=URL")
	}
	return nil
}

func (c carrierAdd) Run(t *terminal) error {
	request := admin.CarrierRequest{Name: c.Name, Address: c.SMPP, Default: c.Default}
	if c.PasswordStdin {
		password, err := readPassword(t.in)
		if err != nil {
			return err
		}
		request.Password = &password
	}
	added, err := ask(t, making, admin.AddCarrier, request)
	if err != nil {
		return err
	}
	if !added.HasDefault {
		t.say("No carrier is the default yet: messages are refused with NO_ROUTE until one is added with --default.")
	}
	return c.print(t, added, func(w io.Writer) {
		done := "added"
		if added.Changed {
			done = "changed"
		}
		fmt.Fprintf(w, "%s %s: %s\n", done, added.Name, addressOf(added.Kind, added.Address))
	})
}

func readPassword(from io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(from, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password on standard input: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", errors.New("--password-stdin: there is no password on standard input")
	}
	return password, nil
}

func addressOf(kind, address string) string {
	if address == "" {
		return kind
	}
	return address
}

type carrierList struct{ output }

func (carrierList) Help() string {
	return `SESSIONS are those that are bound, of those that should be; "-" when no server runs. Servers that share a database keep
sessions of their own: the /readyz of each shows them. PACE is how many parts the carrier took in the last second, of how many
it may get: what its address says, or less while it answers that it gets too many. LATELY is of the last five minutes: parts a
second over the last one, how much of the window is in use, how fast answers come, and which refusals came most.

Example:

    staffetta carrier list`
}

func (c carrierList) Run(t *terminal) error {
	carriers, err := ask(t, existing, admin.ListCarriers, admin.Nothing{})
	if err != nil {
		return err
	}
	if cfg, err := t.config(nil); err == nil && cfg.Database != "" {
		t.say("Each server has its own sessions: its /readyz shows them.")
	}
	return c.print(t, carriers, func(w io.Writer) {
		fmt.Fprintln(w, "NAME\tDEFAULT\tSTATE\tSESSIONS\tADDRESS\tPACE\tLATELY\tTROUBLE")
		for _, carrier := range carriers {
			isDefault, bound := "", "-"
			if carrier.Default {
				isDefault = "default"
			}
			if carrier.Bound != nil {
				bound = fmt.Sprintf("%d of %d", *carrier.Bound, carrier.Sessions)
			}
			trouble := strings.Join(slices.DeleteFunc([]string{carrier.Warning, carrier.LastError}, func(s string) bool { return s == "" }), "; ")
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", carrier.Name, isDefault, stateOf(carrier), bound, addressOf(carrier.Kind, carrier.Address),
				paceOf(carrier.Pace), figuresOf(carrier.Figures), trouble)
		}
	})
}

// paceOf writes what leaves, of what may.
func paceOf(p *admin.Pace) string {
	switch {
	case p == nil:
		return "-"
	case p.Slowed:
		return fmt.Sprintf("%.0f/s of %.0f/s, slowed by the carrier", p.Taken, p.Limit)
	case p.Limit > 0:
		return fmt.Sprintf("%.0f/s of %.0f/s", p.Taken, p.Limit)
	}
	return fmt.Sprintf("%.0f/s", p.Taken)
}

type carrierRemove struct{ carrierName }

func (carrierRemove) Help() string {
	return `What waits for it goes by another carrier where a route or the default leads to one, else it stays stored. Messages that went
through it keep naming it. The routes to it are removed too.

Example:

    staffetta carrier remove north`
}

func (c carrierRemove) Run(t *terminal) error {
	removed, err := ask(t, existing, admin.RemoveCarrier, admin.CarrierName{Name: c.Name})
	if err == nil && len(removed.Routes) > 0 {
		t.say("Routes that led to it are removed: %s.", strings.Trim(fmt.Sprint(removed.Routes), "[]"))
	}
	return err
}
