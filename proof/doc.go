// Package proof holds the proof of what the README promises, run against the real program from outside: the built
// binary, its commands, its HTTP door and a carrier at the other end of a real connection.
//
// What comes in: the binary, built from this checkout (or the one that STAFFETTA_BINARY names). What goes out: tests
// that fail when a promise is broken, and with `make bench` a table of measurements. The tests kill the server, fill
// its disk and trace its system calls; they use temporary folders and loopback addresses only, and end every process
// that they started. `go test -short` leaves the long ones out.
package proof
