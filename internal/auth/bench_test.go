package auth

import (
	"context"
	"net/netip"
	"testing"
)

func BenchmarkAuthenticate(b *testing.B) {
	w := newWorld(b)
	addr := netip.MustParseAddr("192.0.2.1")
	for name, c := range map[string]Credentials{
		"key":         {APIKey: w.key, HasKey: true},
		"wrong key":   {APIKey: newValue(w.dir.keys[w.id].ID), HasKey: true},
		"unknown key": {APIKey: newValue("000000000000"), HasKey: true},
		"basic":       {Username: "demo", Password: w.password, HasBasic: true},
	} {
		b.Run(name, func(b *testing.B) {
			_, _ = w.auth.Authenticate(context.Background(), c, addr)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = w.auth.Authenticate(context.Background(), c, addr)
			}
		})
		b.Run(name+" parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = w.auth.Authenticate(context.Background(), c, addr)
				}
			})
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	hash, err := HashPassword("correct horse")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		verify(hash, "correct horse")
	}
}
