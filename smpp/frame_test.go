package smpp

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// TestFramesOfAnyCutting: however the octets arrive, the same frames come out,
// and none of them changes afterwards.
func TestFramesOfAnyCutting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		var want [][]byte
		for n := range rapid.IntRange(1, 60).Draw(t, "frames") {
			body := bytes.Repeat([]byte{byte(n)}, rapid.SampledFrom([]int{0, 1, 100, 511, 4096, 30_000}).Draw(t, "length"))
			frame := append(appendHeader(nil, Header{uint32(HeaderLen + len(body)), CommandSubmitSM, 0, uint32(n)}), body...)
			want, stream = append(want, frame), append(stream, frame...)
		}
		pieces := rapid.IntRange(1, 5000).Draw(t, "pieces")
		f := newFrameReader(&limitedReads{bytes.NewReader(stream), pieces}, DefaultMaxPDU)
		var got [][]byte
		for {
			_, frame, err := f.read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if cap(frame) != len(frame) {
				t.Fatal("an append to a frame would write into the next one")
			}
			got = append(got, frame)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("%d frames, want %d, or others", len(got), len(want))
		}
	})
}

type limitedReads struct {
	r io.Reader
	n int
}

func (l *limitedReads) Read(b []byte) (int, error) { return l.r.Read(b[:min(len(b), l.n)]) }

func TestFrameErrors(t *testing.T) {
	read := func(b []byte, maxPDU int) error {
		_, _, err := newFrameReader(iotest.DataErrReader(bytes.NewReader(b)), maxPDU).read()
		return err
	}
	if err := read(nil, 100); err != io.EOF {
		t.Error(err)
	}
	if err := read(make([]byte, 15), 100); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if err := read(appendHeader(nil, Header{17, CommandSubmitSM, 0, 1}), 100); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	for _, length := range []uint32{15, 101} {
		err := read(appendHeader(nil, Header{length, CommandSubmitSM, 0, 1}), 100)
		if e, ok := errors.AsType[*FrameError](err); !ok || e.Header.Length != length || e.Error() == "" {
			t.Error(err)
		}
	}
}

// TestFrameAllocation: a frame of 1 MiB, allowed here, of which 100 octets come.
func TestFrameAllocation(t *testing.T) {
	part := append(appendHeader(nil, Header{1 << 20, CommandSubmitSM, 0, 1}), make([]byte, 84)...)
	f := newFrameReader(bytes.NewReader(part), 2<<20)
	if _, _, err := f.read(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	if len(f.chunk) != firstChunk {
		t.Errorf("%d octets for 100", len(f.chunk))
	}
}

// TestLargeFrame: a frame longer than any chunk is read whole.
func TestLargeFrame(t *testing.T) {
	frame := append(appendHeader(nil, Header{1 << 20, CommandSubmitSM, 0, 1}), make([]byte, 1<<20-HeaderLen)...)
	f := newFrameReader(bytes.NewReader(frame), 2<<20)
	if _, got, err := f.read(); err != nil || !bytes.Equal(got, frame) {
		t.Error(len(got), err)
	}
}
