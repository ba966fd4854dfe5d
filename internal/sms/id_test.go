package sms_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/internal/sms"
)

var someDay = time.Date(2026, 7, 8, 9, 10, 11, 123_000_000, time.UTC)

func TestIDCarriesTimeAndNode(t *testing.T) {
	id := sms.MakeID(someDay.Add(999*time.Microsecond), 513, 4095)
	if !id.Time().Equal(someDay) || id.Node() != 513 || id&0xfff != 4095 {
		t.Errorf("time %v, node %d, sequence %d", id.Time(), id.Node(), id&0xfff)
	}
}

// The numbers are stored: the layout must never change.
func TestIDLayout(t *testing.T) {
	if got := sms.MakeID(time.Date(2025, 1, 1, 0, 0, 1, 0, time.UTC), 1, 2); got != 1000<<22|1<<12|2 {
		t.Errorf("%d", got)
	}
}

func TestIDsAscendWhateverTheClockDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.IntRange(0, sms.MaxNode).Draw(t, "node")
		highest := sms.ID(0)
		if rapid.Bool().Draw(t, "has stored") {
			ahead := time.Duration(rapid.Int64Range(-5_000, 5_000).Draw(t, "stored ahead of the clock")) * time.Millisecond
			highest = sms.MakeID(someDay.Add(ahead), rapid.IntRange(0, sms.MaxNode).Draw(t, "stored node"), rapid.IntRange(0, 4095).Draw(t, "sequence"))
		}
		source, last, now := sms.NewIDSource(node, highest), highest, someDay
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(-2_000, 2_000).Draw(t, "the clock moves")) * time.Millisecond)
			for range rapid.SampledFrom([]int{1, 1, 1, 5000}).Draw(t, "at once") {
				id := source.Next(now)
				if id <= last || id.Node() != node {
					t.Fatalf("%x of node %d after %x; the node is %d", int64(id), id.Node(), int64(last), node)
				}
				last = id
			}
		}
	})
}

func TestIDsFollowTheClockAgain(t *testing.T) {
	source := sms.NewIDSource(3, 0)
	for range 5000 { // more than the sequence numbers of a millisecond
		source.Next(someDay)
	}
	if id := source.Next(someDay.Add(time.Second)); !id.Time().Equal(someDay.Add(time.Second)) {
		t.Errorf("an ID of %v", id.Time())
	}
}

// A machine whose clock stands at 1970 still makes ids that can be read back.
func TestIDsBeforeTheEpochCanBeRead(t *testing.T) {
	ids := sms.NewPublicIDs([]byte("secret"))
	source := sms.NewIDSource(1, 0)
	for range 3 {
		id := source.Next(time.Unix(0, 0))
		if back, ok := ids.Parse(ids.Format(id)); !ok || back != id || id.Node() != 1 {
			t.Errorf("%d of node %d comes back as %d, %v", id, id.Node(), back, ok)
		}
	}
}

// RFC 9562 §5.7: 48 bits of milliseconds since 1970, version 7, variant 10.
func TestPublicIDIsAUUIDOfVersion7(t *testing.T) {
	id := sms.MakeID(someDay, 513, 0xabc)
	text := sms.NewPublicIDs([]byte("secret")).Format(id)
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(raw) != 16 || len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		t.Fatalf("%q is no UUID: %v", text, err)
	}
	if text != strings.ToLower(text) {
		t.Errorf("%q is not in lower case (RFC 9562 §4)", text)
	}
	ms := int64(0)
	for _, octet := range raw[:6] {
		ms = ms<<8 | int64(octet)
	}
	if ms != someDay.UnixMilli() {
		t.Errorf("unix_ts_ms %d, want %d", ms, someDay.UnixMilli())
	}
	if raw[6]>>4 != 7 || raw[8]>>6 != 0b10 {
		t.Errorf("version %d, variant %b", raw[6]>>4, raw[8]>>6)
	}
	if sequence := int(raw[6]&0xf)<<8 | int(raw[7]); sequence != 0xabc {
		t.Errorf("rand_a %x, want the sequence", sequence)
	}
}

func TestPublicIDsComeBack(t *testing.T) {
	ids := sms.NewPublicIDs([]byte("secret"))
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(1735689600001, 1735689600000+1<<41-1).Draw(t, "ms"))
		id := sms.MakeID(at, rapid.IntRange(0, sms.MaxNode).Draw(t, "node"), rapid.IntRange(0, 4095).Draw(t, "sequence"))
		text := ids.Format(id)
		for _, form := range []string{text, strings.ToUpper(text)} {
			if back, ok := ids.Parse(form); !ok || back != id {
				t.Fatalf("%d is %s and comes back as %d, %v", id, form, back, ok)
			}
		}
	})
}

func TestPublicIDsSortByAcceptance(t *testing.T) {
	ids, source := sms.NewPublicIDs([]byte("secret")), sms.NewIDSource(1, 0)
	last := ""
	for range 10_000 {
		text := ids.Format(source.Next(someDay))
		if text <= last {
			t.Fatalf("%s after %s", text, last)
		}
		last = text
	}
}

// Neither a changed digit nor another server's id nor a UUID of the caller's own names a message, and none of them
// gives a number away that could be taken for one.
func TestPublicIDsRefuseWhatTheyDidNotMake(t *testing.T) {
	ids := sms.NewPublicIDs([]byte("secret"))
	rapid.Check(t, func(t *rapid.T) {
		id := sms.MakeID(someDay.Add(time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "ms"))*time.Millisecond), 1, 0)
		text := []byte(ids.Format(id))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "place")
		digit := rapid.SampledFrom([]byte("0123456789abcdefg-")).Draw(t, "digit")
		if text[at] == digit {
			return
		}
		text[at] = digit
		if got, ok := ids.Parse(string(text)); ok || got != 0 {
			t.Fatalf("%s was read as %d, %v", text, got, ok)
		}
	})
	for _, text := range []string{
		"", "m-1", "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
		"01942222-2800-7000-8000-000000000000", "{" + ids.Format(sms.MakeID(someDay, 1, 0)) + "}",
		strings.ReplaceAll(ids.Format(sms.MakeID(someDay, 1, 0)), "-", ""), ids.Format(sms.MakeID(someDay, 1, 0)) + "\n",
		ids.Format(0), ids.Format(sms.MakeID(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), 1, 0)), // no message is that old
		sms.NewPublicIDs([]byte("another secret")).Format(sms.MakeID(someDay, 1, 0)),
	} {
		if got, ok := ids.Parse(text); ok || got != 0 {
			t.Errorf("%q was read as %d, %v", text, got, ok)
		}
	}
}

func TestPublicIDsServeManyAtOnce(t *testing.T) {
	ids := sms.NewPublicIDs([]byte("secret"))
	done := make(chan string, 8)
	for node := range 8 {
		go func() {
			for sequence := range 2000 {
				id := sms.MakeID(someDay, node, sequence)
				if back, ok := ids.Parse(ids.Format(id)); !ok || back != id {
					done <- "an id did not come back"
					return
				}
			}
			done <- ""
		}()
	}
	for range 8 {
		if complaint := <-done; complaint != "" {
			t.Error(complaint)
		}
	}
}

func BenchmarkPublicIDFormat(b *testing.B) {
	ids, id := sms.NewPublicIDs([]byte("secret")), sms.MakeID(someDay, 1, 0)
	b.ReportAllocs()
	for b.Loop() {
		ids.Format(id)
	}
}
