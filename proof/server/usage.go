package server

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Usage is what a process has used so far.
type Usage struct {
	CPU  time.Duration // user and system
	Peak int64         // the most memory it ever had, in octets
}

// ticks is the unit of CPU time in /proc: USER_HZ is 100 on every Linux.
const ticks = 10 * time.Millisecond

// UsageOf reads /proc; it is an error where there is none.
func UsageOf(pid int) (u Usage, err error) {
	if u.CPU, err = cpuOf(pid, 2); err != nil {
		return u, err
	}
	u.Peak, err = kib(pid, "status", "VmHWM:")
	return u, err
}

// cpuOf adds up the first of utime, stime, cutime, cstime: the process itself, and the children it has waited for.
func cpuOf(pid, fields int) (cpu time.Duration, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(stat, []byte(") ")) // the name before it may hold anything
	values := strings.Fields(string(after))
	if len(values) < 15 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, stat)
	}
	for _, value := range values[11 : 11+fields] {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return 0, err
		}
		cpu += time.Duration(n) * ticks
	}
	return cpu, nil
}

// kib reads a line like "VmHWM: 123 kB" of a file of a process, as octets.
func kib(pid int, file, name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut("\n"+string(text), "\n"+name)
	fields := strings.Fields(after)
	if len(fields) < 1 {
		return 0, fmt.Errorf("/proc/%d/%s has no %s", pid, file, name)
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	return n << 10, err
}
