package smpp

import (
	"math/big"
	"strings"
)

// The values of Address.ReceiptIDs: how a carrier writes in its receipts the message_id that it gave in submit_sm_resp.
const (
	IDsAuto    = "auto"    // the same text; where no message has that, and the destination agrees, another notation of it
	IDsExact   = "exact"   // the same text, and nothing else
	IDsFolded  = "folded"  // the same but for letter case and zeros in front
	IDsDecimal = "decimal" // a decimal number, hexadecimal in the response
	IDsHex     = "hex"     // a hexadecimal number, decimal in the response
)

// answeredID is the id under which a part is known whose submit_sm was answered with id: with hex and decimal the number
// in decimal digits, on both ways. An id that is no such number stays as it is.
func (a *Address) answeredID(id string) string {
	switch a.ReceiptIDs {
	case IDsFolded:
		return folded(id)
	case IDsDecimal:
		return inDecimal(id, 16)
	case IDsHex:
		return inDecimal(id, 10)
	}
	return id
}

// reportedID is the id of the part that a receipt is about.
func (a *Address) reportedID(id string) string {
	switch a.ReceiptIDs {
	case IDsFolded:
		return folded(id)
	case IDsDecimal:
		return inDecimal(id, 10)
	case IDsHex:
		return inDecimal(id, 16)
	}
	return id
}

func folded(id string) string {
	if short := strings.ToLower(strings.TrimLeft(id, "0")); short != "" {
		return short
	}
	return id
}

func inDecimal(id string, base int) string {
	digits := id
	if base == 16 {
		digits = strings.TrimPrefix(strings.ToLower(id), "0x")
	}
	if digits == "" || strings.ContainsAny(digits, "+-_") {
		return id
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return id
	}
	return n.String()
}
