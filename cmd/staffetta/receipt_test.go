package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/smpp"
)

// askReceipts is ask N HOST:PORT SYSTEM_ID PASSWORD TEXT: it binds as a transmitter, submits N messages whose receipts it wants, and unbinds.
// It prints the message_ids, as a list, and sets RECEIPT to the first.
func askReceipts(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: args[1], Bind: smpp.Bind{Type: smpp.Transmitter, SystemID: args[2], Password: args[3]}})
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var ids []string
	for i := range n {
		resp, err := s.Submit(ctx, &smpp.SubmitSM{SourceAddrTON: smpp.TONAlphanumeric, SourceAddr: "MyCompany", DestAddrTON: smpp.TONInternational,
			DestAddrNPI: smpp.NPIISDN, DestinationAddr: strconv.Itoa(393401000000 + i), RegisteredDelivery: smpp.RegisteredDeliveryFinal, ShortMessage: []byte(args[4])})
		ts.Check(err)
		ids = append(ids, resp.MessageID)
	}
	ts.Check(s.Unbind(ctx))
	<-ended
	ts.Setenv("RECEIPT", ids[0])
	fmt.Fprintln(ts.Stdout(), ids)
}

// takeReceipts is take N HOST:PORT SYSTEM_ID PASSWORD: it binds as a receiver until it has N deliver_sm of different messages,
// and prints them.
func takeReceipts(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 70*time.Second) // what was on its way when a server died is due after a minute
	defer cancel()
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var mu sync.Mutex
	var ids []string
	full := make(chan struct{})
	s, err := smpp.Dial(ctx, smpp.DialConfig{Addr: args[1], Bind: smpp.Bind{Type: smpp.Receiver, SystemID: args[2], Password: args[3]},
		Handler: smpp.HandlerFunc(func(_ context.Context, r *smpp.Request) {
			p := r.PDU.(*smpp.DeliverSM)
			text := string(p.ShortMessage)
			receipt, ok := smpp.ParseReceipt(p)
			if !ok {
				text = p.SourceAddr + " to " + p.DestinationAddr + ": " + text
				receipt.ID = text
			}
			mu.Lock()
			defer mu.Unlock()
			if !slices.Contains(ids, receipt.ID) && len(ids) < n {
				ids = append(ids, string(append([]byte(nil), receipt.ID...)))
				fmt.Fprintln(ts.Stdout(), text)
				if len(ids) == n {
					close(full)
				}
			}
			_ = r.Reply(smpp.ESME_ROK, nil)
		})})
	ts.Check(err)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	select {
	case <-full:
	case err := <-ended:
		ts.Fatalf("%d came: %v", len(ids), err)
	case <-ctx.Done():
		ts.Fatalf("%d came in time", len(ids))
	}
	ts.Check(s.Unbind(ctx))
	<-ended
}

// TestReceiptsToNode runs the page of a customer that others wrote.
func TestReceiptsToNode(t *testing.T) {
	folder := peertest.NodePackage(t, "smpp", "0.5.1")
	runScripts(t, testscript.Params{Files: []string{"testdata/peer/node_customer.txtar"}, Setup: func(env *testscript.Env) error {
		env.Setenv("NODE_PACKAGE", filepath.Join(folder, "node_modules", "smpp"))
		return nil
	}})
}
