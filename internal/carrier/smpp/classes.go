package smpp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// Classes is what one carrier means by a command_status where that is not what the table of refusals says.
type Classes map[smpp.CommandStatus]dispatch.Verdict

// class is the parameter that lists the statuses of one verdict: hexadecimal with 0x, or decimal.
func class(name string, verdict dispatch.Verdict) parameter {
	return parameter{name,
		func(a *Address) string { return a.Classes.list(verdict) },
		func(a *Address, text string) error {
			for code := range strings.SplitSeq(text, ",") {
				n, err := strconv.ParseUint(strings.TrimSpace(code), 0, 32)
				if err != nil || n == 0 {
					return sms.InvalidField(name, "must be codes of refusals between commas, such as 0x45,1025; %q is none", code)
				}
				status := smpp.CommandStatus(n)
				if _, twice := a.Classes[status]; twice {
					return sms.InvalidField(name, "0x%x stands in a list already: a code has one class", n)
				}
				if a.Classes == nil {
					a.Classes = Classes{}
				}
				a.Classes[status] = verdict
			}
			return nil
		}}
}

func (c Classes) list(verdict dispatch.Verdict) string {
	var codes []smpp.CommandStatus
	for status, v := range c {
		if v == verdict {
			codes = append(codes, status)
		}
	}
	slices.Sort(codes)
	var text []string
	for _, status := range codes {
		text = append(text, fmt.Sprintf("0x%x", uint32(status)))
	}
	return strings.Join(text, ",")
}
