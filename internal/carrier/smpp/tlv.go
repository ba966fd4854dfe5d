package smpp

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

const maxTLVs = 16

// ownTags are parameters that the server writes itself.
var ownTags = []smpp.TLVTag{smpp.TagMessagePayload, smpp.TagSARMsgRefNum, smpp.TagSARTotalSegments, smpp.TagSARSegmentSeqnum}

// setTLVs reads the optional parameters that go with every submit_sm: 0x1400:0a0b,0x1401: with the value in hex.
func setTLVs(a *Address, text string) error {
	var all smpp.TLVs
	for one := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(one, ":")
		tag, err := strconv.ParseUint(name, 0, 16)
		octets, hexErr := hex.DecodeString(value)
		if !ok || err != nil || hexErr != nil || len(octets) > 255 {
			return sms.InvalidField("tlv", "must be tag:hex between commas, such as 0x1400:0a0b,0x1401:31 ; %q is none", one)
		}
		if slices.Contains(ownTags, smpp.TLVTag(tag)) {
			return sms.InvalidField("tlv", "0x%04x is written by the server itself, see long", tag)
		}
		all.Add(smpp.TLVTag(tag), octets)
	}
	if len(all) > maxTLVs {
		return sms.InvalidField("tlv", "are %d; at most %d are possible", len(all), maxTLVs)
	}
	a.Dialect.TLVs = all
	return nil
}

// tlvList writes TLVs as setTLVs reads them.
func tlvList(a *Address) string {
	var text []string
	for _, t := range a.Dialect.TLVs {
		text = append(text, fmt.Sprintf("0x%04x:%x", uint16(t.Tag), t.Value))
	}
	return strings.Join(text, ",")
}
