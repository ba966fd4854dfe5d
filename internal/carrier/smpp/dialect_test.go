package smpp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

func drawDialect(t *rapid.T) Dialect {
	rules := rapid.SampledFrom([]Rule{automatic, {5, 5, 5}, {-1, 3, 1}, {0, -1, -1}})
	whole := rapid.SampledFrom([]Rule{automatic, {0, 0, 0}, {1, 1, 1}})
	rewrites := rapid.SampledFrom([]Rewrite{nil, {{"39", "0039"}, {"", "+"}}, {{"My Co", "Other"}}, {{"49", ""}}})
	return Dialect{
		SourceTON: rules.Draw(t, "source_ton"), SourceNPI: rules.Draw(t, "source_npi"), DestTON: whole.Draw(t, "dest_ton"), DestNPI: whole.Draw(t, "dest_npi"),
		SourceRewrite: rewrites.Draw(t, "source_rewrite"), DestRewrite: rewrites.Draw(t, "dest_rewrite"),
		DestPrefix:  rapid.SampledFrom([]string{DestPrefixNone, "+", "00"}).Draw(t, "dest_prefix"),
		Alphabet:    rapid.SampledFrom([]string{AlphabetGSM, AlphabetPacked, AlphabetLatin1, AlphabetASCII}).Draw(t, "dcs0"),
		Long:        rapid.SampledFrom([]string{LongUDH, LongSAR, LongPayload}).Draw(t, "long"),
		Flash:       rapid.SampledFrom([]string{FlashGeneral, FlashClass, FlashSubunit}).Draw(t, "flash"),
		ServiceType: rapid.SampledFrom([]string{"", "CMT", "a&b=c"}).Draw(t, "service_type"),
		Registered:  rapid.IntRange(0, 31).Draw(t, "registered_delivery"), Receipts: rapid.SampledFrom([]string{ReceiptsEach, ReceiptsLast}).Draw(t, "receipts"),
		TLVs: rapid.SampledFrom([]smpp.TLVs{nil, {{Tag: 0x1400, Value: []byte{1, 2}}, {Tag: 0x1401, Value: []byte{}}}}).Draw(t, "tlv"),
	}
}

// octets is the body of a submit_sm in hex, from the fields that a dialect may change. What is empty is as usual.
type octets struct{ service, source, destination, esmClass, validity, registered, dataCoding, data, tlvs string }

func (o octets) frame(sequence int) string {
	or := func(text, usual string) string {
		if text == "" {
			return usual
		}
		return text
	}
	data := strings.ReplaceAll(o.data, " ", "")
	body := or(o.service, "00") + or(o.source, "0500 4d79436f6d70616e79 00") + or(o.destination, "0101 333933343031323334353637 00") +
		or(o.esmClass, "00") + "00 00 00" + or(o.validity, "00") + or(o.registered, "01") + "00" + or(o.dataCoding, "00") + "00" +
		fmt.Sprintf("%02x", len(data)/2) + data + o.tlvs
	body = strings.ReplaceAll(body, " ", "")
	return fmt.Sprintf("%08x00000004%08x%08x", 16+len(body)/2, 0, sequence) + body
}

// speak submits a message in a dialect and compares what went over the wire. All parts must be answered once.
func speak(t *testing.T, parameters string, m *sms.Message, want ...octets) []answer {
	t.Helper()
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, parameters)
	channel := s.submit(t.Context(), m)
	var answers []answer
	for range m.Parts {
		a := await(t, channel)
		if a.Verdict != dispatch.Accepted {
			t.Errorf("%+v", a)
		}
		answers = append(answers, a)
	}
	for i, f := range smsc.Await(t, smpp.CommandSubmitSM, len(want)) {
		if diff := cmp.Diff(want[min(i, len(want)-1)].frame(2+i), hex.EncodeToString(f.Raw)); diff != "" {
			t.Errorf("piece %d: %s", i+1, diff)
		}
	}
	if n := len(smsc.Submits()); n != len(want) {
		t.Errorf("%d submit_sm, not %d", n, len(want))
	}
	return answers
}

func text(text string, parts int) *sms.Message {
	m := message(text)
	m.Parts = parts
	return m
}

