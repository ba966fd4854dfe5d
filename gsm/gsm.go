// Package gsm turns text into what a short message carries, and back: the GSM 7 bit default alphabet with its
// extension and national language tables (3GPP TS 23.038), UCS-2, septet packing, the user data header
// (3GPP TS 23.040 §9.2.3.24), and the cutting of a long text into segments.
//
// In comes UTF-8 text, or the user data of a received message; out come octets for the wire, counts, or UTF-8 text.
// Invalid UTF-8 counts as U+FFFD. All functions are pure: no state, no clock, no input or output, safe for any number
// of goroutines. None panics whatever its input, and none keeps what it was given, except where a result is said to
// share memory with an argument.
//
// GSM-7 is handled unpacked, one septet per octet with the top bit clear, as SMPP carries it by default; [Pack] and
// [Unpack] translate to the form of the radio path. The package never decides a data_coding or an esm_class, and never
// chooses a reference number: those belong to the protocol and to the sender.
package gsm

// Encoding says how the characters of a message are held in octets.
type Encoding uint8

// The encodings of TS 23.038 §4.
const (
	GSM7   Encoding = iota // GSM 7 bit alphabet, one septet per octet here
	UCS2                   // UTF-16, big endian, surrogate pairs included
	Binary                 // octets without meaning to this package
)

// String returns "GSM-7", "UCS-2" or "8-bit"; "unknown" for any other value.
func (e Encoding) String() string {
	switch e {
	case GSM7:
		return "GSM-7"
	case UCS2:
		return "UCS-2"
	case Binary:
		return "8-bit"
	}
	return "unknown"
}

// Limits of one message, TS 23.040 §9.2.3.24.1: 140 octets of user data, less the header.
const (
	MaxOctets      = 140 // user data, header included
	MaxSeptets     = 160 // GSM-7, one part
	MaxPartSeptets = 153 // GSM-7, each of several parts
	MaxUnits       = 70  // UCS-2, one part
	MaxPartUnits   = 67  // UCS-2, each of several parts
	MaxParts       = 255 // what the concatenation header can number
)
