package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type sendCommand struct {
	accountName
	Destination string   `arg:"" help:"Number with its country code, such as +393401234567."`
	Text        []string `arg:"" help:"The text; several words are joined by spaces."`
	Sender      string   `default:"Staffetta" placeholder:"NAME" help:"Sender: 1 to 11 letters and digits, or a number; default Staffetta."`
	ID          string   `name:"id" placeholder:"ID" help:"An id of your own; sent again, nothing is sent twice."`
	At          string   `placeholder:"DATE" help:"When to send it, such as 2031-02-03T07:45:00+01:00; default now."`
	Priority    string   `placeholder:"PRIORITY" enum:"high,normal,low" default:"normal" help:"high, normal or low; default normal."`
	Simulate    bool     `help:"Only say what would be."`
	Wait        duration `placeholder:"DURATION" help:"Wait up to so long until its status is final, such as 10s."`
	output
}

func (sendCommand) Help() string {
	return `The account pays as for a message over HTTP. When no server runs, the message is stored and leaves when one starts.

Example:

    staffetta send acme +393401234567 "Hello world" --sender MyCompany --wait 10s`
}

// sendAnswer is what the command prints.
type sendAnswer struct {
	admin.Sent
	*admin.MessageStatus
}

func (c sendCommand) Run(t *terminal) error {
	sent, err := ask(t, existing, admin.Send, admin.SendRequest{Account: c.Account, Destination: c.Destination, Sender: c.Sender,
		Body: strings.Join(c.Text, " "), MessageID: c.ID, Scheduled: c.At, Priority: c.Priority, Simulation: c.Simulate})
	if err != nil {
		return err
	}
	answer := sendAnswer{Sent: sent}
	if sent.Accepted && !c.Simulate && c.Wait > 0 {
		if answer.MessageStatus, err = c.wait(t, sent.MessageID); err != nil {
			return err
		}
	}
	if err := c.print(t, answer, func(w io.Writer) { c.describe(w, answer) }); err != nil {
		return err
	}
	if !sent.Accepted {
		return fmt.Errorf("not accepted: %s", strings.Join(sent.Reasons, ", "))
	}
	return nil
}

func (c sendCommand) describe(w io.Writer, answer sendAnswer) {
	fmt.Fprintf(w, "message\t%s\nparts\t%d\n", answer.MessageID, answer.Parts)
	switch {
	case answer.MessageStatus != nil:
		fmt.Fprintf(w, "status\t%s, %s\n", answer.Status, answer.Description)
	case answer.Simulation:
		fmt.Fprintln(w, "status\tsimulated: nothing was sent")
	case answer.Accepted && !answer.Running:
		fmt.Fprintln(w, "status\tstored; no server runs: it leaves when one starts")
	}
}

// wait asks for the status until it is final or the time is over.
func (c sendCommand) wait(t *terminal, id string) (*admin.MessageStatus, error) {
	ctx, cancel := context.WithTimeout(t.Context, time.Duration(c.Wait))
	defer cancel()
	for {
		status, err := ask(t, existing, admin.Status, admin.StatusRequest{Account: c.Account, MessageID: id})
		if err != nil || final(status.Status) {
			return &status, err
		}
		select {
		case <-ctx.Done():
			return &status, t.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func final(status string) bool {
	return status == "DELIVERED" || status == "ERROR" || status == "EXPIRED"
}
