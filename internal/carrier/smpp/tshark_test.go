package smpp

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/carrier/practice"
	"github.com/staffetta/staffetta/internal/peertest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

func id(c smpp.CommandID) string { return fmt.Sprintf("0x%08x", uint32(c)) }

// Everything that our carrier and our practice carrier say to one another, in every outcome.
func TestPeer_tshark_dissects_carrier_and_practice_carrier(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- practice.New(practice.Options{}).Serve(ctx, ln) }()
	defer func() { cancel(); <-ended }()
	record := peertest.NewCapture()
	parts, delivered := 0, 0
	for _, kind := range []string{BindTransceiver, BindPair} {
		w := start(t, "smpp://esme:secret@"+ln.Addr().String()+"?bind="+kind, func(c *Config) { c.DialContext = record.Dial })
		s := await(t, w.sessions)
		messages := peerMessages()
		if kind == BindTransceiver { // one round of all outcomes is enough
			messages = append(messages, outcomeMessages()...)
		}
		receipts := 0
		for _, m := range messages {
			answers := s.submit(t.Context(), m)
			for range m.Parts {
				parts++
				if m.Destination%100 == 7 { // answered after its receipt
					await(t, w.recorder.reports).done(nil)
					delivered++
				}
				await(t, answers)
			}
			switch m.Destination % 100 {
			case 3, 4, 6, 7:
			case 8:
				receipts += 2
			default:
				receipts += m.Parts
			}
		}
		for range receipts {
			await(t, w.recorder.reports).done(nil)
		}
		delivered += receipts
		if kind == BindTransceiver {
			await(t, w.recorder.inbounds).done(nil)
			delivered++
		}
		w.stop()
	}
	file := record.Save(t)
	peertest.Complaints(t, file, "smpp")
	got := peertest.Commands(t, file, "smpp")
	want := map[string]int{
		id(smpp.CommandBindTransceiver): 1, id(smpp.CommandBindTransceiverResp): 1, id(smpp.CommandBindTransmitter): 1,
		id(smpp.CommandBindTransmitterResp): 1, id(smpp.CommandBindReceiver): 1, id(smpp.CommandBindReceiverResp): 1,
		id(smpp.CommandSubmitSM): parts, id(smpp.CommandSubmitSMResp): parts, id(smpp.CommandUnbind): 3, id(smpp.CommandUnbindResp): 3,
		id(smpp.CommandDeliverSM): delivered, id(smpp.CommandDeliverSMResp): delivered,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what tshark saw: %s", diff)
	}
}

// What our carrier sends in other dialects, and what tshark reads of it when it takes data_coding 0 for the same alphabet.
func TestPeer_tshark_reads_the_dialects(t *testing.T) {
	const long = 170
	a := strings.Repeat
	texts := func(list ...string) []string { return list }
	type dialect struct {
		parameters, alphabet string
		message              *sms.Message
		field                string
		want                 []string
	}
	cases := []dialect{
		{"dcs0=gsm", "GSM 7-bit", text("Ciao € @ {}è", 1), "smpp.message_text", texts("Ciao € @ {}è")},
		{"dcs0=gsm_packed", "GSM 7-bit (packed)", text("Ciao € @ {}èè", 1), "smpp.message_text", texts("Ciao € @ {}èè")},
		{"dcs0=gsm_packed", "GSM 7-bit (packed)", text("seven", 1), "smpp.message_text", texts("seven")},
		{"dcs0=gsm_packed", "GSM 7-bit (packed)", text("1234567", 1), "smpp.message_text", texts(`1234567\r`)}, // and not 1234567@
		{"dcs0=gsm_packed", "GSM 7-bit (packed)", text("1234567@", 1), "smpp.message_text", texts("1234567@")},
		{"dcs0=latin1", "ISO-8859-1", text("Ciao @ {}èÜ", 1), "smpp.message_text", texts("Ciao @ {}èÜ")},
		{"dcs0=latin1", "ISO-8859-1", text("Ciao €", 1), "smpp.message_text", texts("Ciao €")},
		{"dcs0=ascii", "ASCII", text("Ciao @ {}", 1), "smpp.message_text", texts("Ciao @ {}")},
		{"long=sar", "GSM 7-bit", text(a("x", long), 2), "smpp.message_text", texts(a("x", 153), a("x", long-153))},
		{"long=sar", "None", text(a("x", long), 2), "smpp.sar_msg_ref_num", texts("42", "42")},
		{"long=sar", "None", text(a("x", long), 2), "smpp.sar_total_segments", texts("2", "2")},
		{"long=sar", "None", text(a("x", long), 2), "smpp.sar_segment_seqnum", texts("1", "2")},
		{"long=sar&dcs0=gsm_packed", "GSM 7-bit (packed)", text(a("x", long), 2), "smpp.message_text", texts(a("x", 153), a("x", long-153))},
		{"long=payload", "None", text(a("x", long), 2), "smpp.message_payload", texts(a("78", long))},
		{"receipts=last", "None", text(a("x", long), 2), "smpp.regdel.receipt", texts("0x00", "0x01")},
		{"validity=absolute&service_type=CMT", "None", text("x", 1), "smpp.service_type", texts("CMT")},
		{"source_ton=alphanumeric:0&dest_ton=2", "None", text("x", 1), "smpp.source_addr_ton", texts("0x00")},
		{"source_ton=alphanumeric:0&dest_ton=2", "None", text("x", 1), "smpp.dest_addr_ton", texts("0x02")},
		{"tlv=0x1400:0aff", "None", text("x", 1), "smpp.vendor_op", texts("0aff")},
	}
	record := peertest.NewCapture()
	for _, c := range cases {
		smsc := smpptest.NewSMSC(t)
		w := start(t, "smpp://esme:secret@"+smsc.Addr()+"?"+c.parameters, func(cfg *Config) { cfg.DialContext = record.Dial })
		c.message.Expires = time.Now().Add(time.Hour)
		answers := await(t, w.sessions).submit(t.Context(), c.message)
		for range c.message.Parts {
			await(t, answers)
		}
		w.stop()
	}
	file := record.Save(t)
	peertest.Complaints(t, file, "smpp")
	read := map[string]map[string]string{}
	for i, c := range cases {
		if read[c.alphabet] == nil {
			read[c.alphabet] = submitsByPort(t, c.alphabet, file)
		}
		got := read[c.alphabet][fmt.Sprintf("%d %s", peertest.DialPort+1+i, c.field)]
		if diff := cmp.Diff(strings.Join(c.want, ","), got); diff != "" {
			t.Errorf("%s, %s: %s", c.parameters, c.field, diff)
		}
	}
}

