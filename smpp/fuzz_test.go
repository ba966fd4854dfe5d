package smpp

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// fuzzPDU feeds bodies to one decoder. What it takes it must give back octet for
// octet; what it refuses it must refuse with a status.
func fuzzPDU(f *testing.F, id CommandID) {
	for _, v := range vectors() {
		if v.head.ID == id {
			f.Add(uint32(v.head.Status), unhex(f, v.octet)[HeaderLen:])
		}
	}
	f.Add(uint32(ESME_RSYSERR), []byte{})
	f.Fuzz(func(t *testing.T, status uint32, body []byte) {
		h := Header{ID: id, Status: CommandStatus(status)}
		before := slices.Clone(body)
		p := New(id)
		if err := p.DecodeBody(h, body); err != nil {
			e, ok := errors.AsType[*DecodeError](err)
			if !ok || e.Status == ESME_ROK || e.Command != id {
				t.Fatalf("%#v", err)
			}
			return
		}
		if !bytes.Equal(body, before) {
			t.Fatal("the decoder changed the frame")
		}
		again, err := p.AppendBody(nil)
		if e, ok := errors.AsType[*EncodeError](err); ok {
			if e.Field == "schedule_delivery_time" || e.Field == "validity_period" || e.Field == "final_date" {
				return // times of a wrong length are read, and not written
			}
			t.Fatal(err)
		}
		if !bytes.Equal(again, body) && len(body) > 0 {
			t.Fatalf("%x was read as %+v and written as %x", body, p, again)
		}
	})
}

func FuzzBindReceiver(f *testing.F)        { fuzzPDU(f, CommandBindReceiver) }
func FuzzBindReceiverResp(f *testing.F)    { fuzzPDU(f, CommandBindReceiverResp) }
func FuzzBindTransmitter(f *testing.F)     { fuzzPDU(f, CommandBindTransmitter) }
func FuzzBindTransmitterResp(f *testing.F) { fuzzPDU(f, CommandBindTransmitterResp) }
func FuzzBindTransceiver(f *testing.F)     { fuzzPDU(f, CommandBindTransceiver) }
func FuzzBindTransceiverResp(f *testing.F) { fuzzPDU(f, CommandBindTransceiverResp) }
func FuzzOutbind(f *testing.F)             { fuzzPDU(f, CommandOutbind) }
func FuzzUnbind(f *testing.F)              { fuzzPDU(f, CommandUnbind) }
func FuzzUnbindResp(f *testing.F)          { fuzzPDU(f, CommandUnbindResp) }
func FuzzGenericNack(f *testing.F)         { fuzzPDU(f, CommandGenericNack) }
func FuzzSubmitSM(f *testing.F)            { fuzzPDU(f, CommandSubmitSM) }
func FuzzSubmitSMResp(f *testing.F)        { fuzzPDU(f, CommandSubmitSMResp) }
func FuzzSubmitMulti(f *testing.F)         { fuzzPDU(f, CommandSubmitMulti) }
func FuzzSubmitMultiResp(f *testing.F)     { fuzzPDU(f, CommandSubmitMultiResp) }
func FuzzDeliverSM(f *testing.F)           { fuzzPDU(f, CommandDeliverSM) }
func FuzzDeliverSMResp(f *testing.F)       { fuzzPDU(f, CommandDeliverSMResp) }
func FuzzDataSM(f *testing.F)              { fuzzPDU(f, CommandDataSM) }
func FuzzDataSMResp(f *testing.F)          { fuzzPDU(f, CommandDataSMResp) }
func FuzzQuerySM(f *testing.F)             { fuzzPDU(f, CommandQuerySM) }
func FuzzQuerySMResp(f *testing.F)         { fuzzPDU(f, CommandQuerySMResp) }
func FuzzCancelSM(f *testing.F)            { fuzzPDU(f, CommandCancelSM) }
func FuzzCancelSMResp(f *testing.F)        { fuzzPDU(f, CommandCancelSMResp) }
func FuzzReplaceSM(f *testing.F)           { fuzzPDU(f, CommandReplaceSM) }
func FuzzReplaceSMResp(f *testing.F)       { fuzzPDU(f, CommandReplaceSMResp) }
func FuzzEnquireLink(f *testing.F)         { fuzzPDU(f, CommandEnquireLink) }
func FuzzEnquireLinkResp(f *testing.F)     { fuzzPDU(f, CommandEnquireLinkResp) }
func FuzzAlertNotification(f *testing.F)   { fuzzPDU(f, CommandAlertNotification) }

// FuzzDecode feeds whole frames.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors() {
		f.Add(unhex(f, v.octet))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, p, err := Decode(frame)
		if err == nil && (p == nil || p.CommandID() != h.ID || int(h.Length) != len(frame)) {
			t.Fatalf("%+v, %+v of %x", h, p, frame)
		}
	})
}

// FuzzReceipt feeds texts. Whatever is read is part of the text.
func FuzzReceipt(f *testing.F) {
	for _, c := range receiptCases() {
		f.Add(c.d.ESMClass, c.d.DataCoding, c.d.ShortMessage)
	}
	f.Fuzz(func(t *testing.T, esmClass, dataCoding uint8, text []byte) {
		r, ok := ParseReceipt(&DeliverSM{ESMClass: esmClass, DataCoding: dataCoding, ShortMessage: text})
		if !ok {
			if r != (Receipt{}) {
				t.Fatalf("no receipt, but %+v", r)
			}
			return
		}
		if dataCoding != DataCodingUCS2 {
			for _, s := range []string{r.ID, r.ErrorCode, r.Text} {
				if !bytes.Contains(text, []byte(s)) {
					t.Fatalf("%q is not in %q", s, text)
				}
			}
		}
		if r.Sub < 0 || r.Dlvrd < 0 || r.State > StateRejected {
			t.Fatalf("%+v", r)
		}
	})
}
