package store

import (
	"os"
	"syscall"
)

// fdatasync waits for a file's data and length, and not, as fsync does, for its times as well.
func fdatasync(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
