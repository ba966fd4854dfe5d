// Package inbound reads what handsets send.
//
// What comes in: deliveries of carriers, each a message or a part of one, with their user data headers. What goes out:
// where a part belongs, what tells a repetition from another message, the text of a message from its parts, and whose
// keyword it begins with. All functions are pure. It never refuses anything: what cannot be read is shown as
// hexadecimal digits, what is missing is said in the text.
package inbound

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// Part is one delivery, read.
type Part struct {
	Reference int  // of the concatenation; with Total
	Total     int  // parts of the message; 1: it is whole
	Index     int  // from 1
	Ports     int  // as in sms.InboundMessage
	Receipt   bool // it says that it is a receipt; no carrier's receipt that can be read comes here

	coding coding
	octets []byte // of the text: septets or octets, unpacked
}

// udhi and the type bits of esm_class, SMPP 3.4 §5.2.12.
const (
	esmUDHI         = 0x40
	esmReceipt      = 0x04
	esmIntermediate = 0x20
)

// Read reads a delivery. The part shares in's memory.
func Read(in *sms.Inbound) Part {
	p := Part{Total: 1, Index: 1, Ports: sms.NoPorts, Receipt: in.ESMClass&(esmReceipt|esmIntermediate) != 0}
	var header gsm.UDH
	rest, length := in.Octets, 0
	if in.ESMClass&esmUDHI != 0 {
		var err error
		header, rest, err = gsm.ParseUDH(in.Octets)
		if err != nil && rest == nil {
			rest = in.Octets // the header is a fiction: all of it may be text
		}
		length = len(in.Octets) - len(rest)
	}
	if reference, total, index, ok := header.Concatenation(); ok && total > 1 && !p.Receipt {
		p.Reference, p.Total, p.Index = reference, total, index
	}
	if destination, source, ok := header.Ports(); ok {
		p.Ports = destination<<16 | source
	}
	p.coding, p.octets = codingOf(in.DataCoding, in.Alphabet), rest
	switch p.coding.script {
	case packed:
		p.coding.script, p.octets = septets, unpack(rest, length)
		fallthrough
	case septets:
		p.coding.locking, p.coding.single = header.Languages()
	}
	return p
}

// unpack takes packed septets behind a header apart. When seven bits are left over, nothing tells whether they are a
// septet: a zero or a carriage return there is padding, TS 23.038 §6.1.2.3.1.
func unpack(octets []byte, header int) []byte {
	fill := 0
	if header > 0 {
		fill = gsm.FillBits(header)
	}
	text := gsm.Unpack(nil, octets, -1, fill)
	if last := len(text) - 1; last >= 0 && (8*len(octets)-fill)%7 == 0 && (text[last] == 0 || text[last] == '\r') {
		text = text[:last]
	}
	return text
}

// Key is what the parts of one message have in common, and what is the same when a whole message is repeated.
func Key(in *sms.Inbound, p Part) int64 {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q ", in.Source, in.Destination)
	if p.Total > 1 {
		fmt.Fprintf(hash, "parts %d %d", p.Reference, p.Total)
	} else {
		fmt.Fprintf(hash, "whole %q %d %d %x", in.Mark, in.ESMClass, in.DataCoding, in.Octets)
	}
	return int64(binary.BigEndian.Uint64(hash.Sum(nil)))
}

// Text puts the parts of a message together, in order of their Index; of an absent one it says that it is missing. What
// was cut between two parts, an escape sequence or a pair of surrogates, is whole again. The encoding is GSM7 when all of
// it was in that alphabet, Octets when it has no characters: then the text is hexadecimal digits.
func Text(parts []Part, total int) (text string, encoding sms.Encoding) {
	var out strings.Builder
	encoding = sms.GSM7
	next := 1
	for i := 0; i < len(parts); {
		missing(&out, next, parts[i].Index, total)
		end := i + 1
		octets := parts[i].octets
		for end < len(parts) && parts[end].coding == parts[i].coding && parts[end].Index == parts[end-1].Index+1 {
			octets = append(octets[:len(octets):len(octets)], parts[end].octets...)
			end++
		}
		out.WriteString(parts[i].coding.decode(octets))
		encoding = max(encoding, parts[i].coding.encoding())
		next = parts[end-1].Index + 1
		i = end
	}
	missing(&out, next, total+1, total)
	return strings.ReplaceAll(out.String(), "\x00", "\uFFFD"), encoding
}

// missing says which parts, from one up to another, are not there.
func missing(out *strings.Builder, from, to, total int) {
	switch {
	case from+1 == to:
		fmt.Fprintf(out, "[part %d of %d is missing]", from, total)
	case from < to:
		fmt.Fprintf(out, "[parts %d to %d of %d are missing]", from, to-1, total)
	}
}
