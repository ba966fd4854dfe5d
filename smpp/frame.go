package smpp

import "io"

const (
	firstChunk = 4 << 10
	chunkSize  = 64 << 10
	// A read into less than this is not worth a system call.
	smallestRead = 512
)

// frameReader cuts a stream into frames. Frames are slices of a chunk that is
// never written at the same place twice, so they stay valid for ever; one chunk
// serves many frames. A chunk never grows past twice what has arrived.
type frameReader struct {
	r          io.Reader
	max        int
	chunk      []byte
	start, end int
	next       int // size of the next chunk
	onRead     func(n int)
}

func newFrameReader(r io.Reader, maxPDU int) *frameReader {
	return &frameReader{r: r, max: maxPDU, next: firstChunk}
}

// read returns the next frame, or *FrameError and the offending header, or the
// error of the reader: io.EOF between frames, io.ErrUnexpectedEOF inside one.
func (f *frameReader) read() (Header, []byte, error) {
	for {
		have := f.end - f.start
		if have >= HeaderLen {
			h := header(f.chunk[f.start:f.end])
			if h.Length < HeaderLen || uint64(h.Length) > uint64(f.max) {
				return h, nil, &FrameError{Header: h, Max: f.max}
			}
			if n := int(h.Length); have >= n {
				frame := f.chunk[f.start : f.start+n : f.start+n]
				f.start += n
				return h, frame, nil
			}
		}
		if err := f.fill(); err != nil {
			if err == io.EOF && f.end > f.start {
				err = io.ErrUnexpectedEOF
			}
			return Header{}, nil, err
		}
	}
}

func (f *frameReader) fill() error {
	if len(f.chunk)-f.end < smallestRead {
		f.renew()
	}
	n, err := f.r.Read(f.chunk[f.end:])
	f.end += n
	if n > 0 {
		if f.onRead != nil {
			f.onRead(n)
		}
		return nil
	}
	return err
}

// renew moves the octets of the unfinished frame into a new chunk.
func (f *frameReader) renew() {
	rest := f.chunk[f.start:f.end]
	size := max(f.next, 2*len(rest))
	f.next = min(2*f.next, chunkSize)
	chunk := make([]byte, size)
	f.start, f.end = 0, copy(chunk, rest)
	f.chunk = chunk
}
