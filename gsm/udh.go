package gsm

import "fmt"

// Information element identifiers of TS 23.040 §9.2.3.24 that this package reads. All others are kept as they are.
const (
	concat8      = 0x00 // concatenated short message, 8-bit reference
	ports8       = 0x04 // application port addressing, 8 bit
	ports16      = 0x05 // application port addressing, 16 bit
	concat16     = 0x08 // concatenated short message, 16-bit reference
	singleShift  = 0x24 // national language single shift
	lockingShift = 0x25 // national language locking shift
)

// Element is one information element: its identifier and its data, at most 255 octets.
type Element struct {
	ID   byte
	Data []byte
}

// UDH is a user data header, TS 23.040 §9.2.3.24: its elements in the order of the wire, unknown ones included.
type UDH struct {
	Elements []Element
}

// ParseUDH reads the header at the beginning of userData: a length octet, then elements. rest is what follows it.
// Both share userData's memory.
//
// A length that goes beyond userData, or elements that do not fill the header exactly, give an error that wraps
// [ErrHeader]. The standard then ignores the whole header: rest is still what follows it, nil when its end is beyond
// userData.
func ParseUDH(userData []byte) (header UDH, rest []byte, err error) {
	if len(userData) == 0 {
		return UDH{}, nil, fmt.Errorf("%w: no length octet", ErrHeader)
	}
	length := int(userData[0])
	if length >= len(userData) {
		return UDH{}, nil, fmt.Errorf("%w: length %d, but %d octets follow", ErrHeader, length, len(userData)-1)
	}
	body, rest := userData[1:1+length:1+length], userData[1+length:]
	count, err := countElements(body)
	if err != nil {
		return UDH{}, rest, err
	}
	if count == 0 {
		return UDH{}, rest, nil
	}
	header.Elements = make([]Element, 0, count)
	for len(body) > 0 {
		end := 2 + int(body[1])
		header.Elements = append(header.Elements, Element{ID: body[0], Data: body[2:end:end]})
		body = body[end:]
	}
	return header, rest, nil
}

// countElements returns how many elements fill body exactly.
func countElements(body []byte) (int, error) {
	count := 0
	for len(body) > 0 {
		if len(body) < 2 {
			return 0, fmt.Errorf("%w: element %#02x without a length", ErrHeader, body[0])
		}
		end := 2 + int(body[1])
		if end > len(body) {
			return 0, fmt.Errorf("%w: element %#02x of %d octets, but %d follow", ErrHeader, body[0], body[1], len(body)-2)
		}
		body = body[end:]
		count++
	}
	return count, nil
}

// Len returns the octets of the header on the wire, length octet included.
func (u UDH) Len() int {
	length := 1
	for _, element := range u.Elements {
		length += 2 + len(element.Data)
	}
	return length
}

// Append appends the header, length octet first. A header of more than 256 octets cannot be written: dst is returned
// as it was. One that leaves no room in a message, which [SplitWithUDH] and [WithUDH] refuse, is written.
func (u UDH) Append(dst []byte) []byte {
	length := u.Len() - 1
	if length > 255 {
		return dst
	}
	dst = append(dst, byte(length))
	for _, element := range u.Elements {
		dst = append(dst, element.ID, byte(len(element.Data)))
		dst = append(dst, element.Data...)
	}
	return dst
}

// Concatenation returns the reference (8 or 16 bits wide), the number of parts and the place of this one, from 1. ok
// is false when there is no such element. One that is malformed, or whose total or index is zero or whose index is
// beyond the total, is ignored (TS 23.040 §9.2.3.24.1); of several valid ones the last counts (§9.2.3.24).
func (u UDH) Concatenation() (ref, total, index int, ok bool) {
	for _, element := range u.Elements {
		r, t, i := 0, 0, 0
		switch data := element.Data; {
		case element.ID == concat8 && len(data) == 3:
			r, t, i = int(data[0]), int(data[1]), int(data[2])
		case element.ID == concat16 && len(data) == 4:
			r, t, i = int(data[0])<<8|int(data[1]), int(data[2]), int(data[3])
		}
		if i >= 1 && i <= t {
			ref, total, index, ok = r, t, i, true
		}
	}
	return ref, total, index, ok
}

// Languages returns the national languages that the header names, TS 23.040 §9.2.3.24.15 and .16; [Default] where it
// names none, or a reserved one. Of several the last counts.
func (u UDH) Languages() (locking, single Language) {
	for _, element := range u.Elements {
		if len(element.Data) != 1 || int(element.Data[0]) >= len(nationals) {
			continue
		}
		switch language := Language(element.Data[0]); element.ID {
		case lockingShift:
			locking = language
		case singleShift:
			single = language
		}
	}
	return locking, single
}

// Ports returns the application ports, TS 23.040 §9.2.3.24.3 and .4. ok is false when the header has none. Of several
// the last counts.
func (u UDH) Ports() (destination, source int, ok bool) {
	for _, element := range u.Elements {
		switch data := element.Data; {
		case element.ID == ports8 && len(data) == 2:
			destination, source, ok = int(data[0]), int(data[1]), true
		case element.ID == ports16 && len(data) == 4:
			destination, source, ok = int(data[0])<<8|int(data[1]), int(data[2])<<8|int(data[3]), true
		}
	}
	return destination, source, ok
}
