package templates

import "time"

// QueueView is what waits, by carrier.
type QueueView struct {
	Carriers         []QueueCarrier
	More             bool // there are more accounts that wait than are listed
	Messages         int
	SomeMore         bool // there are more messages than Messages
	Oldest           time.Time
	Scheduled, Again HeldView
}

// QueueCarrier is what waits for one carrier.
type QueueCarrier struct {
	Name     string
	Messages int
	More     bool
	Lanes    []QueueLane
}

// QueueLane is what of one account waits at one priority.
type QueueLane struct {
	Account, Priority string
	Messages          int
	More              bool // there are more
	Oldest            time.Time
}

// HeldView is what waits for a moment.
type HeldView struct {
	Messages int
	More     bool
	Next     time.Time
}

// NodesView is the servers that share a database.
type NodesView struct{ Nodes []NodeLine }

// NodeLine is one process among them.
type NodeLine struct {
	Number               int
	Epoch                int64
	Age                  time.Duration
	Serving, Alive, Self bool
	Version              string
}

func counted(f *Frame, n int, more bool) string {
	if more {
		return f.T("more than %s", f.Number(int64(n)))
	}
	return f.Number(int64(n))
}

func queuePriority(f *Frame, name string) string {
	switch name {
	case "high":
		return f.T("high")
	case "low":
		return f.T("low")
	}
	return f.T("normal")
}

func (n NodeLine) state(f *Frame) (kind, text string) {
	switch {
	case !n.Alive:
		return "bad", f.T("gone")
	case n.Serving:
		return "good", f.T("serves")
	}
	return "calm", f.T("a command")
}

// age is how long ago a heartbeat was; of one that has left, nothing.
func (n NodeLine) age(f *Frame) string {
	if n.Age > 1000*24*time.Hour {
		return "–"
	}
	return f.T("%s ago", f.Span(n.Age))
}

func oldestWords(f *Frame, v QueueView) string {
	if v.Oldest.IsZero() {
		return ""
	}
	return f.T("the oldest for %s", f.Span(time.Since(v.Oldest)))
}

func nextWords(f *Frame, h HeldView) string {
	if h.Next.IsZero() {
		return ""
	}
	return f.T("the next at %s", f.Clock(h.Next))
}
