package smpp

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unsafe"
)

// DecodeError says why the octets of a frame are not the PDU that its header
// announces, and what to answer.
type DecodeError struct {
	// Command is the command_id of the frame.
	Command CommandID
	// Field is the parameter in the spelling of the specification.
	Field string
	// Reason is a phrase for a log.
	Reason string
	// Status is the command_status to answer a request with.
	Status CommandStatus
}

func (e *DecodeError) Error() string {
	return "smpp: decode " + e.Command.String() + ": " + e.Field + ": " + e.Reason
}

// decoder reads a body field by field. The first failure sticks: all later reads
// return zero values, and finish tells the first one.
type decoder struct {
	b      []byte
	off    int
	absent *field // the body ended before it
	err    *DecodeError
	cmd    CommandID
	text   bool // short_message has been read, octets that follow it may be its own
}

func newDecoder(h Header, body []byte) decoder { return decoder{b: body, cmd: h.ID} }

// ok reports whether nothing has failed yet.
func (d *decoder) ok() bool { return d.err == nil && d.absent == nil }

//go:noinline
func (d *decoder) fail(f *field, reason string, status CommandStatus) {
	if d.ok() {
		d.err = &DecodeError{Command: d.cmd, Field: f.name, Reason: reason, Status: status}
	}
	d.off = len(d.b)
}

// uint8 only notes a failure, so that it is small enough to be inlined.
func (d *decoder) uint8(f *field) uint8 {
	if d.off < len(d.b) {
		v := d.b[d.off]
		d.off++
		return v
	}
	if d.absent == nil {
		d.absent = f
	}
	return 0
}

func (d *decoder) uint32(f *field) uint32 {
	if len(d.b)-d.off < 4 {
		d.fail(f, "missing", ESME_RINVCMDLEN)
		return 0
	}
	v := binary.BigEndian.Uint32(d.b[d.off:])
	d.off += 4
	return v
}

// cstring reads a C-octet string of at most f.max octets, its NUL included.
func (d *decoder) cstring(f *field) string {
	b := d.b[d.off:]
	if len(b) > 0 && b[0] == 0 {
		d.off++
		return ""
	}
	if len(b) > f.max {
		b = b[:f.max]
	}
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		d.noTerminator(f, len(b))
		return ""
	}
	d.off += i + 1
	return unsafe.String(unsafe.SliceData(b), i)
}

//go:noinline
func (d *decoder) noTerminator(f *field, n int) {
	switch {
	case n == 0:
		d.fail(f, "missing", ESME_RINVCMDLEN)
	case n < f.max:
		d.fail(f, "not terminated", ESME_RINVCMDLEN)
	default:
		d.fail(f, "longer than "+strconv.Itoa(f.max-1)+" octets", f.status)
	}
}

// shortMessage reads sm_length and short_message.
func (d *decoder) shortMessage() []byte {
	n, left := int(d.uint8(&fieldSMLength)), len(d.b)-d.off
	if n > fieldShortMessage.max {
		d.fail(&fieldSMLength, "more than 254", ESME_RINVMSGLEN)
		return nil
	}
	if n > left {
		d.fail(&fieldSMLength, "says "+strconv.Itoa(n)+", "+strconv.Itoa(left)+" octets follow", ESME_RINVMSGLEN)
		return nil
	}
	end := d.off + n
	v := d.b[d.off:end:end]
	d.off = end
	d.text = true
	return v
}

// tlvs reads what is left as optional parameters into dst.
func (d *decoder) tlvs(dst TLVs) TLVs {
	dst = dst[:0]
	for d.off < len(d.b) {
		rest := d.b[d.off:]
		if len(rest) < 4 {
			d.trailing(len(dst), len(rest))
			break
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n > len(rest)-4 {
			d.fail(&fieldOptionalParameter, "length runs past the PDU", ESME_RINVOPTPARSTREAM)
			break
		}
		dst = append(dst, TLV{TLVTag(binary.BigEndian.Uint16(rest)), rest[4 : 4+n : 4+n]})
		d.off += 4 + n
	}
	return dst
}

// trailing refuses octets that are too few for an optional parameter. Right
// behind short_message they are its own: sm_length was too small.
func (d *decoder) trailing(parsed, n int) {
	if d.text && parsed == 0 {
		d.fail(&fieldSMLength, strconv.Itoa(n)+" octets more than it says", ESME_RINVMSGLEN)
		return
	}
	d.fail(&fieldOptionalParameter, "half a parameter at the end", ESME_RINVOPTPARSTREAM)
}

func (d *decoder) finish() error {
	if d.ok() {
		return nil
	}
	return d.failure()
}

//go:noinline
func (d *decoder) failure() error {
	if d.err != nil {
		return d.err
	}
	return &DecodeError{Command: d.cmd, Field: d.absent.name, Reason: "missing", Status: ESME_RINVCMDLEN}
}
