// Package receipt turns what carriers report into the status of messages.
//
// What comes in: reports about parts, in the vocabulary of the server, and messages from handsets. What goes out:
// their durable record, and then an acknowledgement to the session that brought them. It never acknowledges what is
// not stored, and speaks no protocol.
package receipt

import "github.com/staffetta/staffetta/internal/sms"

// Store records reports; done is called once, after the commit or when the store refuses, and must not block.
type Store interface {
	Report(r sms.Report, done func(error))
	Inbound(in sms.Inbound, done func(error))
}

// Recorder is the step between carriers and the store.
type Recorder struct{ store Store }

// New makes the step.
func New(store Store) *Recorder { return &Recorder{store} }

// Report records what a carrier says about a part. done is called once, from any goroutine: with nil when the report
// is durable (acknowledge it), with an error when it is not (let the carrier keep and repeat it).
func (r *Recorder) Report(report sms.Report, done func(error)) { r.store.Report(report, done) }

// Inbound records a message from a handset; done as for Report.
func (r *Recorder) Inbound(in sms.Inbound, done func(error)) { r.store.Inbound(in, done) }
