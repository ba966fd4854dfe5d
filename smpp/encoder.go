package smpp

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// EncodeError says why a PDU has no form on the wire.
type EncodeError struct {
	Command CommandID
	// Field is the parameter in the spelling of the specification.
	Field  string
	Reason string
	// Status is the command_status with which a peer would refuse it.
	Status CommandStatus
}

func (e *EncodeError) Error() string {
	return "smpp: encode " + e.Command.String() + ": " + e.Field + ": " + e.Reason
}

// encoder appends a body field by field; the first failure sticks.
type encoder struct {
	b   []byte
	err *EncodeError
	cmd CommandID
}

//go:noinline
func (e *encoder) fail(f *field, reason string) {
	if e.err == nil {
		e.err = &EncodeError{Command: e.cmd, Field: f.name, Reason: reason, Status: f.status}
	}
}

func (e *encoder) cstring(f *field, s string) {
	if s == "" {
		e.b = append(e.b, 0)
		return
	}
	e.characters(f, s)
}

// characters is cstring for what is not empty, apart so that cstring is inlined.
func (e *encoder) characters(f *field, s string) {
	if len(s) >= f.max {
		e.fail(f, "longer than "+strconv.Itoa(f.max-1)+" octets")
		return
	}
	if strings.IndexByte(s, 0) >= 0 {
		e.fail(f, "contains NUL")
		return
	}
	b := append(e.b, s...)
	e.b = append(b, 0)
}

// time appends an absolute or relative time, empty or 16 octets. SMPP 3.4 §7.1.1.
func (e *encoder) time(f *field, s string) {
	if s == "" {
		e.b = append(e.b, 0)
		return
	}
	if len(s) != 16 {
		e.fail(f, "neither empty nor 16 octets")
		return
	}
	e.characters(f, s)
}

func (e *encoder) shortMessage(v []byte) {
	if len(v) > fieldShortMessage.max {
		e.fail(&fieldShortMessage, "longer than 254 octets")
		return
	}
	b := append(e.b, byte(len(v)))
	e.b = append(b, v...)
}

func (e *encoder) tlvs(t TLVs) {
	for i := range t {
		v := t[i].Value
		if len(v) > fieldOptionalParameter.max {
			e.fail(&fieldOptionalParameter, t[i].Tag.String()+" is longer than 65535 octets")
			return
		}
		b := binary.BigEndian.AppendUint32(e.b, uint32(t[i].Tag)<<16|uint32(len(v)))
		e.b = append(b, v...)
	}
}

func (e *encoder) finish() ([]byte, error) {
	if e.err != nil {
		return e.b, e.err
	}
	return e.b, nil
}
