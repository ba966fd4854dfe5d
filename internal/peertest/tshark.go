package peertest

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Tshark runs the dissector over a file that a Capture saved, and returns its lines: of each packet of the filter the
// fields, with | between. The alphabet is what it takes data_coding 0 for, "None" to leave it.
func Tshark(t *testing.T, alphabet, file, filter string, fields ...string) []string {
	t.Helper()
	path := Program(t, "tshark", "tshark")
	arguments := []string{"-o", "smpp.decode_sms_over_smpp:" + alphabet, "-r", file, "-d", fmt.Sprintf("tcp.port==%d,smpp", ListenPort),
		"-Y", filter, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		arguments = append(arguments, "-e", f)
	}
	cmd := exec.CommandContext(t.Context(), path, arguments...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, stderr.String())
	}
	return strings.FieldsFunc(string(output), func(r rune) bool { return r == '\n' })
}

// Complaints fails the test for what tshark says against the packets of a filter: a note is enough. It returns how many
// PDUs it read.
func Complaints(t *testing.T, file, filter string) (pdus int) {
	t.Helper()
	const note = 0x00400000
	bad := fmt.Sprintf("(%s) && (_ws.malformed || _ws.short || _ws.expert.severity >= %d)", filter, note)
	for _, line := range Tshark(t, "None", file, bad, "frame.number", "_ws.col.Info", "_ws.expert.message") {
		t.Errorf("tshark: %s", line)
	}
	for _, n := range Commands(t, file, filter) {
		pdus += n
	}
	return pdus
}

// Commands counts the PDUs of a filter by their command_id, "0x00000004".
func Commands(t *testing.T, file, filter string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, line := range Tshark(t, "None", file, filter, "smpp.command_id") {
		for id := range strings.SplitSeq(line, ",") {
			count[id]++
		}
	}
	return count
}
