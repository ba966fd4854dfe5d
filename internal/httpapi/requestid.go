package httpapi

import "math/rand/v2"

// Crockford's base 32: no letter that is mistaken for a digit when somebody reads it out on the telephone.
const requestIDAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// newRequestID makes 16 characters with 80 random bits. It is always our own: one that a client sends could
// forge lines of the log.
func newRequestID() string {
	var id [16]byte
	high, low := rand.Uint64(), rand.Uint64()
	for i := range 8 {
		id[i] = requestIDAlphabet[high&31]
		id[i+8] = requestIDAlphabet[low&31]
		high, low = high>>5, low>>5
	}
	return string(id[:])
}
