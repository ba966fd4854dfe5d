package auth

import "crypto/rand"

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendRandom appends n base62 characters, each equally likely.
func appendRandom(dst []byte, n int) []byte {
	const fair = 256 - 256%len(base62) // bytes from here on would favour the first characters
	var random [64]byte
	for {
		_, _ = rand.Read(random[:]) // never fails: it ends the program instead
		for _, b := range random {
			if n == 0 {
				return dst
			}
			if int(b) < fair {
				dst = append(dst, base62[int(b)%len(base62)])
				n--
			}
		}
	}
}

func onlyBase62(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return true
}
