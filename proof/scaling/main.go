package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	seed := flag.Uint64("seed", 1, "of all that is random")
	length := flag.Duration("length", time.Second, "simulated time of each line, after warming up")
	flag.Parse()
	if flag.NArg() > 0 || *length <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := report(os.Stdout, today(), *seed, *length); err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

// many accounts is what a cell has where a line is not about them.
const many = 100_000

// lines are what the first table shows.
func lines() (all []scenario) {
	for _, rate := range []float64{1_000, 5_000, 10_000, 15_000, 20_000} {
		all = append(all, scenario{nodes: 1, cells: 1, rate: rate, accounts: many})
	}
	for _, nodes := range []int{2, 4, 8, 20} {
		all = append(all, scenario{nodes: nodes, cells: 1, rate: float64(5_000 * nodes), accounts: many})
	}
	for _, sticky := range []bool{false, true} {
		for _, s := range []scenario{{accounts: 1000}, {accounts: 100}, {accounts: 1000, one: 0.01}, {accounts: 1000, one: 0.2}, {accounts: 1000, one: 1}} {
			s.nodes, s.cells, s.rate, s.sticky = 8, 1, 30_000, sticky
			all = append(all, s)
		}
	}
	for _, nodes := range []int{20, 50, 100} {
		all = append(all, scenario{nodes: nodes, cells: 1, rate: 20_000, accounts: many})
	}
	for _, cells := range []int{1, 2, 5, 10, 20} {
		all = append(all, scenario{nodes: 100, cells: cells, rate: 100_000, accounts: 10_000 / cells, sticky: true})
	}
	for _, sticky := range []bool{false, true} {
		all = append(all, scenario{nodes: 100, cells: 10, rate: 100_000, accounts: 1000, one: 0.1, sticky: sticky})
	}
	return all
}

func outages() []outage {
	return []outage{
		{scenario: scenario{nodes: 2, cells: 1, rate: 5_000, accounts: many}, left: 10_000},
		{scenario: scenario{nodes: 8, cells: 1, rate: 20_000, accounts: many}, left: 10_000},
		{scenario: scenario{nodes: 8, cells: 1, rate: 20_000, accounts: many}, left: 1_000_000},
		{scenario: scenario{nodes: 100, cells: 10, rate: 100_000, accounts: many}, left: 10_000},
	}
}

// report prints the inputs and the tables.
func report(to io.Writer, in inputs, seed uint64, length time.Duration) error {
	for _, i := range in.table() {
		fmt.Fprintf(to, "%-70s %s\n", i.name, i.value)
	}
	fmt.Fprintln(to)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "nodes\tcells\toffered/s\taccounts\tof one\tsticky\tdone/s\tnode CPU\tloop\tdatabase CPU\tlog\trow\tmembers/commit\tcommits/s\tconnections\tp50\tp99\t\tverdict\t")
	for _, s := range lines() {
		r := s.run(in, seed, length)
		fmt.Fprintf(table, "%d\t%d\t%.0f\t%d\t%s\t%v\t%.0f\t%s\t%s\t%s\t%s\t%s\t%.1f\t%.0f\t%d\t%s\t%s\t\t%s\t\n", r.nodes, r.cells, r.rate, r.accounts, percent(r.one), r.sticky,
			r.done, percent(r.node), percent(r.loop), percent(r.database), percent(r.log), percent(r.row), r.group, r.commits, r.connections, ms(r.p50), ms(r.p99), r.verdict())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(to)
	fmt.Fprintln(table, "nodes\tcells\toffered/s\tleft behind\tfirst sent again after\tall adopted after\tp99 before\tp99 while it is adopted\t")
	for _, o := range outages() {
		o = o.run(in, seed)
		fmt.Fprintf(table, "%d\t%d\t%.0f\t%d\t%.1f s\t%.1f s\t%s\t%s\t\n", o.nodes, o.cells, o.rate, o.left, o.again.Seconds(), o.all.Seconds(), ms(o.before), ms(o.while))
	}
	return table.Flush()
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func ms(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
