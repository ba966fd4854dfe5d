package sms

import (
	"errors"
	"strings"
)

// Sender is the originating address of a message: alphanumeric ("MyCompany") or numeric (digits, with "+" when
// the caller wrote one). It is kept as the caller wrote it.
type Sender string

var errSender = errors.New("must be 1 to 11 of A-Z a-z 0-9 space . _ & + - with at least one letter, or 3 to 16 digits with an optional +")

// ParseSender checks a sender.
func ParseSender(text string) (Sender, error) {
	if digits := strings.TrimPrefix(text, "+"); onlyDigits(digits) {
		if len(digits) < 3 || len(digits) > 16 {
			return "", errSender
		}
		return Sender(text), nil
	}
	letter := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letter = true
		case c >= '0' && c <= '9', c == ' ', c == '.', c == '_', c == '&', c == '+', c == '-':
		default:
			return "", errSender
		}
	}
	if !letter || len(text) > 11 {
		return "", errSender
	}
	return Sender(text), nil
}

// Numeric reports whether the sender is a number, and its digits.
func (s Sender) Numeric() (digits string, ok bool) {
	digits = strings.TrimPrefix(string(s), "+")
	return digits, digits != "" && onlyDigits(digits)
}
