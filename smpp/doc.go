// Package smpp speaks the Short Message Peer-to-Peer protocol, version 3.4, as
// a client (ESME) and as a server (SMSC).
//
// In come octets from a connection and PDUs from the program; out go PDUs,
// receipts and, for every request, exactly one outcome that says whether its
// bytes may have left. The codec works alone as well: [Decode] and [AppendPDU].
//
// The package never interprets a message's text or alphabet, never retries,
// never reconnects, never stores, and never logs a password. It starts no
// goroutine that [Session.Run] or [Server.Serve] does not wait for.
//
// Decoded strings and slices alias the frame that they came from: a frame must
// not be changed after decoding. Sessions read into chunks that are never
// written twice, so what they hand out stays valid for ever; who keeps a string
// for long clones it, to let go of its chunk.
//
// Clause numbers refer to the Short Message Peer to Peer Protocol Specification
// v3.4, Issue 1.2.
package smpp