// submitsByPort is what tshark reads in the submit_sm of each connection: by "port field", the values of all parts with
// commas between.
func submitsByPort(t *testing.T, alphabet, file string) map[string]string {
	t.Helper()
	fields := []string{"tcp.srcport", "smpp.message_text", "smpp.sar_msg_ref_num", "smpp.sar_total_segments", "smpp.sar_segment_seqnum",
		"smpp.message_payload", "smpp.regdel.receipt", "smpp.service_type", "smpp.source_addr_ton", "smpp.dest_addr_ton", "smpp.vendor_op"}
	read := map[string]string{}
	for _, line := range peertest.Tshark(t, alphabet, file, "smpp.command_id == 4", fields...) {
		values := strings.Split(line, "|")
		for i, value := range values[1:] {
			name := values[0] + " " + fields[1+i]
			if before, more := read[name]; more { // the parts left in several packets
				value = before + "," + value
			}
			read[name] = value
		}
	}
	return read
}

func outcomeMessages() (all []*sms.Message) {
	for outcome := range 10 {
		m := message("outcome")
		m.Destination = sms.Number(393401234500 + outcome)
		all = append(all, m)
	}
	return all
}

// What our carrier answers to a peer that keeps no rules. Only our own PDUs are judged.
func TestPeer_tshark_dissects_answers_to_a_bad_peer(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	record := peertest.NewCapture()
	w := start(t, "smpp://esme:secret@"+smsc.Addr()+"?enquire_link=1s", func(c *Config) { c.DialContext = record.Dial })
	await(t, w.sessions)
	conn := smsc.AwaitConns(t, 1)[0]
	smsc.Await(t, smpp.CommandEnquireLink, 1) // we ask
	if err := conn.SendBare(0x00ABCDEF, smpp.ESME_ROK, 900); err != nil {
		t.Fatal(err)
	}
	smsc.Await(t, smpp.CommandGenericNack, 1)
	deliver(t, smsc, &smpp.EnquireLink{})
	deliver(t, smsc, &smpp.DataSM{SourceAddr: "393401234567", DestinationAddr: "48883"})
	await(t, w.recorder.inbounds).done(fmt.Errorf("the store is away"))
	deliver(t, smsc, receiptText("id:1 stat:DELIVRD"))
	await(t, w.recorder.reports).done(fmt.Errorf("the store is away"))
	smsc.Await(t, smpp.CommandEnquireLinkResp, 1)
	smsc.Await(t, smpp.CommandDataSMResp, 1)
	smsc.Await(t, smpp.CommandDeliverSMResp, 1)
	deliver(t, smsc, &smpp.Unbind{})
	smsc.Await(t, smpp.CommandUnbindResp, 1)
	w.stop()
	file, ours := record.Save(t), fmt.Sprintf("smpp && tcp.dstport == %d", peertest.ListenPort)
	peertest.Complaints(t, file, ours)
	got := peertest.Commands(t, file, ours)
	for _, c := range []smpp.CommandID{smpp.CommandBindTransceiver, smpp.CommandEnquireLink, smpp.CommandEnquireLinkResp, smpp.CommandGenericNack,
		smpp.CommandDataSMResp, smpp.CommandDeliverSMResp, smpp.CommandUnbindResp} {
		if got[id(c)] == 0 {
			t.Errorf("tshark saw no %v in %v", c, got)
		}
	}
}
