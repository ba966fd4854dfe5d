package checker

import (
	"errors"
	"fmt"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// Err names everything that breaks a promise; nil when nothing does.
func (f Finding) Err() error {
	return errors.Join(
		complain("accepted, and nowhere", f.Missing),
		complain("sent twice without an excuse", f.Unexcused),
		complain("unknown to the gateway", f.Forgotten),
		complain("at the carrier, and never offered", f.Foreign),
		complain("at the carrier under another's destination", f.Mixed))
}

func complain(what string, numbers []uint64) error {
	if len(numbers) == 0 {
		return nil
	}
	numbers = slices.Sorted(slices.Values(numbers))
	return fmt.Errorf("%d messages %s, such as %d", len(numbers), what, numbers[:min(5, len(numbers))])
}

// Credit checks that an account paid for the given number of messages and nothing else.
func Credit(opening sms.Money, now sms.Balance, paid int, price sms.Money) error {
	if want := opening - sms.Money(paid)*price; now.Credit != want || now.Reserved != 0 {
		return fmt.Errorf("credit %v € of which %v € reserved, want %v € and none: %d messages at %v € from %v €",
			now.Credit, now.Reserved, want, paid, price, opening)
	}
	return nil
}

// String is one line for a log.
func (f Finding) String() string {
	return fmt.Sprintf("accepted %d, at the carrier %d (%d without an answer), sent twice %d (%d in flight, %d answered and not recorded), held %d, waiting %d, missing %d; states %v",
		f.Accepted, f.AtCarrier, f.Unasked, f.Twice, f.InFlight, f.Answered, f.Held, f.Waiting, len(f.Missing), f.States)
}
