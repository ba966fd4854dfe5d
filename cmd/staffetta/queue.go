package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type queueCommands struct {
	Show queueShow `cmd:"" help:"Show how many messages wait, by carrier, account and priority."`
}

type queueShow struct{ output }

func (queueShow) Help() string {
	return `Counts what waits on all servers: exactly up to 100,000 of an account for a carrier, then "more than". OLDEST is how long ago the
oldest of them was accepted.

Example:

    staffetta queue show`
}

func (c queueShow) Run(t *terminal) error {
	queue, err := ask(t, existing, admin.ShowQueue, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, queue, func(w io.Writer) {
		if len(queue.Lanes) == 0 {
			fmt.Fprintln(w, "nothing waits for a carrier")
		} else {
			fmt.Fprintln(w, "CARRIER\tACCOUNT\tPRIORITY\tMESSAGES\tOLDEST")
		}
		for _, l := range queue.Lanes {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.Carrier, l.Account, l.Priority, counted(l.Messages, l.More), time.Since(l.Oldest).Round(time.Second))
		}
		fmt.Fprintf(w, "%s scheduled, %s wait for the next attempt\n", counted(queue.Scheduled.Messages, queue.Scheduled.More), counted(queue.Again.Messages, queue.Again.More))
	})
}

func counted(n int, more bool) string {
	if more {
		return fmt.Sprintf("more than %d", n)
	}
	return fmt.Sprint(n)
}

type nodeCommands struct {
	List nodeList `cmd:"" help:"List the servers that share the database."`
}

type nodeList struct{ output }

func (nodeList) Help() string {
	return `HEARTBEAT is how long ago it was renewed; after 10 s a server sends nothing, after 15 s others take its messages over. A command
is a node too while it runs. A data folder has one.

Example:

    staffetta node list`
}

func (c nodeList) Run(t *terminal) error {
	nodes, err := ask(t, existing, admin.ListNodes, admin.Nothing{})
	if err != nil {
		return err
	}
	return c.print(t, nodes, func(w io.Writer) {
		fmt.Fprintln(w, "NODE\tEPOCH\tHEARTBEAT\tSTATE\tVERSION")
		for _, n := range nodes {
			fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\n", n.Number, n.Epoch, n.Age.Round(time.Second), nodeState(n), n.Version)
		}
	})
}

func nodeState(n admin.Node) string {
	switch {
	case !n.Alive:
		return "gone"
	case n.Serving && n.Self:
		return "serving, this one"
	case n.Serving:
		return "serving"
	case n.Self:
		return "this command"
	}
	return "a command"
}
