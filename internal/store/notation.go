package store

import (
	"fmt"
	"strconv"
)

// otherBase writes an id that is decimal as hexadecimal and the other way round, with and without zeros in front,
// in both letter cases.
func otherBase(ref string) (forms []string) {
	if n, err := strconv.ParseUint(ref, 10, 64); err == nil {
		forms = append(forms, fmt.Sprintf("%x", n), fmt.Sprintf("%X", n), fmt.Sprintf("%08x", n), fmt.Sprintf("%08X", n),
			fmt.Sprintf("%010d", n), fmt.Sprintf("%020d", n))
	}
	if n, err := strconv.ParseUint(ref, 16, 64); err == nil {
		forms = append(forms, strconv.FormatUint(n, 10), fmt.Sprintf("%010d", n), fmt.Sprintf("%x", n), fmt.Sprintf("%X", n),
			fmt.Sprintf("%08x", n), fmt.Sprintf("%08X", n))
	}
	return forms
}
