package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// row is one line of the table.
type row struct {
	Name        string   `json:"name"` // the same for all gateways that are compared in it
	Gateway     string   `json:"gateway"`
	Connections int      `json:"connections,omitempty"`
	Offered     float64  `json:"offered,omitempty"` // messages/s; 0: as many as the gateway takes
	Receipts    bool     `json:"receipts,omitempty"`
	Away        bool     `json:"away,omitempty"`     // the carrier cannot be reached: accepting alone is measured
	Sessions    int      `json:"sessions,omitempty"` // SMPP sessions of a customer, in place of HTTP connections
	Call        int      `json:"call,omitempty"`     // messages in a call of the Legacy interface; 0: one message a request. Only where the carrier is away: its journal knows messages by their texts
	Batch       int      `json:"batch,omitempty"`    // messages in a call to the store, without HTTP and carrier; 0: over HTTP
	Stored      int      `json:"stored,omitempty"`   // finished messages that are in the database before
	Kept        bool     `json:"-"`                  // all rounds share one database
	Nodes       int      `json:"nodes,omitempty"`    // servers that share the database; 0: one
	Only        []string `json:"-"`                  // the gateways that can; nil: all
	Than        string   `json:"-"`                  // the row of the same gateway that it is compared with
}

// The names of rows that others are compared with.
const (
	manyConnections = "HTTP → submit_sm_resp, 128 connections"
	emptyDatabase   = "with receipts, nothing stored"
)

// rowsWith are all rows; stored is with how many stored messages the throughput is measured.
func rowsWith(stored []int) []row {
	own := []string{"staffetta", "postgres"}
	rows := []row{
		{Name: "HTTP → submit_sm_resp, 50 connections", Connections: 50},
		{Name: manyConnections, Connections: 128},
		{Name: "5,000/s offered, 50 connections", Connections: 50, Offered: 5000},
		{Name: "with receipts, 50 connections", Connections: 50, Receipts: true},
		{Name: "accept only, carrier away, 50 connections", Connections: 50, Away: true},
		{Name: "accept only, carrier away, 128 connections", Connections: 128, Away: true},
		{Name: "SMPP submit_sm on one session, window 100", Sessions: 1, Only: own},
		{Name: "SMPP submit_sm on one session, window 100, carrier away", Sessions: 1, Away: true, Only: own},
		{Name: "Legacy calls of 1,000 through HTTP, carrier away", Connections: 4, Call: 1000, Away: true, Only: own},
		{Name: "batches of 1,000 through the store", Batch: 1000, Only: own},
	}
	for _, n := range stored {
		r := row{Name: emptyDatabase, Connections: 50, Receipts: true, Stored: n, Kept: true, Only: own}
		if n > 0 {
			r.Name, r.Than = fmt.Sprintf("with receipts, %s stored", thousands(n)), emptyDatabase
		}
		rows = append(rows, r)
	}
	return append(rows, row{Name: "two nodes on PostgreSQL, 128 connections", Connections: 128, Nodes: 2, Only: own[1:], Than: manyConnections})
}

// choose is the rows of the chosen gateways whose name contains a text, gateways alternating.
func choose(rows []row, gateways []string, containing string) (chosen []row, err error) {
	for _, r := range rows {
		for _, r.Gateway = range gateways {
			if strings.Contains(r.Name, containing) && (r.Only == nil || slices.Contains(r.Only, r.Gateway)) {
				chosen = append(chosen, r)
			}
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no row of %s is named like %q", strings.Join(gateways, ", "), containing)
	}
	return chosen, nil
}

// parseStored reads "0,1000000".
func parseStored(text string) (list []int, err error) {
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 0 || n > 100_000_000 {
			return nil, fmt.Errorf("-stored: %q is not a number of messages up to 100,000,000; write it like 0,1000000", field)
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
