package gsm

// FillBits returns the zero bits between a header of the given octets, length octet included, and the first septet,
// so that septets begin on a septet boundary of the user data, TS 23.040 §9.2.3.24. It is 0 to 6; 1 for the six
// octets of a concatenation header.
func FillBits(header int) int { return (7 - header*8%7) % 7 }

// Pack appends septets packed into octets, TS 23.038 §6.1.2.1.1: the first septet in the low bits, after fillBits
// zero bits (0 to 7). The top bit of each septet is ignored; spare bits at the end are zero.
//
// When seven bits are spare, a receiver that goes by octets alone sees one more septet of zero, an "@". A short
// message says its length in septets; USSD does not, see [PackUSSD].
func Pack(dst, septets []byte, fillBits int) []byte {
	held, bits := uint(0), inOctet(fillBits)
	for _, septet := range septets {
		held |= uint(septet&0x7F) << bits
		if bits += 7; bits >= 8 {
			dst = append(dst, byte(held))
			held >>= 8
			bits -= 8
		}
	}
	if bits > 0 && len(septets) > 0 {
		dst = append(dst, byte(held))
	}
	return dst
}

// Unpack appends the given number of septets from packed octets, one per octet, after skipping fillBits (0 to 7).
// Where packed holds fewer, it appends those. A negative number asks for all: with seven spare bits that is one more
// than was packed, since nothing in the octets tells.
func Unpack(dst, packed []byte, septets, fillBits int) []byte {
	fillBits = inOctet(fillBits)
	if held := max(len(packed)*8-fillBits, 0) / 7; septets < 0 || septets > held {
		septets = held
	}
	position := fillBits
	for range septets {
		octet, shift := position>>3, position&7
		septet := packed[octet] >> shift
		if shift > 1 {
			septet |= packed[octet+1] << (8 - shift)
		}
		dst = append(dst, septet&0x7F)
		position += 7
	}
	return dst
}

// inOctet holds fill bits to what an octet can have.
func inOctet(fillBits int) int { return min(max(fillBits, 0), 7) }

const carriageReturn = 0x0D

// PackUSSD appends septets packed for USSD, TS 23.038 §6.1.2.3.1, where no length is sent: a carriage return fills
// seven spare bits, and a text that ends on an octet boundary with a carriage return gets another one.
func PackUSSD(dst, septets []byte) []byte {
	last := len(septets) - 1
	pad := len(septets)%8 == 7 || last >= 0 && len(septets)%8 == 0 && septets[last] == carriageReturn
	if !pad {
		return Pack(dst, septets, 0)
	}
	padded := make([]byte, len(septets), len(septets)+1)
	copy(padded, septets)
	return Pack(dst, append(padded, carriageReturn), 0)
}

// UnpackUSSD appends the septets of packed octets and leaves out a carriage return that ends on an octet boundary:
// it is padding.
func UnpackUSSD(dst, packed []byte) []byte {
	start := len(dst)
	dst = Unpack(dst, packed, -1, 0)
	count := len(dst) - start
	if count > 0 && count%8 == 0 && dst[len(dst)-1] == carriageReturn {
		dst = dst[:len(dst)-1]
	}
	return dst
}
