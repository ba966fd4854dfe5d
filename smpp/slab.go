package smpp

// slab hands out pointers to new zero values, with one allocation for many of
// them. For one goroutine.
type slab[T any] struct{ free []T }

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.free = make([]T, 16)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}
