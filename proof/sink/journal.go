package sink

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

// Entry is one submit_sm as it came.
type Entry struct {
	Number      uint64 // of the message, read from its text; NoNumber: the text has none
	Destination uint64
	Session     uint64 // which bound session brought it; an index of Journal.Sessions
	Received    int64  // Unix nanoseconds
	Answered    int64  // when submit_sm_resp was handed to the connection; 0: never
}

// NoNumber stands for the number of a message whose text is not one of the load's.
const NoNumber = ^uint64(0)

// Session is the life of one bound session, in Unix nanoseconds; Ended is 0 while it lives.
type Session struct{ Bound, Ended int64 }

// Journal is the list of everything a carrier has taken. It only grows, and is safe for use by many goroutines.
type Journal struct {
	mu       sync.Mutex
	entries  []Entry
	sessions []Session
}

func (j *Journal) open() (session uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sessions = append(j.sessions, Session{Bound: time.Now().UnixNano()})
	return uint64(len(j.sessions) - 1)
}

func (j *Journal) end(session uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sessions[session].Ended = time.Now().UnixNano()
}

// add appends entries that came together and returns the index of the first.
func (j *Journal) add(entries []Entry) (first int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	first = len(j.entries)
	j.entries = append(j.entries, entries...)
	return first
}

func (j *Journal) answered(index []int, at int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, i := range index {
		j.entries[i].Answered = at
	}
}

// Len is how many submit_sm have come.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries)
}

// Entries is a copy of the list so far.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// Sessions is a copy of the sessions so far.
func (j *Journal) Sessions() []Session {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.sessions)
}

// Save writes the entries from index `from` on to a file, for a checker in another process.
func (j *Journal) Save(file string, from int) error {
	entries := j.Entries()[from:]
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = binary.Write(w, binary.LittleEndian, entries)
	return errors.Join(err, w.Flush(), f.Close())
}

// Load reads what Save has written.
func Load(file string) ([]Entry, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(data)/binary.Size(Entry{}))
	n, err := binary.Decode(data, binary.LittleEndian, entries)
	if err == nil && n != len(data) {
		err = io.ErrUnexpectedEOF
	}
	return entries, err
}