func TestDialect_addresses(t *testing.T) {
	from := func(sender sms.Sender) *sms.Message {
		m := message("")
		m.Sender = sender
		return m
	}
	for name, c := range map[string]struct {
		parameters string
		message    *sms.Message
		want       octets
	}{
		"one TON for all senders":    {"source_ton=0&source_npi=9", message(""), octets{source: "0009 4d79436f6d70616e79 00"}},
		"a TON for short codes":      {"source_ton=short:6,international:2", from("48883"), octets{source: "0600 3438383833 00"}},
		"another kind is as usual":   {"source_ton=short:6", from("+393331"), octets{source: "0101 333933333331 00"}},
		"destination":                {"dest_ton=0&dest_npi=8", message(""), octets{destination: "0008 333933343031323334353637 00"}},
		"destination with +":         {"dest_prefix=%2B", message(""), octets{destination: "0101 2b333933343031323334353637 00"}},
		"a + that is not escaped":    {"dest_prefix=+", message(""), octets{destination: "0101 2b333933343031323334353637 00"}},
		"destination with 00":        {"dest_prefix=00&dest_ton=0", message(""), octets{destination: "0001 3030333933343031323334353637 00"}},
		"national destination":       {"dest_rewrite=39:,393:9&dest_prefix=00", message(""), octets{destination: "0101 39343031323334353637 00"}},
		"destination of another":     {"dest_rewrite=49:0&dest_prefix=00", message(""), octets{destination: "0101 3030333933343031323334353637 00"}},
		"sender by its prefix":       {"source_rewrite=39:0039,393:0", from("3933312"), octets{source: "0101 3033333132 00"}},
		"every number":               {"source_rewrite=:%2B", from("3933312"), octets{source: "0101 2b33393333333132 00"}},
		"no short code":              {"source_rewrite=:%2B,48:0", from("48883"), octets{source: "0300 3438383833 00"}},
		"letters are no number":      {"source_rewrite=:%2B", message(""), octets{}},
		"letters":                    {"source_rewrite=MyCompany:Other", message(""), octets{source: "0500 4f74686572 00"}},
		"service_type":               {"service_type=CMT", message(""), octets{service: "434d5400"}},
		"no receipt":                 {"registered_delivery=0", message(""), octets{registered: "00"}},
		"receipt and notifications":  {"registered_delivery=17", message(""), octets{registered: "11"}},
		"optional parameters":        {"tlv=0x1400:0aff,0x1401:", message(""), octets{tlvs: "14000002 0aff 14010000"}},
		"usual, each parameter told": {"source_ton=auto&dest_npi=auto&dest_prefix=none&dcs0=gsm&long=udh&registered_delivery=1&receipts=each", message(""), octets{}},
	} {
		t.Run(name, func(t *testing.T) { speak(t, c.parameters, c.message, c.want) })
	}
}

func flash(m *sms.Message) *sms.Message { m.Flash = true; return m }

