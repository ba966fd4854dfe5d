package smpp

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// TLV is one optional parameter. SMPP 3.4 §3.2.4.1. Value is at most 65,535
// octets and, after decoding, aliases the frame.
type TLV struct {
	Tag   TLVTag
	Value []byte
}

// TLVs are the optional parameters of a PDU in the order of the wire. A tag may
// be there several times; tags that this package does not know are kept.
type TLVs []TLV

// Get returns the value of the first parameter with the tag.
func (t TLVs) Get(tag TLVTag) ([]byte, bool) {
	for i := range t {
		if t[i].Tag == tag {
			return t[i].Value, true
		}
	}
	return nil, false
}

// Uint8 returns the first parameter with the tag; false if it is absent or not
// one octet long.
func (t TLVs) Uint8(tag TLVTag) (uint8, bool) {
	v, ok := t.Get(tag)
	if !ok || len(v) != 1 {
		return 0, false
	}
	return v[0], true
}

// Uint16 is Uint8 for two octets, big endian.
func (t TLVs) Uint16(tag TLVTag) (uint16, bool) {
	v, ok := t.Get(tag)
	if !ok || len(v) != 2 {
		return 0, false
	}
	return binary.BigEndian.Uint16(v), true
}

// Uint32 is Uint8 for four octets, big endian.
func (t TLVs) Uint32(tag TLVTag) (uint32, bool) {
	v, ok := t.Get(tag)
	if !ok || len(v) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(v), true
}

// String returns the first parameter with the tag as text up to its first NUL;
// many peers leave the NUL of a C-octet string away. The text aliases the value.
func (t TLVs) String(tag TLVTag) (string, bool) {
	v, ok := t.Get(tag)
	if !ok {
		return "", false
	}
	if i := bytes.IndexByte(v, 0); i >= 0 {
		v = v[:i]
	}
	return unsafe.String(unsafe.SliceData(v), len(v)), true
}

// Add appends a parameter; value is not copied.
func (t *TLVs) Add(tag TLVTag, value []byte) { *t = append(*t, TLV{tag, value}) }

// AddUint8 appends a parameter of one octet.
func (t *TLVs) AddUint8(tag TLVTag, v uint8) { t.Add(tag, []byte{v}) }

// AddUint16 appends a parameter of two octets, big endian.
func (t *TLVs) AddUint16(tag TLVTag, v uint16) {
	t.Add(tag, binary.BigEndian.AppendUint16(nil, v))
}

// AddUint32 appends a parameter of four octets, big endian.
func (t *TLVs) AddUint32(tag TLVTag, v uint32) {
	t.Add(tag, binary.BigEndian.AppendUint32(nil, v))
}

// AddString appends a C-octet string with its NUL.
func (t *TLVs) AddString(tag TLVTag, s string) {
	t.Add(tag, append([]byte(s), 0))
}

// appendTLVs and decodeTLVs are the body of a PDU without mandatory parameters.
// The specification gives such a PDU none at all; peers that send optional
// parameters there are understood.
func appendTLVs(dst []byte, cmd CommandID, t TLVs) ([]byte, error) {
	e := encoder{b: dst, cmd: cmd}
	e.tlvs(t)
	return e.finish()
}

func decodeTLVs(h Header, body []byte, t TLVs) (TLVs, error) {
	d := newDecoder(h, body)
	t = d.tlvs(t)
	return t, d.finish()
}
