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
	fmt.Fprintln(table, "row\tgateway\tmessages/s\taccepted/s\tp50\tp95\tp99\tcommits/s\tCPU s (µs/message)\tpeak memory")
	for _, r := range results {
		commits := "–"
		if r.Commits >= 0 {
			commits = fmt.Sprintf("%.0f", r.Commits)
		}
		fmt.Fprintf(table, "%s\t%s\t%.0f\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Gateway, r.Rate, r.Accept,
			milliseconds(r.P50), milliseconds(r.P95), milliseconds(r.P99), commits, cpuOf(r), peakOf(r))
	}
	_ = table.Flush()
	for _, r := range results {
		if len(r.OtherCodes) > 0 {
			fmt.Printf("%s, %s: other answers %v\n", r.Gateway, r.Name, r.OtherCodes)
		}
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
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

func helper(name string) int { return slices.Index([]string{"load", "carrier"}, name) }

func cpuOf(r result) string {
	var parts []string
	for _, name := range names(r) {
		parts = append(parts, fmt.Sprintf("%s %.2f (%.1f)", name, r.CPU[name], r.CPU[name]/float64(max(r.Messages, 1))*1e6))
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

// printRatios compares our server with the others in each row where the gateway decides the rate.
func printRatios(results []result) {
	for _, r := range results {
		for _, other := range results {
			if r.Name == other.Name && r.Offered == 0 && r.Gateway == "staffetta" && other.Gateway != r.Gateway {
				fmt.Printf("%s: %s ÷ %s = %.2f\n", r.Name, r.Gateway, other.Gateway, r.Rate/other.Rate)
			}
		}
	}
}

func printCodec(lines []codecLine) {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "codec\tns\tallocations")
	for _, line := range lines {
		fmt.Fprintf(table, "%s\t%.1f\t%.0f\n", line.Name, line.NS, line.Allocs)
	}
	_ = table.Flush()
}