// Text in, the right octets out, in every alphabet that a carrier may mean by data_coding 0.
func TestDialect_alphabets(t *testing.T) {
	a := strings.Repeat
	udh := func(message *sms.Message, header ...byte) *sms.Message { message.UDH = header; return message }
	for name, c := range map[string]struct {
		parameters string
		message    *sms.Message
		want       []octets
	}{
		"Latin-1":                 {"dcs0=latin1", text("@£è{Ü", 1), []octets{{data: "40 a3 e8 7b dc"}}},
		"Latin-1 lacks the euro":  {"dcs0=latin1", text("è€", 1), []octets{{dataCoding: "08", data: "00e8 20ac"}}},
		"Latin-1 of UCS-2":        {"dcs0=latin1", func() *sms.Message { m := text("я", 1); m.Encoding = sms.UCS2; return m }(), []octets{{dataCoding: "08", data: "044f"}}},
		"Latin-1, flash":          {"dcs0=latin1", func() *sms.Message { m := text("è", 1); m.Flash = true; return m }(), []octets{{dataCoding: "10", data: "e8"}}},
		"Latin-1 behind a header": {"dcs0=latin1", udh(text("è", 1), 4, 5, 2, 1, 2), []octets{{esmClass: "40", data: "04 05 02 01 02 e8"}}},
		"Latin-1, seams as paid": {"dcs0=latin1", text(a("è", 152)+"{"+a("b", 9), 2), []octets{
			{esmClass: "40", data: "050003 2a 02 01" + a("e8", 152)}, {esmClass: "40", data: "050003 2a 02 02 7b" + a("62", 9)}}},
		"ASCII":         {"dcs0=ascii", text("@{a~", 1), []octets{{data: "40 7b 61 7e"}}},
		"ASCII lacks è": {"dcs0=ascii", text("è", 1), []octets{{dataCoding: "08", data: "00e8"}}},
		"ASCII, UCS-2 has as many parts": {"dcs0=ascii", text(a("{", 66)+"è"+a("{", 30), 2), []octets{
			{esmClass: "40", dataCoding: "08", data: "050003 2a 02 01" + a("007b", 66) + "00e8"}, {esmClass: "40", dataCoding: "08", data: "050003 2a 02 02" + a("007b", 30)}}},
		"ASCII, UCS-2 needs more": {"dcs0=ascii", text(a("a", 100)+"è", 1), []octets{
			{esmClass: "40", dataCoding: "08", data: "050003 2a 02 01" + a("0061", 67)}, {esmClass: "40", dataCoding: "08", data: "050003 2a 02 02" + a("0061", 33) + "00e8"}}},
		"packed":                      {"dcs0=gsm_packed", text("hellohello", 1), []octets{{data: "e8 32 9b fd 46 97 d9 ec 37"}}},
		"packed, 7 septets end in CR": {"dcs0=gsm_packed", text("1234567", 1), []octets{{data: "31 d9 8c 56 b3 dd 1a"}}},
		"packed, 8 septets end in @":  {"dcs0=gsm_packed", text("1234567@", 1), []octets{{data: "31 d9 8c 56 b3 dd 00"}}},
		"packed UCS-2 is UCS-2":       {"dcs0=gsm_packed", func() *sms.Message { m := text("я", 1); m.Encoding = sms.UCS2; return m }(), []octets{{dataCoding: "08", data: "044f"}}},
		"packed, 160 in 140":          {"dcs0=gsm_packed", text(a("a", 160), 1), []octets{{data: a("e170381c0e87c3", 20)}}},
		"packed behind the header": {"dcs0=gsm_packed", text(a("a", 161), 2), []octets{
			{esmClass: "40", data: "050003 2a 02 01 c2" + a("e170381c0e87c3", 19)}, {esmClass: "40", data: "050003 2a 02 02 c2 e170381c0e87 1b"}}},
		"flash by group F":            {"flash=0xf0", flash(text("hi", 1)), []octets{{dataCoding: "f0", data: "6869"}}},
		"flash by group F, octets":    {"flash=0xf0", flash(func() *sms.Message { m := text("00ff", 1); m.Encoding = sms.Octets; return m }()), []octets{{dataCoding: "f4", data: "00ff"}}},
		"flash by group F, UCS-2":     {"flash=0xf0", flash(func() *sms.Message { m := text("я", 1); m.Encoding = sms.UCS2; return m }()), []octets{{dataCoding: "18", data: "044f"}}},
		"flash by group F, not flash": {"flash=0xf0", text("hi", 1), []octets{{data: "6869"}}},
		"flash by subunit":            {"flash=subunit", flash(text("hi", 1)), []octets{{data: "6869", tlvs: "0005000101"}}},
		"flash by subunit, UCS-2":     {"flash=subunit&dcs0=ascii", flash(text("è", 1)), []octets{{dataCoding: "08", data: "00e8", tlvs: "0005000101"}}},
		"octets stay octets":          {"dcs0=latin1", func() *sms.Message { m := text("00ff", 1); m.Encoding = sms.Octets; return m }(), []octets{{dataCoding: "04", data: "00ff"}}},
		"a national language is kept": {"dcs0=latin1", udh(text("hi", 1), 3, 0x25, 1, 1), []octets{{esmClass: "40", data: "03 25 01 01 68 69"}}},
	} {
		t.Run(name, func(t *testing.T) { speak(t, c.parameters, c.message, c.want...) })
	}
}

