package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// notationLimit is how many ways of writing an id are tried, its own included.
const notationLimit = 16

// writers are other ways in which carriers write the same id: without leading zeros, in the other letter case, hex for
// decimal and decimal for hex, with and without zeros in front. Empty: the id is no number in that base.
var writers = [notationLimit - 1]func(ref string) string{
	func(ref string) string { return strings.TrimLeft(ref, "0") },
	strings.ToUpper,
	strings.ToLower,
	rewritten(10, "%x"), rewritten(10, "%X"), rewritten(10, "%08x"), rewritten(10, "%08X"), rewritten(10, "%010d"), rewritten(10, "%020d"),
	rewritten(16, "%d"), rewritten(16, "%010d"), rewritten(16, "%x"), rewritten(16, "%X"), rewritten(16, "%08x"), rewritten(16, "%08X"),
}

// rewritten reads an id in a base and writes its number in a format.
func rewritten(base int, format string) func(ref string) string {
	return func(ref string) string {
		n, err := strconv.ParseUint(ref, base, 64)
		if err != nil {
			return ""
		}
		return fmt.Sprintf(format, n)
	}
}

// notations are the other ways of writing an id, each once.
func notations(ref string) (forms []string) {
	for _, write := range writers {
		if form := write(ref); form != "" && form != ref && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// habits are the notations by which the last receipts of carriers were found, as places in writers. Used by the commit
// loop alone. After a restart they are learnt anew: they only say what to try first.
type habits map[sms.CarrierID]int

// notations are those of an id, the carrier's habit first.
func (h habits) notations(carrier sms.CarrierID, ref string) []string {
	forms := notations(ref)
	habit, ok := h[carrier]
	if !ok {
		return forms
	}
	if i := slices.Index(forms, writers[habit](ref)); i > 0 {
		forms = slices.Insert(slices.Delete(forms, i, i+1), 0, writers[habit](ref))
	}
	return forms
}

// learn notes how a carrier wrote in a receipt the id that it gave as form.
func (h habits) learn(carrier sms.CarrierID, ref, form string) {
	if habit, ok := h[carrier]; ok && writers[habit](ref) == form {
		return // as always: an id that several ways write alike says nothing new
	}
	h[carrier] = slices.IndexFunc(writers[:], func(write func(string) string) bool { return write(ref) == form })
}
