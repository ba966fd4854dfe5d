package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func printRows(results []result) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\tgateway\tmessages/s\taccepted/s\tp50\tp95\tp99\tcommits/s")
	for _, r := range results {
		commits := "–"
		if r.Commits >= 0 {
			commits = thousands(int(r.Commits))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, titleOf(r.Gateway), thousands(int(r.Rate)), thousands(int(r.Accept)),
			milliseconds(r.P50), milliseconds(r.P95), milliseconds(r.P99), commits)
	}
	_ = table.Flush()
	for _, r := range results {
		if len(r.OtherCodes) > 0 {
			fmt.Printf("%s, %s: other answers %v\n", titleOf(r.Gateway), r.Name, r.OtherCodes)
		}
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// printUsage says what each process took.
func printUsage(results []result) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\tgateway\tCPU s (µs/message)\tpeak memory")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Name, titleOf(r.Gateway), cpuOf(r), peakOf(r))
	}
	_ = table.Flush()
	fmt.Println("Peak memory is the highest resident set of a process; of postgres, the highest sum of the PSS of its processes, looked at every 200 ms.")
}

// names are the processes of a row, those of the gateway first.
func names(r result) (sorted []string) {
	for name := range r.CPU {
		sorted = append(sorted, name)
	}
	slices.SortFunc(sorted, func(a, b string) int {
		if x, y := helper(a), helper(b); x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return sorted
}

// helper is -1 for a process of the gateway.
func helper(name string) int { return slices.Index([]string{"load", "carrier", "customer"}, name) }

func cpuOf(r result) string {
	var parts []string
	for _, name := range names(r) {
		parts = append(parts, fmt.Sprintf("%s %.2f (%.1f)", name, r.CPU[name], r.PerMessage[name]))
	}
	return strings.Join(parts, ", ")
}

func peakOf(r result) string {
	var parts []string
	for _, name := range names(r) {
		if helper(name) < 0 {
			parts = append(parts, fmt.Sprintf("%s %d MB", name, r.Peak[name]>>20))
		}
	}
	return strings.Join(parts, ", ")
}

func printRatios(ratios []ratio) {
	if len(ratios) == 0 {
		return
	}
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "row\tratio of messages/s\t")
	for _, r := range ratios {
		fmt.Fprintf(table, "%s\t%s ÷ %s\t%.2f\n", r.Row, r.Of, r.To, r.Value)
	}
	_ = table.Flush()
}

func printCodec(lines []codecLine) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "codec\tns\tallocations\tsubmit_sm/s")
	for _, line := range lines {
		rate := ""
		if line.Rate > 0 {
			rate = fmt.Sprintf("%.0f", line.Rate)
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.0f\t%s\n", line.Name, line.NS, line.Allocs, rate)
	}
	_ = table.Flush()
}