func TestDialect_long_messages(t *testing.T) {
	a := strings.Repeat
	cyrillic := text(a("я", 71), 2)
	cyrillic.Encoding = sms.UCS2
	sar := func(total, index int) string {
		return fmt.Sprintf("020c0002 002a 020e0001 %02x 020f0001 %02x", total, index)
	}
	for name, c := range map[string]struct {
		parameters string
		message    *sms.Message
		want       []octets
	}{
		"SAR": {"long=sar", text(a("a", 161), 2), []octets{{data: a("61", 153), tlvs: sar(2, 1)}, {data: a("61", 8), tlvs: sar(2, 2)}}},
		"SAR and others": {"long=sar&tlv=0x1400:01", text(a("a", 161), 2), []octets{
			{data: a("61", 153), tlvs: "14000001 01" + sar(2, 1)}, {data: a("61", 8), tlvs: "14000001 01" + sar(2, 2)}}},
		"SAR, packed":              {"long=sar&dcs0=gsm_packed", text(a("a", 161), 2), []octets{{data: a("e170381c0e87c3", 19) + "61", tlvs: sar(2, 1)}, {data: "e170381c0e87c3", tlvs: sar(2, 2)}}},
		"SAR, UCS-2":               {"long=sar", cyrillic, []octets{{dataCoding: "08", data: a("044f", 67), tlvs: sar(2, 1)}, {dataCoding: "08", data: a("044f", 4), tlvs: sar(2, 2)}}},
		"SAR is for long ones":     {"long=sar", text("a", 1), []octets{{data: "61"}}},
		"payload":                  {"long=payload", text(a("a", 161)+"€", 2), []octets{{tlvs: "042400a3" + a("61", 161) + "1b65"}}},
		"payload, UCS-2":           {"long=payload", cyrillic, []octets{{dataCoding: "08", tlvs: "0424008e" + a("044f", 71)}}},
		"payload, packed":          {"long=payload&dcs0=gsm_packed", text(a("a", 168), 2), []octets{{tlvs: "04240093" + a("e170381c0e87c3", 21)}}},
		"payload, Latin-1":         {"long=payload&dcs0=latin1", text(a("è", 161), 2), []octets{{tlvs: "042400a1" + a("e8", 161)}}},
		"payload, no Latin-1":      {"long=payload&dcs0=latin1", text(a("a", 160)+"Ω", 2), []octets{{dataCoding: "08", tlvs: "04240142" + a("0061", 160) + "03a9"}}},
		"payload is for long ones": {"long=payload", text("a", 1), []octets{{data: "61"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, got := range speak(t, c.parameters, c.message, c.want...) {
				payload := strings.Contains(c.parameters, "payload") && c.message.Parts > 1
				if got.part != i || got.Whole != payload || (got.Ref == "") != (payload && i > 0) {
					t.Errorf("part %d: %+v", i, got)
				}
			}
		})
	}
}

// A carrier that reports once for all parts is asked once, by the last part that leaves; the report counts for all.
func TestField_multipart_receipt_once(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "receipts=last")
	m := text(strings.Repeat("a", 153*3), 3)
	answers := s.submit(t.Context(), m)
	for i := range 3 {
		if got := await(t, answers); !got.Whole || got.Ref != fmt.Sprint(i+1) {
			t.Errorf("%+v", got)
		}
	}
	m.Progress = []sms.Part{{State: sms.Queued}, {State: sms.Queued}, {State: sms.Sent, Ref: "3", Whole: true}} // the others come again
	for range 2 {
		if got := await(t, s.submit(t.Context(), m)); !got.Whole {
			t.Errorf("%+v", got)
		}
	}
	if got := await(t, s.submit(t.Context(), message("x"))); got.Whole {
		t.Errorf("a message of one part: %+v", got)
	}
	var registered []byte
	for _, p := range smsc.Submits() {
		registered = append(registered, p.RegisteredDelivery)
	}
	if diff := cmp.Diff([]byte{0, 0, 1, 0, 1, 0, 1, 1}, registered); diff != "" {
		t.Error(diff)
	}
}

