package store

import "time"

// Self is the number of this process among those that share the database, and how long ago its last heartbeat that came
// through began. On SQLite, where there is one process, the age is zero.
func (s *Store) Self() (number int, age time.Duration) {
	if s.shared() {
		age = time.Since(s.born) - time.Duration(s.lease.Load())
	}
	return s.claim.Load().node, age
}
