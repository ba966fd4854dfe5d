package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type carrierSet struct {
	carrierName
	Settings      []string `arg:"" optional:"" name:"key=value" help:"What to change; KEY= is the default again."`
	PasswordStdin bool     `name:"password-stdin" help:"Read another password from standard input."`
	output
}

func (carrierSet) Help() string {
	return `KEY is host, system_id, tls (true or false), default (true or false), a parameter of the address (carrier add --help), or
address for all of it; an address without a password keeps the one that is stored. What is not named stays. Messages wait on;
the sessions bind anew only when the address has changed in more than its throughput.

Examples:

    staffetta carrier set north window=50 throughput=100
    staffetta carrier set north throughput= default=true
    staffetta carrier set north --password-stdin < password.txt`
}

// Validate wants something to change.
func (c carrierSet) Validate() error {
	if len(c.Settings) == 0 && !c.PasswordStdin {
		return errors.New("expected \"<key=value> ...\" or --password-stdin")
	}
	return nil
}

func (c carrierSet) Run(t *terminal) error {
	request := admin.CarrierSet{Name: c.Name, Pairs: c.Settings}
	if c.PasswordStdin {
		password, err := readPassword(t.in)
		if err != nil {
			return err
		}
		request.Password = &password
	}
	after, err := ask(t, existing, admin.SetCarrier, request)
	if err != nil {
		return err
	}
	return c.print(t, after, func(w io.Writer) {
		how := "its sessions stay bound"
		if after.Rebinds {
			how = "its sessions bind anew"
		}
		fmt.Fprintf(w, "changed %s: %s; %s\n", after.Name, addressOf("practice", after.Address), how)
	})
}

type carrierTest struct {
	Name          string `arg:"" optional:"" help:"Name of a carrier that is there."`
	SMPP          string `name:"smpp" placeholder:"URL" help:"In its place: an address that is to be added."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password of --smpp from standard input."`
	output
}

func (carrierTest) Help() string {
	return `Looks the host up, connects, shakes hands over TLS, binds, asks with enquire_link and unbinds, at each host of the address, and
says how far it came and what that means. It sends no message, takes ten seconds at most, and is refused for some seconds after
another test of the same address: carriers close accounts that bind too often. What the carrier wants to deliver meanwhile is
answered so that it comes again.

Examples:

    staffetta carrier test north
    staffetta carrier test --smpp smpps://me@smsc.example.org --password-stdin < password.txt`
}

// Validate wants one carrier.
func (c carrierTest) Validate() error {
	if (c.Name == "") == (c.SMPP == "") {
		return errors.New("expected the name of a carrier or --smpp=URL")
	}
	return nil
}

func (c carrierTest) Run(t *terminal) error {
	request := admin.CarrierTrial{Name: c.Name, Address: c.SMPP}
	if c.PasswordStdin {
		password, err := readPassword(t.in)
		if err != nil {
			return err
		}
		request.Password = &password
	}
	tried, err := ask(t, existing, admin.TryCarrier, request)
	if err != nil {
		return err
	}
	if err := c.print(t, tried, func(w io.Writer) { printTrial(w, tried) }); err != nil {
		return err
	}
	if !tried.Good {
		return errors.New("the carrier cannot be used so")
	}
	return nil
}

func printTrial(w io.Writer, tried admin.CarrierTried) {
	for _, step := range tried.Steps {
		result, words := "good", step.Detail
		if !step.Good {
			result, words = "FAILED", step.Words+" ("+step.Detail+")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", step.Host, step.Step, result, step.Took.Round(time.Millisecond/10), words)
	}
}

type (
	carrierDrain   struct{ carrierName }
	carrierDisable struct{ carrierName }
	carrierEnable  struct{ carrierName }
)

func (carrierDrain) Help() string {
	return `No message is given to it any more: routes pass over it. What waits for it, or is scheduled to go by it, goes on leaving.
carrier list shows how much that is.

Example:

    staffetta carrier drain north`
}

func (c carrierDrain) Run(t *terminal) error {
	done, err := ask(t, existing, admin.OrderCarrier, admin.CarrierOrder{Name: c.Name, State: "draining"})
	if err == nil && done.Alone {
		t.say("No other carrier takes all that this one took: what nobody takes is refused with NO_ROUTE.")
	}
	return err
}

func (carrierDisable) Help() string {
	return `Its sessions unbind and none is bound, until carrier enable. What waits for it goes by another carrier after half a minute, where a
route or the default leads to one, else it waits; so does what is accepted meanwhile and has no other way.

Example:

    staffetta carrier disable north`
}

func (c carrierDisable) Run(t *terminal) error {
	done, err := ask(t, existing, admin.OrderCarrier, admin.CarrierOrder{Name: c.Name, State: "disabled"})
	if err == nil && done.Alone {
		t.say("No other carrier takes all that this one took: what nobody takes waits.")
	}
	return err
}

func (carrierEnable) Help() string {
	return `Ends carrier drain and carrier disable.

Example:

    staffetta carrier enable north`
}

func (c carrierEnable) Run(t *terminal) error {
	_, err := ask(t, existing, admin.OrderCarrier, admin.CarrierOrder{Name: c.Name, State: "active"})
	return err
}

// figuresOf writes what a carrier did lately.
func figuresOf(f *admin.Figures) string {
	if f == nil {
		return "-"
	}
	text := []string{fmt.Sprintf("%.1f/s in a minute", f.PerSecond), fmt.Sprintf("window %d of %d", f.InFlight, f.Window)}
	if f.Median > 0 {
		text = append(text, fmt.Sprintf("answers in %s, 95 %% in %s", f.Median.Round(time.Millisecond/10), f.P95.Round(time.Millisecond/10)))
	}
	for i, r := range f.Refusals {
		if i == 3 {
			text = append(text, "…")
			break
		}
		text = append(text, strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Parts, r.Kind, r.Code)))
	}
	return strings.Join(text, ", ")
}

// stateOf writes what a carrier was told to do, and how far draining is.
func stateOf(c admin.Carrier) string {
	if c.State != "draining" || c.Figures == nil {
		return c.State
	}
	switch {
	case c.Figures.More:
		return fmt.Sprintf("draining, more than %d wait", c.Figures.Waiting)
	case c.Figures.Waiting > 0:
		return fmt.Sprintf("draining, %d wait", c.Figures.Waiting)
	}
	return "drained"
}
