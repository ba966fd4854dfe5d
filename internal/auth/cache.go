package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"
	"sync/atomic"
	"time"
)

const (
	successFor = 5 * time.Minute
	maxCached  = 1 << 17 // entries of about 100 bytes
)

// proof is what is remembered of a right password: an HMAC over user, password and stored hash under a key that
// only this process knows. It is worth nothing elsewhere, and a changed hash makes another one.
type proof [sha256.Size]byte

// successes remembers right passwords for five minutes from their last use, so that who calls steadily never waits
// for a hash. Nothing is lost by renewing: hashing the same password against the same stored hash again could not
// end in another way, and user, account and lists are looked at in every call.
type successes struct {
	start time.Time // so that setting the wall clock does not matter
	mu    sync.RWMutex
	until map[proof]*atomic.Int64 // a duration since start
}

func newSuccesses(start time.Time) *successes {
	return &successes{start: start, until: make(map[proof]*atomic.Int64)}
}

func (s *successes) known(p proof, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	until := s.until[p]
	if until == nil {
		return false
	}
	at := now.Sub(s.start)
	left := time.Duration(until.Load()) - at
	if left <= 0 {
		return false
	}
	if left < successFor-time.Second { // not with every call: the entry may be shared by many
		until.Store(int64(at + successFor))
	}
	return true
}

func (s *successes) remember(p proof, now time.Time) {
	at := now.Sub(s.start)
	until := new(atomic.Int64)
	until.Store(int64(at + successFor))
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.until[p]; !again {
		makeRoom(s.until, maxCached, func(old *atomic.Int64) bool { return old.Load() <= int64(at) })
	}
	s.until[p] = until
}

// digester computes HMAC-SHA256 under one key without allocating. Safe for concurrent use.
type digester struct{ pool sync.Pool }

type digest struct {
	mac  hash.Hash
	text []byte // what is digested: holds secrets, so it is wiped
	sum  []byte
}

func newDigester(key []byte) *digester {
	return &digester{sync.Pool{New: func() any { return &digest{mac: hmac.New(sha256.New, key)} }}}
}

// sum digests one text as it is.
func (d *digester) sum(text string) (sum proof) {
	work := d.pool.Get().(*digest)
	work.text = append(work.text[:0], text...)
	work.finish(&sum)
	d.pool.Put(work)
	return sum
}

// join digests several texts, each after its length, so that no two lists of texts are alike.
func (d *digester) join(texts ...string) (sum proof) {
	work := d.pool.Get().(*digest)
	work.text = work.text[:0]
	for _, text := range texts {
		work.text = binary.AppendUvarint(work.text, uint64(len(text)))
		work.text = append(work.text, text...)
	}
	work.finish(&sum)
	d.pool.Put(work)
	return sum
}

func (w *digest) finish(sum *proof) {
	w.mac.Reset()
	_, _ = w.mac.Write(w.text)
	clear(w.text)
	w.sum = w.mac.Sum(w.sum[:0])
	copy(sum[:], w.sum)
}

// processKey is a key that dies with the process.
func processKey() []byte {
	key := make([]byte, sha256.BlockSize)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	return key
}
