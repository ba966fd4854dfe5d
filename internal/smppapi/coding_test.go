package smppapi

import "testing"

// data_coding 1 is IA5, but node's smpp and others put the GSM alphabet under it. Its septets below the space give it away.
func TestIA5OrGSM(t *testing.T) {
	c, ok := codingOf(0x01, "")
	if !ok {
		t.Fatal("data_coding 1 is not known")
	}
	for octets, want := range map[string]string{
		"me@example.org_$ [x] {y}":     "me@example.org_$ [x] {y}",
		"two\r\nlines":                 "two\r\nlines",
		"Ciao \x1b\x65 \x00 \x1b\x28":  "Ciao € @ {",
		"perch\x05, \x7f l'una, 5\x01": "perché, à l'una, 5£",
		"a\x11b":                       "a_b",
	} {
		if got, ok := c.decode([]byte(octets)); !ok || got != want {
			t.Errorf("%q is read as %q, %t; want %q", octets, got, ok, want)
		}
	}
	if got, ok := c.decode([]byte("caf\xe9")); ok {
		t.Errorf("an octet with its high bit is read, as %q", got)
	}
}
