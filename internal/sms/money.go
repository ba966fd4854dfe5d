package sms

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in micro-euro: 1 € is 1,000,000. Integers only: sums are exact.
type Money int64

// Euro is one euro.
const Euro Money = 1_000_000

// ParseMoney reads euro with at most six decimals: "100", "0.035", "-2.5", "+10". Neither exponents nor
// separators of thousands are read.
func ParseMoney(text string) (Money, error) {
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") || len(fraction) > 6 || !onlyDigits(whole) || !onlyDigits(fraction) {
		return 0, errors.New("an amount is written in euro with at most six decimals, such as 10 or 0.035")
	}
	value, err := strconv.ParseInt(whole+fraction+"000000"[len(fraction):], 10, 64)
	if err != nil || value > math.MaxInt64/1000 {
		return 0, errors.New("an amount is at most 9,223,372,036 euro")
	}
	if negative {
		value = -value
	}
	return Money(value), nil
}

// String writes euro with as many decimals as are needed: "0.035", "100".
func (m Money) String() string { return string(m.append(nil)) }

// MarshalJSON writes a JSON number of euro, exact to six decimals.
func (m Money) MarshalJSON() ([]byte, error) { return m.append(nil), nil }

// UnmarshalJSON reads a JSON number of euro with at most six decimals.
func (m *Money) UnmarshalJSON(data []byte) (err error) {
	*m, err = ParseMoney(string(data))
	return err
}

func (m Money) append(dst []byte) []byte {
	value := uint64(m)
	if m < 0 {
		dst, value = append(dst, '-'), -value
	}
	dst = strconv.AppendUint(dst, value/uint64(Euro), 10)
	fraction := value % uint64(Euro)
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := uint64(Euro) / 10; fraction > 0; unit /= 10 {
		dst = append(dst, byte('0'+fraction/unit))
		fraction %= unit
	}
	return dst
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
