package powerloss

import (
	"bytes"
	"time"
)

// write is a change of the octets of a file.
type write struct {
	moment uint64
	offset int
	data   []byte
	resize bool // the file gets the length offset; no data
}

// apply does the part data[from:to] of a write to the octets of a file.
func (w write) apply(octets []byte, from, to int) []byte {
	if w.resize {
		return resize(octets, w.offset)
	}
	if end := w.offset + to; end > len(octets) {
		octets = resize(octets, end)
	}
	copy(octets[w.offset+from:], w.data[from:to])
	return octets
}

// resize cuts octets or adds zeros.
func resize(octets []byte, length int) []byte {
	if length <= len(octets) {
		return octets[:length]
	}
	return append(octets, make([]byte, length-len(octets))...)
}

func (d *disk) write(x *inode, offset int, data []byte) {
	d.change(x, write{moment: d.tick(), offset: offset, data: bytes.Clone(data)})
}

func (d *disk) truncate(x *inode, length int) {
	if length != len(x.now) {
		d.change(x, write{moment: d.tick(), offset: length, resize: true})
	}
}

func (d *disk) change(x *inode, w write) {
	x.now = w.apply(x.now, 0, len(w.data))
	x.modified = time.Now()
	d.writes[x] = append(d.writes[x], w)
}
