package status

import (
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// words translates a state into the contract's status and a description for people.
func (r *Reader) words(record *sms.Record) (status, description string) {
	m := record.Message
	switch record.State {
	case sms.Scheduled:
		return "SENT", "accepted, held until " + m.Due.Format(time.RFC3339)
	case sms.Queued, sms.Sending, sms.Sent:
		return underway(record)
	case sms.Delivered:
		return "DELIVERED", lapsedOr(record, "delivered to the handset", "no receipt came, and the account takes that for delivered")
	case sms.Expired:
		return "EXPIRED", r.because(record, "the validity period ended")
	case sms.Unknown:
		return "UNKNOWN", r.because(record, lapsedOr(record, "the carrier does not know what became of it", noReceipt))
	case sms.Cancelled:
		return "ERROR", "cancelled"
	case sms.Refused:
		return "ERROR", "refused: " + m.Refusal
	}
	return "ERROR", r.because(record, lapsedOr(record, "not delivered", noReceipt))
}

const noReceipt = "no receipt came within a day after the end of its validity"

// lapsedOr chooses the words for a state that parts came to because no receipt came.
func lapsedOr(record *sms.Record, ordinary, lapsed string) string {
	for _, p := range record.Message.Progress {
		if p.State == record.State && p.Lapsed {
			return lapsed
		}
	}
	return ordinary
}

// underway is for what is not at its end: SENT until a carrier has told anything of a part, then RECEIVED.
func underway(record *sms.Record) (status, description string) {
	m := record.Message
	var gone, seen, delivered int
	for _, p := range m.Progress {
		switch p.State {
		case sms.Delivered:
			delivered++
			gone++
		case sms.Sent, sms.Unknown:
			gone++
		}
		if p.Seen {
			seen++
		}
	}
	status = "SENT"
	if seen+delivered > 0 {
		status = "RECEIVED"
	}
	switch {
	case delivered > 0:
		return status, fmt.Sprintf("%d of %d parts delivered to the handset", delivered, m.Parts)
	case record.State == sms.Sent && seen > 0:
		return status, "the carrier has it and is trying"
	case record.State == sms.Sent:
		return status, "handed to the carrier"
	case gone > 0:
		return status, fmt.Sprintf("%d of %d parts handed to the carrier, waiting for the carrier to take the rest", gone, m.Parts)
	case !m.Due.IsZero():
		return status, "accepted, the carrier did not take it yet; tried again at " + m.Due.Format(time.RFC3339)
	case m.Attempts > 0:
		return status, "accepted, the carrier did not take it yet; being tried again"
	}
	return status, "accepted, waiting for the carrier"
}

// because prefers the recorded reason. It adds which part decided, when there are several, and the carrier's code.
func (r *Reader) because(record *sms.Record, ordinary string) string {
	text := ordinary
	if record.Reason != "" {
		text = record.Reason
	}
	m, decided, code := record.Message, 0, ""
	for i, p := range m.Progress {
		if p.State == record.State && (decided == 0 || code == "" && p.Code != "") {
			decided, code = i+1, p.Code
		}
	}
	if decided > 0 && m.Parts > 1 {
		text = fmt.Sprintf("part %d of %d: %s", decided, m.Parts, text)
	}
	if words := r.explained(m.Carrier, code); words != "" && record.Reason == "" {
		text += ": " + words
	}
	if code != "" {
		text += fmt.Sprintf(" (carrier code %s)", code)
	}
	return text
}
