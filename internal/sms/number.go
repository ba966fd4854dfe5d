package sms

import (
	"errors"
	"strconv"
)

// Number is an E.164 number as its digits: +39340 is 39340. Seven to fifteen digits, the first not zero.
// The zero value is no number.
type Number int64

var errNumber = errors.New("must be an E.164 number of 7 to 15 digits with its country code, such as +393401234567")

// ParseNumber reads a number with a leading "+", "00" or nothing; the separators space . - ( ) are removed.
func ParseNumber(text string) (Number, error) {
	digits := make([]byte, 0, 20)
	plus := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			if len(digits) == cap(digits) {
				return 0, errNumber
			}
			digits = append(digits, c)
		case c == '+' && len(digits) == 0 && !plus:
			plus = true
		case c == ' ' || c == '.' || c == '-' || c == '(' || c == ')':
		default:
			return 0, errNumber
		}
	}
	if !plus && len(digits) > 2 && digits[0] == '0' && digits[1] == '0' {
		digits = digits[2:]
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return 0, errNumber
	}
	var n Number
	for _, c := range digits {
		n = n*10 + Number(c-'0')
	}
	return n, nil
}

// String writes "+" and the digits, the form of every answer.
func (n Number) String() string {
	if n == 0 {
		return ""
	}
	return string(strconv.AppendInt([]byte{'+'}, int64(n), 10))
}

// Digits writes the digits alone, the form on the wire of SMPP with TON 1.
func (n Number) Digits() string { return strconv.FormatInt(int64(n), 10) }
