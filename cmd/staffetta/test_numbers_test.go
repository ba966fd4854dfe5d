package main

import (
	"testing"

	"github.com/staffetta/staffetta/internal/carrier/practice"
	language "github.com/staffetta/staffetta/internal/console/words"
)

// What the practice carrier's numbers come to is said in every language of the console.
func TestOutcomesHaveTheirTranslation(t *testing.T) {
	for _, o := range practice.Outcomes() {
		if !language.Italian.Known(o.Words) {
			t.Errorf("%q has no Italian", o.Words)
		}
	}
}
