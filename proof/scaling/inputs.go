package main

import (
	"fmt"
	"time"
)

const microsecond = time.Microsecond

// inputs are what the simulation is told; everything else follows. docs/scaling.md has them as a table, which a test
// holds to these.
type inputs struct {
	nodeCores, databaseCores int

	httpCPU, carrierCPU         time.Duration // processor of a node, for a message: before its commit, and after it
	nodeTransaction, nodeMember time.Duration // processor of a node, for a transaction and for each member of its group
	baseTransaction, baseMember time.Duration // processor of the database, for the same
	journeys                    int           // between node and database, in a transaction
	journey                     time.Duration
	flush                       time.Duration // of the log, by the disk
	standby                     time.Duration // until a synchronous standby has it too
	logMember                   int           // octets of the log, for a member
	logRate                     int           // octets a second that log and standby take
	carrier, receipt            time.Duration // until the carrier answers, and until its receipt comes
	housekeeping                int           // small transactions of a node in a second: heartbeat, shares, changes
	stale, look                 time.Duration // a heartbeat is dead after, and the others look every
	adoptMember                 time.Duration // processor of the database, for a message that another node adopts
	adoptStep                   int           // messages that one transaction adopts
	connections                 int           // of a node, at most
}

// today are the costs of this version.
func today() inputs {
	return inputs{
		nodeCores: 4, databaseCores: 16,
		httpCPU: 35 * microsecond, carrierCPU: 17 * microsecond,
		nodeTransaction: 310 * microsecond, nodeMember: 7 * microsecond,
		baseTransaction: 330 * microsecond, baseMember: 12 * microsecond,
		journeys: 3, journey: 200 * microsecond,
		flush: 140 * microsecond, standby: 500 * microsecond,
		logMember: 530, logRate: 400_000_000,
		carrier: 20 * time.Millisecond, receipt: 200 * time.Millisecond,
		housekeeping: 3, stale: 15 * time.Second, look: 3 * time.Second,
		adoptMember: 12 * microsecond, adoptStep: 10_000, connections: 14,
	}
}

// input is one line of the table.
type input struct{ name, value string }

func (in inputs) table() []input {
	return []input{
		{"cores of a node, of a database", fmt.Sprintf("%d, %d", in.nodeCores, in.databaseCores)},
		{"processor of a node for a message, HTTP before its commit", micro(in.httpCPU)},
		{"… SMPP after it", micro(in.carrierCPU)},
		{"processor of a node for a transaction, and for each member", micro(in.nodeTransaction) + ", " + micro(in.nodeMember)},
		{"processor of the database for the same", micro(in.baseTransaction) + ", " + micro(in.baseMember)},
		{"journeys of a transaction, and one journey", fmt.Sprintf("%d, %s", in.journeys, micro(in.journey))},
		{"flush of the log", micro(in.flush)},
		{"until a synchronous standby has it", micro(in.standby)},
		{"octets of the log for each member", fmt.Sprint(in.logMember)},
		{"octets that log and standby take", fmt.Sprintf("%d MB/s", in.logRate/1_000_000)},
		{"until the carrier answers, until its receipt comes", fmt.Sprintf("%v, %v", in.carrier, in.receipt)},
		{"small transactions of a node: heartbeat, shares, changes", fmt.Sprintf("%d/s", in.housekeeping)},
		{"a heartbeat is dead after, the others look every", fmt.Sprintf("%v, %v", in.stale, in.look)},
		{"processor of the database for an adopted message, messages in a step", fmt.Sprintf("%s, %d", micro(in.adoptMember), in.adoptStep)},
		{"connections of a node, at most", fmt.Sprint(in.connections)},
	}
}

func micro(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }
