package smpp

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// deliver sends a request of the carrier on its only connection.
func deliver(t *testing.T, smsc *smpptest.SMSC, p smpp.PDU) {
	t.Helper()
	if _, err := smsc.AwaitConns(t, 1)[0].Request(p); err != nil {
		t.Fatal(err)
	}
}

func receiptText(text string) *smpp.DeliverSM {
	return &smpp.DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: "393401234567", DestinationAddr: "MyCompany",
		ESMClass: smpp.ESMClassReceipt, ShortMessage: []byte(text)}
}

func TestReceipt_becomes_a_report(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "")
	for stat, state := range map[string]sms.State{
		"DELIVRD": sms.Delivered, "EXPIRED": sms.Expired, "DELETED": sms.Failed, "UNDELIV": sms.Failed, "REJECTD": sms.Failed,
		"ACCEPTD": sms.Sent, "ENROUTE": sms.Sent, "UNKNOWN": sms.Unknown, "WHATEVER": sms.Unknown,
	} {
		deliver(t, smsc, receiptText("id:00c0FFee-1 sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:"+stat+" err:0e7 text:hi"))
		got := await(t, w.recorder.reports)
		got.done(nil)
		want := sms.Report{Carrier: 7, Ref: "00c0FFee-1", Destination: 393401234567, State: state, Code: "0e7", At: got.it.At}
		if diff := cmp.Diff(want, got.it); diff != "" {
			t.Errorf("%s: %s", stat, diff)
		}
		if age := time.Since(got.it.At); age < 0 || age > time.Minute {
			t.Errorf("reported at %v", got.it.At)
		}
	}
	for _, f := range smsc.Await(t, smpp.CommandDeliverSMResp, 9) {
		if f.Status != smpp.ESME_ROK {
			t.Errorf("answered %v", f.Status)
		}
	}
}

// What a carrier writes may be no UTF-8. It still finds its message, and a database that takes UTF-8 only takes it.
func TestIds_that_are_no_text(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "00c0FFee-1": "00c0FFee-1", "città": "città", "\x41": "\x41",
		"a\xffb": "a\\xffb", "\xc3": "\\xc3", "a\x00b": "a\\x00b", "\xe2\x82\xac\xe2\x82": "€\\xe2\\x82", "\uFFFD": "\uFFFD",
	} {
		if got := storable(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "")
	deliver(t, smsc, receiptText("id:\xe9\xff1 sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:0\xe7 text:hi"))
	got := await(t, w.recorder.reports)
	got.done(nil)
	if a := (Classes{}).answered(smpp.Response{PDU: &smpp.SubmitSMResp{MessageID: "\xe9\xff1"}}); a.Ref != got.it.Ref || a.Ref != `\xe9\xff1` {
		t.Errorf("answered %q, reported %q", a.Ref, got.it.Ref)
	}
	if got.it.Code != `0\xe7` {
		t.Errorf("code %q", got.it.Code)
	}
}

func TestReceipt_in_optional_parameters_and_in_data_sm(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "")
	var tlvs smpp.TLVs
	tlvs.AddString(smpp.TagReceiptedMessageID, "4711")
	tlvs.AddUint8(smpp.TagMessageState, uint8(smpp.StateUndeliverable))
	tlvs.Add(smpp.TagNetworkErrorCode, []byte{3, 0, 21})
	deliver(t, smsc, &smpp.DeliverSM{SourceAddr: "MyBank", ESMClass: smpp.ESMClassReceipt, TLVs: tlvs})
	deliver(t, smsc, &smpp.DataSM{SourceAddr: "MyBank", ESMClass: smpp.ESMClassReceipt, TLVs: tlvs})
	for range 2 {
		got := await(t, w.recorder.reports)
		got.done(nil)
		want := sms.Report{Carrier: 7, Ref: "4711", State: sms.Failed, Code: "3:0021", Words: causesGSM[21], At: got.it.At}
		if diff := cmp.Diff(want, got.it); diff != "" {
			t.Error(diff)
		}
	}
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)
	smsc.Await(t, smpp.CommandDataSMResp, 1)
}

