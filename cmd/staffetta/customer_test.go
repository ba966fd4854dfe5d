package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/staffetta/staffetta/smpp"
)

// customer [-tls] HOST:PORT SYSTEM_ID PASSWORD [DESTINATION TEXT] binds by SMPP, submits a message and unbinds. It prints
// the message_id, or the command_status of the refusal.
func customer(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var c smpp.DialConfig
	if args[0] == "-tls" {
		args, c.TLS = args[1:], &tls.Config{InsecureSkipVerify: true}
	}
	c.Addr, c.Bind = args[0], smpp.Bind{SystemID: args[1], Password: args[2]}
	s, err := smpp.Dial(ctx, c)
	if refusal, ok := errors.AsType[*smpp.BindError](err); ok {
		fmt.Fprintf(ts.Stdout(), "bind %s\n", refusal.Status.String())
		return
	}
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if len(args) > 3 {
		submitted(ts, ctx, s, args[3], args[4])
	} else {
		fmt.Fprintln(ts.Stdout(), "bound")
	}
	ts.Check(s.Unbind(ctx))
	<-ended
}

func submitted(ts *testscript.TestScript, ctx context.Context, s *smpp.Session, to, text string) {
	resp, err := s.Submit(ctx, &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "MyCompany", DestAddrTON: smpp.TONInternational,
		DestAddrNPI: smpp.NPIISDN, DestinationAddr: to, ShortMessage: []byte(text)})
	if status, ok := errors.AsType[smpp.CommandStatus](err); ok {
		fmt.Fprintf(ts.Stdout(), "submit_sm %s\n", status.String())
		return
	}
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "{\"id\": %q}\n", resp.MessageID)
}

// bound HOST:PORT SYSTEM_ID PASSWORD binds and stays, until the server ends the session or the script is over.
func bound(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: args[0], Bind: smpp.Bind{SystemID: args[1], Password: args[2]}})
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	ts.Defer(func() {
		cancel()
		<-ended
	})
}

// evicted SECONDS HOST:PORT SYSTEM_ID PASSWORD COMMAND… binds, runs a command, and fails when the server does not end the
// session soon after it.
func evicted(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	s, err := smpp.Dial(context.Background(), smpp.DialConfig{Addr: args[1], Bind: smpp.Bind{SystemID: args[2], Password: args[3]}})
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(context.Background()) }()
	ts.Check(s.EnquireLink(context.Background()))
	ts.Check(ts.Exec(args[4], args[5:]...))
	select {
	case <-s.Done():
		<-ended
	case <-time.After(time.Duration(seconds) * time.Second):
		_ = s.Close()
		<-ended
		ts.Fatalf("the session is still bound after %d s", seconds)
	}
}
