package smpp

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/peertest"
)

// TestDissector has the octets of every PDU read by a decoder that others wrote.
func TestDissector(t *testing.T) {
	tshark := peertest.Program(t, "tshark", "tshark")
	var want []string
	pcap := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	pcap = append(pcap, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0) // raw IP
	position := uint32(1)
	for _, v := range vectors() {
		frame, err := AppendPDU(nil, v.head.Status, v.head.Sequence, v.pdu)
		if err != nil {
			t.Fatal(err)
		}
		pcap = appendPacket(pcap, position, frame)
		position += uint32(len(frame))
		want = append(want, "0x"+hex8(uint32(v.head.ID)))
	}
	file := filepath.Join(t.TempDir(), "smpp.pcap")
	if err := os.WriteFile(file, pcap, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-n", "-r", file, "-d", "tcp.port==2775,smpp",
		"-T", "fields", "-e", "smpp.command_id", "-e", "_ws.malformed", "-e", "_ws.expert.message").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	for n, v := range vectors() {
		if n >= len(lines) || strings.TrimSpace(lines[n]) != want[n] {
			t.Errorf("%s: %q, want %s and no complaint", v.name, lines[min(n, len(lines)-1)], want[n])
		}
	}
}

// appendPacket wraps a frame in IPv4 and TCP.
func appendPacket(dst []byte, position uint32, frame []byte) []byte {
	n := 40 + len(frame)
	dst = binary.LittleEndian.AppendUint32(dst, position) // a time that rises
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	dst = append(dst, 0x45, 0, byte(n>>8), byte(n), 0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	dst = append(dst, 0x9c, 0x40, 0x0a, 0xd7) // 40000 to 2775
	dst = binary.BigEndian.AppendUint32(dst, position)
	dst = append(dst, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0)
	return append(dst, frame...)
}
