package sms_test

import (
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestReceiptWants(t *testing.T) {
	const all, failure, interim = sms.ReceiptFinal, sms.ReceiptFailureOnly, sms.ReceiptIntermediate
	for _, c := range []struct {
		wish     sms.Receipt
		from, to sms.State
		seen     bool
		want     bool
	}{
		{0, sms.Sent, sms.Delivered, false, false},
		{all, sms.Sent, sms.Delivered, false, true},
		{all, sms.Queued, sms.Expired, false, true},
		{all, sms.Unknown, sms.Delivered, false, true},
		{all, sms.Scheduled, sms.Cancelled, false, true},
		{all, sms.Failed, sms.Failed, false, false},
		{all, sms.Queued, sms.Sent, true, false},
		{all, sms.Sent, sms.Unknown, false, false},
		{failure, sms.Sent, sms.Delivered, false, false},
		{failure, sms.Sent, sms.Failed, false, true},
		{interim, sms.Sent, sms.Failed, false, false},
		{interim, sms.Queued, sms.Sent, false, true},
		{interim, sms.Sent, sms.Sent, false, false},
		{interim, sms.Sent, sms.Sent, true, true},
		{interim, sms.Sent, sms.Unknown, false, true},
		{interim, sms.Sent, sms.Queued, false, false},
	} {
		if got := c.wish.Wants(c.from, c.to, c.seen); got != c.want {
			t.Errorf("%b from %v to %v, seen %v: %v", c.wish, c.from, c.to, c.seen, got)
		}
	}
}
