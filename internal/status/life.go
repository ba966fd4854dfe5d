package status

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// Line is one thing that happened to a message.
type Line struct {
	At   time.Time
	What string
}

// Life tells everything that is known about a message, oldest first, for the operator's people. An unknown id is an
// error of class NotFound.
func (r *Reader) Life(ctx context.Context, id string) ([]Line, error) {
	record, err := r.record(ctx, 0, id)
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, sms.Errorf(sms.NotFound, "no message has the id %q", id)
	}
	incidents, err := r.store.Incidents(ctx, record.Message.ID)
	if err != nil {
		return nil, err
	}
	lines := r.beginning(record)
	for _, i := range incidents {
		lines = append(lines, Line{i.At, i.Kind + ": " + i.Detail})
	}
	lines = append(lines, partLines(record)...)
	slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
	return append(lines, ending(record)), nil
}

func (r *Reader) beginning(record *sms.Record) []Line {
	m := record.Message
	accepted := m.ID.Time()
	lines := []Line{
		{accepted, fmt.Sprintf("accepted as %s through %s by %s from %s", r.ids.Format(m.ID), m.Origin.Door, m.Origin.Credential, m.Origin.Address)},
		{accepted, fmt.Sprintf("from %s to %s: %s, %d characters, %d part(s) at %s €", m.Sender, m.Destination,
			gsm.Encoding(m.Encoding), gsm.Characters(m.Text), m.Parts, m.PartPrice)},
	}
	if m.CallerID != "" {
		lines = append(lines, Line{accepted, "the caller's id is " + m.CallerID})
	}
	if record.State == sms.Scheduled {
		lines = append(lines, Line{accepted, "held until " + m.Due.Format(time.RFC3339)})
	}
	return append(lines, Line{accepted, "valid until " + m.Expires.Format(time.RFC3339)})
}

func partLines(record *sms.Record) (lines []Line) {
	m := record.Message
	if !record.Sent.IsZero() {
		lines = append(lines, Line{record.Sent, fmt.Sprintf("taken by carrier %d", m.Carrier)})
	}
	for i, p := range m.Progress {
		text := fmt.Sprintf("part %d of %d: %s", i+1, m.Parts, p.State)
		if p.Ref != "" {
			text += ", carrier's id " + p.Ref
		}
		if p.Code != "" {
			text += ", carrier's code " + p.Code
		}
		if p.At.IsZero() {
			p.At = m.ID.Time()
		}
		lines = append(lines, Line{p.At, text})
	}
	return lines
}

func ending(record *sms.Record) Line {
	status, description := words(record)
	at := record.Final
	if at.IsZero() {
		at = time.Now().UTC()
	}
	return Line{at, fmt.Sprintf("now %s: %s", status, description)}
}
