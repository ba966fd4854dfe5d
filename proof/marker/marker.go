// Package marker numbers the messages of a load, so that each can be recognised at the carrier.
//
// What comes in: the number of a message. What goes out: its text, its destination and its caller's id, each of fixed
// length, and the way back from a text. Text and destination carry the number independently: a text that arrives under
// the destination of another message is noticed.
package marker

// TextLen is the length of every text: a usual one-time code, one GSM-7 part.
const TextLen = idLen + len(rest)

const (
	digits = 10
	idLen  = 2 + digits
	rest   = " Your code is 482913. It is valid for five minutes; never tell it to anybody."

	destinationBase  = 393_000_000_000
	destinationRange = 1_000_000_000
)

// AppendID appends the caller's id of message n, "m-0000000042". n is below 10^10.
func AppendID(dst []byte, n uint64) []byte {
	var id [idLen]byte
	id[0], id[1] = 'm', '-'
	for i := idLen - 1; i > 1; i-- {
		id[i], n = byte('0'+n%10), n/10
	}
	return append(dst, id[:]...)
}

// ID is AppendID as a string.
func ID(n uint64) string { return string(AppendID(nil, n)) }

// AppendText appends the text of message n; it starts with the id.
func AppendText(dst []byte, n uint64) []byte { return append(AppendID(dst, n), rest...) }

// Destination is the number that message n goes to, as the carrier sees it: 12 digits, different for any 10^9
// messages in a row.
func Destination(n uint64) uint64 { return destinationBase + n%destinationRange }

// Parse returns the number of the message with this text, or this id.
func Parse(text []byte) (n uint64, ok bool) {
	if len(text) < idLen || text[0] != 'm' || text[1] != '-' {
		return 0, false
	}
	return Digits(text[2:idLen])
}

// Digits reads a decimal number and nothing else.
func Digits(text []byte) (n uint64, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, len(text) > 0
}
