package smppapi

import (
	"context"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// BenchmarkRequest is the translation of a submit_sm.
func BenchmarkRequest(b *testing.B) {
	p, now := plain(func(p *smpp.SubmitSM) { p.RegisteredDelivery = 1 }), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, status := requestOf(p, sms.Settings{}, now); status != smpp.ESME_ROK {
			b.Fatal(status)
		}
	}
}

// gladIntake accepts everything at once, and keeps nothing.
type gladIntake struct{}

func (gladIntake) Begin(_ auth.Caller, _ string, _ *intake.Request, done func(intake.Answer, error)) {
	done(intake.Answer{Accepted: true, MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41"}, nil)
}

// BenchmarkSession is submit_sm on one session, window 100, over a real socket and without intake and store; the client
// shares the cores.
func BenchmarkSession(b *testing.B) {
	w := open(b, sms.Settings{})
	w.door.parts.Intake = gladIntake{}
	s, err := w.dial(smpp.DialConfig{Config: smpp.Config{Window: 100}})
	if err != nil {
		b.Fatal(err)
	}
	p := plain(nil)
	answered := make(chan struct{}, 100)
	done := func(smpp.Response) { answered <- struct{}{} }
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if s.Begin(context.Background(), p, done) != nil {
				return
			}
		}
	}()
	for range b.N {
		<-answered
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "submit_sm/s")
}