// What says that it is a receipt and cannot be read is kept as a message, and so is everything else.
func TestInbound_loses_nothing(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "")
	header := []byte{5, 0, 3, 7, 2, 1}
	var sar smpp.TLVs
	sar.AddUint16(smpp.TagSARMsgRefNum, 0x1234)
	sar.AddUint8(smpp.TagSARTotalSegments, 3)
	sar.AddUint8(smpp.TagSARSegmentSeqnum, 2)
	var payload smpp.TLVs
	payload.Add(smpp.TagMessagePayload, []byte("long"))
	from := func(p smpp.DeliverSM) *smpp.DeliverSM {
		p.SourceAddr, p.DestinationAddr = "393401234567", "48883"
		return &p
	}
	for name, c := range map[string]struct {
		sent smpp.PDU
		want sms.Inbound
	}{
		"a message":             {from(smpp.DeliverSM{ShortMessage: []byte("STOP")}), sms.Inbound{Octets: []byte("STOP")}},
		"UCS-2":                 {from(smpp.DeliverSM{DataCoding: 8, ShortMessage: []byte{4, 0x4f}}), sms.Inbound{DataCoding: 8, Octets: []byte{4, 0x4f}}},
		"a part":                {from(smpp.DeliverSM{ESMClass: 0x40, ShortMessage: append(header, 'a')}), sms.Inbound{ESMClass: 0x40, Octets: append(header, 'a')}},
		"a part, told in TLVs":  {from(smpp.DeliverSM{ShortMessage: []byte("b"), TLVs: sar}), sms.Inbound{ESMClass: 0x40, Octets: []byte{6, 8, 4, 0x12, 0x34, 3, 2, 'b'}}},
		"message_payload":       {from(smpp.DeliverSM{TLVs: payload}), sms.Inbound{Octets: []byte("long")}},
		"looks like a receipt":  {from(smpp.DeliverSM{ShortMessage: []byte("id:1 stat:DELIVRD")}), sms.Inbound{Octets: []byte("id:1 stat:DELIVRD")}},
		"an unreadable receipt": {from(smpp.DeliverSM{ESMClass: 4, ShortMessage: []byte("done!")}), sms.Inbound{ESMClass: 4, Octets: []byte("done!")}},
		"a handset's own ack":   {from(smpp.DeliverSM{ESMClass: 8, ShortMessage: []byte("read")}), sms.Inbound{ESMClass: 8, Octets: []byte("read")}},
		"empty":                 {from(smpp.DeliverSM{}), sms.Inbound{}},
		"data_sm":               {&smpp.DataSM{SourceAddr: "393401234567", DestinationAddr: "48883", DataCoding: 4, TLVs: payload}, sms.Inbound{DataCoding: 4, Octets: []byte("long")}},
	} {
		deliver(t, smsc, c.sent)
		got := await(t, w.recorder.inbounds)
		got.done(nil)
		c.want.Carrier, c.want.Source, c.want.Destination, c.want.At = 7, "+393401234567", "48883", got.it.At
		if diff := cmp.Diff(c.want, got.it); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if n := len(w.recorder.reports); n != 0 {
		t.Errorf("%d reports", n)
	}
}

// alert_notification has no response and brings nothing to store.
func TestInbound_alert_notification(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, _ := startWith(t, smsc, "")
	deliver(t, smsc, &smpp.AlertNotification{SourceAddr: "393401234567"})
	deliver(t, smsc, receiptText("id:1 stat:DELIVRD"))
	await(t, w.recorder.reports).done(nil)
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)
}

// The carrier is answered when the outcome of recording is known, and not before: with an error if it failed or takes
// too long, so that the carrier keeps the receipt.
func TestReceipt_is_acknowledged_once_it_is_stored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := startInMemory(t, "")
		<-w.sessions
		answered := func() []smpptest.Frame {
			synctest.Wait()
			return p.smsc.Frames(smpp.CommandDeliverSMResp)
		}
		deliver(t, p.smsc, receiptText("id:1 stat:DELIVRD"))
		deliver(t, p.smsc, receiptText("id:2 stat:DELIVRD"))
		deliver(t, p.smsc, receiptText("id:3 stat:DELIVRD"))
		deliver(t, p.smsc, &smpp.DeliverSM{SourceAddr: "393401234567", ShortMessage: []byte("STOP")})
		stored, failed, slow, text := <-w.recorder.reports, <-w.recorder.reports, <-w.recorder.reports, <-w.recorder.inbounds
		time.Sleep(5*time.Second - time.Millisecond) // false time
		if got := answered(); len(got) != 0 {
			t.Fatalf("answered before anything was stored: %v", got)
		}
		stored.done(nil)
		failed.done(errors.New("disk full"))
		time.Sleep(time.Second)
		slow.done(nil) // too late: the carrier was told to repeat it
		text.done(nil)
		want := map[uint32]smpp.CommandStatus{1: smpp.ESME_ROK, 2: smpp.ESME_RX_T_APPN, 3: smpp.ESME_RX_T_APPN, 4: smpp.ESME_RX_T_APPN}
		got := map[uint32]smpp.CommandStatus{}
		for _, f := range answered() {
			if _, twice := got[f.Sequence]; twice {
				t.Errorf("%d is answered twice", f.Sequence)
			}
			got[f.Sequence] = f.Status
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		w.stop()
		p.smsc.Close()
	})
}

// A receipt that is being stored when the carrier is stopped is still acknowledged.
func TestReceipt_at_the_end(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	w, s := startWith(t, smsc, "")
	deliver(t, smsc, receiptText("id:1 stat:DELIVRD"))
	report := await(t, w.recorder.reports)
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	await(t, s.Done())
	report.done(nil)
	if f := smsc.Await(t, smpp.CommandDeliverSMResp, 1)[0]; f.Status != smpp.ESME_ROK {
		t.Errorf("answered %v", f.Status)
	}
	await(t, stopped)
}

// A receipt that overtakes the response is handed on at once, under the id that the response then brings.
func TestField_receipt_before_response(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	smsc.On(smpp.CommandSubmitSM, func(s *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) {
		smpptest.SendReceipt("77", smpp.StateDelivered, "000")(s, c, f)
	})
	smsc.On(smpp.CommandDeliverSMResp, func(s *smpptest.SMSC, c *smpptest.Conn, _ smpptest.Frame) {
		submit := s.Frames(smpp.CommandSubmitSM)[0]
		smpptest.AcceptAs("77")(s, c, submit) // only once the receipt is acknowledged
	})
	w, s := startWith(t, smsc, "")
	answers := s.submit(t.Context(), message("x"))
	report := await(t, w.recorder.reports)
	if len(answers) != 0 {
		t.Fatal("the response was first")
	}
	report.done(nil)
	if got := await(t, answers); got.Verdict != dispatch.Accepted || got.Ref != report.it.Ref || report.it.Ref != "77" {
		t.Errorf("accepted %+v, reported %+v", got, report.it)
	}
}
