package main

import (
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/carrier/smpp"
)

// The help of `carrier add` names every parameter of an address.
func TestCarrierHelpNamesEveryParameter(t *testing.T) {
	_, err := smpp.ParseAddress("smpp://me@h?unknown=1")
	if err == nil {
		t.Fatal("unknown is a parameter")
	}
	_, list, _ := strings.Cut(err.Error(), "there are ")
	names := strings.Split(list, ", ")
	if len(names) < 30 {
		t.Errorf("the error names %v", names)
	}
	for _, name := range names {
		if !strings.Contains(carrierAdd{}.Help(), " "+name) {
			t.Errorf("the help does not name %s", name)
		}
	}
}
