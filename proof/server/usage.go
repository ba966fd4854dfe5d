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
func UsageOf(pid int) (Usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, err
	}
	_, after, _ := bytes.Cut(stat, []byte(") ")) // the name before it may hold anything
	fields := strings.Fields(string(after))
	if len(fields) < 13 {
		return Usage{}, fmt.Errorf("/proc/%d/stat: %q", pid, stat)
	}
	var u Usage
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return Usage{}, err
		}
		u.CPU += time.Duration(n) * ticks
	}
	u.Peak, err = peak(pid)
	return u, err
}

func peak(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) < 1 {
		return 0, fmt.Errorf("/proc/%d/status has no VmHWM", pid)
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10, err
}
