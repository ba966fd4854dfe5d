package store

import (
	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/sms"
)

// events is what a group writes about events where a statement costs a journey.
type events struct {
	told     []newEvent
	attempts []sms.Attempt
}

func (s *setBased) addEvent(e newEvent) error {
	s.events.told = append(s.events.told, e)
	return nil
}

func (s *setBased) addAttempt(a sms.Attempt) error {
	s.events.attempts = append(s.events.attempts, a)
	return nil
}

const insertEventsSQL = insertEventSQL + ` SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
	$6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])`

func (s *setBased) flushEvents(batch *pgx.Batch) {
	if len(s.events.told) > 0 {
		var columns [13]column
		for _, e := range s.events.told {
			seen := int64(0)
			if e.seen {
				seen = 1
			}
			for i, value := range [...]any{int64(e.id), int64(e.message.Account), int64(e.message.ID), int64(e.part), int64(e.state), seen,
				e.code, e.reason, int64(e.price), e.moment(), e.recorded.UnixMilli(), int64(e.way), int64(e.kind)} {
				columns[i].add(value, len(s.events.told))
			}
		}
		queueColumns(batch, insertEventsSQL, columns[:])
	}
	if len(s.events.attempts) > 0 {
		s.flushAttempts(batch)
	}
	s.events = events{}
}

func queueColumns(batch *pgx.Batch, query string, columns []column) {
	args := make([]any, len(columns))
	for i := range columns {
		args[i] = columns[i].array()
	}
	batch.Queue(query, args...)
}

const settleAllSQL = `UPDATE event e SET stage = u.stage, due_at = u.due_at, ended_at = u.ended_at, attempts = e.attempts - u.back,
	tries = e.tries - u.back FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
	AS u (id, number, stage, due_at, ended_at, back) WHERE e.id = u.id AND e.stage = 0 AND (e.attempts = u.number OR u.stage = 1)`

const insertAttemptsSQL = insertAttemptSQL + `
	SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[], $8::text[]) ON CONFLICT DO NOTHING`

func (s *setBased) flushAttempts(batch *pgx.Batch) {
	var settled [6]column
	var tried [8]column
	n := len(s.events.attempts)
	for _, a := range s.events.attempts {
		due, ended, back := settleColumns(a, s.tx.now)
		for i, value := range [...]any{int64(a.Event), int64(a.Number), int64(a.Stage), nullable(due), nullable(ended), back} {
			settled[i].add(value, n)
		}
		if a.Void {
			continue
		}
		for i, value := range [...]any{int64(a.Event), int64(a.Number), a.At.UnixMilli(), a.Duration.Milliseconds(), int64(a.Status), a.Error, octets(a.Response), a.Receiver} {
			tried[i].add(value, n)
		}
	}
	queueColumns(batch, settleAllSQL, settled[:])
	if tried[0].rows > 0 {
		queueColumns(batch, insertAttemptsSQL, tried[:])
	}
}
