package sms

import (
	"strings"
	"testing"
)

func TestRolesComeBackFromTheirNames(t *testing.T) {
	for _, role := range append([]Role{RoleOperator}, Roles...) {
		if got, ok := ParseRole(role.String()); !ok || got != role {
			t.Errorf("%v is read as %v, %v", role, got, ok)
		}
		var read Role
		text, err := role.MarshalText()
		if err != nil || read.UnmarshalText(text) != nil || read != role {
			t.Errorf("%s became %v", text, read)
		}
	}
	for _, wrong := range []string{"", "none", "Owner", "root", "invalid"} {
		if role, ok := ParseRole(wrong); ok {
			t.Errorf("%q is %v", wrong, role)
		}
	}
}

func TestCleanEmail(t *testing.T) {
	for text, want := range map[string]string{"Ada@Example.com ": "ada@example.com", "a+b.c@sub.example.com": "a+b.c@sub.example.com", "à@example.com": "à@example.com",
		"root@localhost": "root@localhost"} {
		if got, ok := CleanEmail(text); !ok || got != want {
			t.Errorf("%q is read as %q, %v", text, got, ok)
		}
	}
	for _, wrong := range []string{"", "a", "@", "a@", "@b", "a@b@c", "a b@example.com", "a@example.com\nBcc: x@example.com", "<a@example.com>", "a@.com", "a@com.", "a@a..b",
		"a,b@example.com", "\"a\"@example.com", strings.Repeat("a", 250) + "@example.com", "a@example.com\x00"} {
		if got, ok := CleanEmail(wrong); ok {
			t.Errorf("%q is read as %q", wrong, got)
		}
	}
}
