package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/staffetta/staffetta/internal/carrier/practice"
)

type practiceCarrierCommand struct {
	Listen   string `default:"127.0.0.1:2775" placeholder:"ADDR" help:"Where to listen; default 127.0.0.1:2775."`
	SystemID string `name:"system-id" placeholder:"NAME" help:"The only system_id that may bind; default any."`
	Password string `placeholder:"PASSWORD" help:"The password that it must give; default any."`
	Quiet    bool   `help:"Do not print the messages."`
}

func (practiceCarrierCommand) Help() string {
	var outcomes strings.Builder
	for _, o := range practice.Outcomes() {
		fmt.Fprintf(&outcomes, "    %-7s %s\n", o.Digits, o.Words)
	}
	return `A real SMPP 3.4 server without a network behind it. The last two digits of a destination choose what becomes of a
message:

` + outcomes.String() + `
It prints a line for every submit_sm. The carrier of staffetta serve --demo is the same, inside the server.

Examples; the second, on a server, sends its messages there:

    staffetta practice-carrier --listen :2775
    staffetta carrier add practice --smpp smpp://me:secret@127.0.0.1:2775 --default`
}

func (c practiceCarrierCommand) Run(t *terminal) error {
	listener, err := listen(t, c.Listen)
	if err != nil {
		return err
	}
	options := practice.Options{Log: slog.New(slog.NewTextHandler(t.err, nil)), SystemID: c.SystemID, Password: c.Password}
	if !c.Quiet {
		options.Journal = journal(slog.New(slog.NewTextHandler(t.out, nil)))
	}
	t.say("The practice carrier listens on %s.", listener.Addr())
	return practice.New(options).Serve(t, listener)
}

// journal prints a line for every submit_sm.
func journal(out *slog.Logger) func(practice.Entry) {
	return func(e practice.Entry) {
		out.Info("submit_sm", "system_id", e.SystemID, "source_addr", e.Submit.SourceAddr,
			"destination_addr", e.Submit.DestinationAddr, "data_coding", e.Submit.DataCoding, "esm_class", e.Submit.ESMClass,
			"short_message", fmt.Sprintf("%x", e.Submit.ShortMessage), "status", e.Status.String(), "message_id", e.MessageID)
	}
}
