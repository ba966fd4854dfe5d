package server

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// TreeOf is what a process and all its descendants have used: the processor time of those that live and of those that
// were waited for. Peak is the memory that they hold now, each shared page counted once (the sum of their PSS).
func TreeOf(pid int) (Usage, error) {
	all := Usage{}
	for _, one := range append(descendants(pid), pid) {
		cpu, err := cpuOf(one, 4)
		if err != nil {
			if one == pid {
				return all, err
			}
			continue // it has ended meanwhile
		}
		all.CPU += cpu
		memory, err := kib(one, "smaps_rollup", "Pss:")
		if err != nil && one == pid {
			return all, err
		}
		all.Peak += memory
	}
	return all, nil
}

func descendants(pid int) (all []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	for field := range strings.FieldsSeq(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			all = append(append(all, child), descendants(child)...)
		}
	}
	return all
}
