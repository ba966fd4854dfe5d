package gsm

// Concat8 returns the concatenation element with an 8-bit reference, TS 23.040 §9.2.3.24.1. index counts from 1.
func Concat8(ref, total, index byte) Element {
	return Element{ID: concat8, Data: []byte{ref, total, index}}
}

// Concat16 returns the concatenation element with a 16-bit reference, TS 23.040 §9.2.3.24.8. index counts from 1.
func Concat16(ref uint16, total, index byte) Element {
	return Element{ID: concat16, Data: []byte{byte(ref >> 8), byte(ref), total, index}}
}

// LockingShift returns the element that names the language of the locking shift table, TS 23.040 §9.2.3.24.16.
func LockingShift(language Language) Element {
	return Element{ID: lockingShift, Data: []byte{byte(language)}}
}

// SingleShift returns the element that names the language of the single shift table, TS 23.040 §9.2.3.24.15.
func SingleShift(language Language) Element {
	return Element{ID: singleShift, Data: []byte{byte(language)}}
}

// Ports16 returns the element for 16-bit application ports, TS 23.040 §9.2.3.24.4.
func Ports16(destination, source uint16) Element {
	return Element{ID: ports16, Data: []byte{byte(destination >> 8), byte(destination), byte(source >> 8), byte(source)}}
}
