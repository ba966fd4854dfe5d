package main

import (
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/carrier/practice"
	"github.com/staffetta/staffetta/internal/console"
	"github.com/staffetta/staffetta/internal/sms"
)

// testNumber is one whose last two digits ask the practice carrier for nothing special.
const testNumber = "+393401234567"

// testNumbers are numbers with the outcomes of the practice carrier; none where there is no such carrier.
func (s *server) testNumbers() (numbers []console.TestNumber) {
	practises := func(c sms.Carrier) bool { return c.Kind == carrier.KindPractice }
	if !slices.ContainsFunc(s.directory.Carriers(), practises) {
		return nil
	}
	for _, o := range practice.Outcomes() {
		number := testNumber
		if !strings.ContainsFunc(o.Digits, func(c rune) bool { return c < '0' || c > '9' }) {
			number = testNumber[:len(testNumber)-len(o.Digits)] + o.Digits
		}
		numbers = append(numbers, console.TestNumber{Number: number, Outcome: o.Words})
	}
	return numbers
}
