package people

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

// BenchmarkSessionOf is what each request of the console costs: from memory, and read again.
func BenchmarkSessionOf(b *testing.B) {
	w := newWorld(b)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	token, _ := w.in("ada@example.com")
	b.Run("known", func(b *testing.B) {
		for b.Loop() {
			w.session(token)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			w.known.forget()
			w.session(token)
		}
	})
}
