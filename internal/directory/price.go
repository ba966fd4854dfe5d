package directory

import (
	"strconv"

	"github.com/staffetta/staffetta/internal/sms"
)

// maxDigits is the length of the longest number, E.164 §6.
const maxDigits = 15

// tariff is a price list. Prefixes are kept as numbers, like the destinations that they are compared with; the
// empty prefix is 0, for no number begins with 0.
type tariff struct {
	parts map[sms.Number]sms.Money
	count [maxDigits + 1]int // prefixes of each length
}

func newTariff() *tariff { return &tariff{parts: make(map[sms.Number]sms.Money)} }

// prefixNumber is false for a text that no number can begin with.
func prefixNumber(prefix string) (sms.Number, bool) {
	if prefix == "" {
		return 0, true
	}
	if len(prefix) > maxDigits || prefix[0] < '1' || prefix[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(prefix, 10, 64)
	return sms.Number(n), err == nil
}

func (t *tariff) set(prefix string, part sms.Money) {
	n, ok := prefixNumber(prefix)
	if !ok {
		return
	}
	if _, known := t.parts[n]; !known {
		t.count[len(prefix)]++
	}
	t.parts[n] = part
}

func (t *tariff) remove(prefix string) {
	n, ok := prefixNumber(prefix)
	if !ok {
		return
	}
	if _, known := t.parts[n]; known {
		t.count[len(prefix)]--
		delete(t.parts, n)
	}
}

// find is the price of the longest prefix of the number.
func (t *tariff) find(to sms.Number) (sms.Money, bool) {
	for length := digits(to); length > 0; length-- {
		if t.count[length] > 0 {
			if part, ok := t.parts[to]; ok {
				return part, true
			}
		}
		to /= 10
	}
	part, ok := t.parts[0]
	return part, ok
}

func digits(n sms.Number) int {
	length := 0
	for ; n > 0 && length < maxDigits; n /= 10 {
		length++
	}
	return length
}

// PartPrice is what one part to that number costs the account: by the longest prefix in its own list, then in the
// general one, and 0 when neither knows the number. It does not allocate.
func (d *Directory) PartPrice(account sms.AccountID, to sms.Number) sms.Money {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if list := d.prices[account]; list != nil {
		if part, ok := list.find(to); ok {
			return part
		}
	}
	if list := d.prices[0]; list != nil {
		part, _ := list.find(to)
		return part
	}
	return 0
}