// What is cut into more pieces than were paid for is one to the outside: the worst answer counts for all.
func TestDialect_pieces_that_stand_for_all_parts(t *testing.T) {
	for name, c := range map[string]struct {
		script []smpptest.Behaviour
		want   dispatch.Answer
	}{
		"accepted":             {nil, dispatch.Answer{Verdict: dispatch.Accepted, Ref: "2", Whole: true}},
		"one throttled":        {[]smpptest.Behaviour{smpptest.Throttle(), smpptest.Accept()}, dispatch.Answer{Verdict: dispatch.Throttled, Code: "0x00000058"}},
		"refused and accepted": {[]smpptest.Behaviour{smpptest.Accept(), smpptest.Refuse(smpp.ESME_RINVDSTADR)}, dispatch.Answer{Verdict: dispatch.Permanent, Code: "0x0000000b"}},
		"accepted and lost":    {[]smpptest.Behaviour{smpptest.Accept(), smpptest.Reset()}, dispatch.Answer{Verdict: dispatch.Uncertain}},
	} {
		t.Run(name, func(t *testing.T) {
			smsc := smpptest.NewSMSC(t)
			smsc.On(smpp.CommandSubmitSM, c.script...)
			_, s := startWith(t, smsc, "dcs0=ascii")
			got := await(t, s.submit(t.Context(), text(strings.Repeat("è", 100), 1)))
			got.Reason = ""
			if diff := cmp.Diff(c.want, got.Answer); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorst(t *testing.T) {
	v := func(verdicts ...dispatch.Verdict) (all []dispatch.Answer) {
		for _, verdict := range verdicts {
			all = append(all, dispatch.Answer{Verdict: verdict})
		}
		return all
	}
	for _, c := range []struct {
		answers []dispatch.Answer
		want    dispatch.Verdict
	}{
		{v(dispatch.Accepted, dispatch.Accepted), dispatch.Accepted},
		{v(dispatch.NotSent, dispatch.NotSent), dispatch.NotSent},
		{v(dispatch.Accepted, dispatch.NotSent), dispatch.Temporary}, // it is not untouched
		{v(dispatch.NotSent, dispatch.Uncertain), dispatch.Uncertain},
		{v(dispatch.Throttled, dispatch.Uncertain, dispatch.Temporary), dispatch.Uncertain},
		{v(dispatch.Temporary, dispatch.Throttled, dispatch.Accepted), dispatch.Throttled},
		{v(dispatch.Uncertain, dispatch.Permanent), dispatch.Permanent},
		{v(dispatch.CarrierWide, dispatch.Temporary), dispatch.CarrierWide},
	} {
		if got := worst(c.answers); got.Verdict != c.want {
			t.Errorf("%v: %v", c.answers, got.Verdict)
		}
	}
}

// What has no form in a dialect is refused with the reason, and harms nobody else.
func TestField_poison_message_in_a_dialect(t *testing.T) {
	smsc := smpptest.NewSMSC(t)
	_, s := startWith(t, smsc, "dcs0=ascii&dest_prefix=00&source_rewrite=39:00000000000000000039")
	headed := text(strings.Repeat("è", 67), 1)
	headed.UDH = []byte{6, 5, 4, 0x0B, 0x84, 0x23, 0xF0}
	sent := text(strings.Repeat("è", 200), 2)
	sent.Progress = []sms.Part{{State: sms.Sent, Ref: "1"}, {State: sms.Queued}}
	far := text("x", 1)
	far.Sender = "+393331234567"
	for reason, m := range map[string]*sms.Message{"does not fit what the carrier takes": headed, "sent already, in another way": sent,
		"no form in SMPP: source_addr": far} {
		if got := await(t, s.submit(t.Context(), m)); got.Verdict != dispatch.Permanent || !strings.Contains(got.Reason, reason) {
			t.Errorf("%s: %+v", reason, got)
		}
	}
	if got := await(t, s.submit(t.Context(), message("good"))); got.Verdict != dispatch.Accepted {
		t.Errorf("the next message: %+v", got)
	}
}

// A message that was sent in part before its carrier's address changed goes on as it began.
func TestDialect_payload_after_a_part_was_sent(t *testing.T) {
	m := text(strings.Repeat("a", 200), 2)
	m.Progress = []sms.Part{{State: sms.Sent, Ref: "1"}, {State: sms.Queued}}
	d := usualDialect()
	d.Long = LongPayload
	pieces, joint, err := d.cut(m)
	if err != nil || joint || len(pieces) != 2 || len(pieces[1].UDH) != concatLength {
		t.Errorf("%v, %v, %v", pieces, joint, err)
	}
}

// Whatever a text is made of, every dialect has as many answers as parts were paid for, and what goes out reads back.
func TestDialect_every_text_in_every_dialect(t *testing.T) {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("aè€{@Ω\nя😀Z~")), 1, 400, -1)
	rapid.Check(t, func(t *rapid.T) {
		m, d := message(letters.Draw(t, "text")), drawDialect(t)
		encoding, _, parts := gsm.Count(m.Text)
		m.Encoding, m.Parts = sms.Encoding(encoding), parts
		pieces, joint, err := d.cut(m)
		if err != nil || !joint && len(pieces) != parts {
			t.Fatalf("%d pieces, joint %v, %v", len(pieces), joint, err)
		}
		var read strings.Builder
		for _, piece := range pieces {
			var p smpp.SubmitSM
			d.fill(&p, m, piece)
			read.WriteString(readPiece(&d, &p))
		}
		if diff := cmp.Diff(m.Text, read.String()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// readPiece is what a carrier of that dialect reads.
func readPiece(d *Dialect, p *smpp.SubmitSM) string {
	octets, header := p.Message(), 0
	if p.ESMClass&smpp.ESMClassUDHI != 0 {
		header = int(octets[0]) + 1
	}
	octets = octets[header:]
	switch {
	case p.DataCoding == smpp.DataCodingUCS2:
		return gsm.DecodeUCS2(octets)
	case d.Alphabet == AlphabetPacked:
		fill := 0
		if header > 0 {
			fill = gsm.FillBits(header)
		}
		septets := gsm.Unpack(nil, octets, (8*len(octets)-fill)/7, fill)
		if left := 8*len(octets) - fill - 7*len(septets); left == 0 && septets[len(septets)-1] == 0x0D {
			septets = septets[:len(septets)-1]
		}
		return gsm.DecodeGSM(septets)
	case d.Alphabet == AlphabetGSM:
		return gsm.DecodeGSM(octets)
	}
	var text strings.Builder
	for _, octet := range octets {
		text.WriteRune(rune(octet))
	}
	return text.String()
}

func TestAbsoluteTime(t *testing.T) {
	rome := time.FixedZone("CET", 3600)
	if got := absoluteTime(time.Date(2026, 3, 1, 0, 30, 5, 0, rome)); got != "260228233005000+" {
		t.Error(got)
	}
	m := message("x")
	m.Expires = time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)
	speak(t, "validity=absolute", m, octets{validity: "333031323331323335393539303030 2b 00", data: "78"})
	m.Expires = time.Time{}
	speak(t, "validity=absolute", m, octets{data: "78"})
}

func TestDialect_parameters_that_are_wrong(t *testing.T) {
	for _, c := range []string{"source_ton=8", "source_ton=letters:1", "source_ton=short:1,short:2", "source_ton=", "source_npi=-1", "dest_ton=short:1",
		"dest_npi=19", "dest_prefix=0039", "source_rewrite=39", "source_rewrite=39:1,39:2", "dest_rewrite=39:123456789012345678901", "dest_rewrite=",
		"service_type=sixsix", "registered_delivery=32", "receipts=first", "long=tlv", "dcs0=utf8", "tlv=0x0424:00", "tlv=1400", "tlv=0x1400:0",
		"tlv=0x10000:00", "tlv=0x020C:0001", "tlv=" + strings.Repeat("1:,", 16) + "1:", "validity=never"} {
		_, err := ParseAddress("smpp://esme@a?" + c)
		field, _, _ := strings.Cut(c, "=")
		if e, ok := errors.AsType[*sms.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %v", c, err)
		}
	}
}
