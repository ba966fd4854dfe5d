// Package country says of which country a number is.
//
// What comes in: an E.164 number. What goes out: the ISO 3166-1 alpha-2 code of the country whose plan the number is of,
// by calling code and, where countries share one (+1, +7, +44, +39 …), by the digits behind it.
//
// It knows numbering plans, not portability: it never says which network a number is in.
package country

import "github.com/staffetta/staffetta/internal/sms"

// longest is how many digits the longest entry of the tables has.
const longest = 7

// Of is the country of a number, such as "IT"; empty when its calling code belongs to no country (satellite and other
// global services), or is not assigned.
func Of(n sms.Number) string {
	digits := n.Digits()
	for length := min(longest, len(digits)); length > 0; length-- {
		if code, ok := callingCodes[digits[:length]]; ok {
			return code
		}
	}
	return ""
}

// Known reports whether a code is that of a country that Of can answer.
func Known(code string) bool {
	for _, known := range callingCodes {
		if known == code && code != "" {
			return true
		}
	}
	return false
}
