package smppapi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// kept is what of a stored message a test looks at.
type kept struct {
	To, From, Text, UDH string
	Encoding            sms.Encoding
	Raw, Flash          bool
	Parts               int
	Priority            sms.Priority
	Submission          sms.Submission
}

func keptOf(m *sms.Message) kept {
	m.Submission.Alphabet = 0 // TestReplace looks at it
	return kept{m.Destination.String(), string(m.Sender), m.Text, fmt.Sprintf("%x", m.UDH), m.Encoding, m.Raw, m.Flash, m.Parts, m.Priority, m.Submission}
}

// usual is what becomes of plain(nil), changed.
func usual(change func(*kept)) kept {
	k := kept{To: "+393401234567", From: "MyCompany", Text: "hello", Parts: 1, Priority: sms.Normal,
		Submission: sms.Submission{SourceTON: 5, DestTON: 1, DestNPI: 1}}
	if change != nil {
		change(&k)
	}
	return k
}

func TestSubmit(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	long := strings.Repeat("a", 161)
	sar := func(ref uint16, total, index uint8) func(*smpp.SubmitSM) {
		return func(p *smpp.SubmitSM) {
			p.TLVs.AddUint16(smpp.TagSARMsgRefNum, ref)
			p.TLVs.AddUint8(smpp.TagSARTotalSegments, total)
			p.TLVs.AddUint8(smpp.TagSARSegmentSeqnum, index)
		}
	}
	for _, c := range []struct {
		name   string
		submit func(*smpp.SubmitSM)
		want   func(*kept)
	}{
		{"plain", nil, nil},
		{"GSM alphabet", func(p *smpp.SubmitSM) { p.ShortMessage = []byte{0x00, 0x1B, 0x65, 0x7F} }, func(k *kept) { k.Text = "@€à" }},
		{"long", func(p *smpp.SubmitSM) { p.ShortMessage = []byte(long) }, func(k *kept) { k.Text, k.Parts = long, 2 }},
		{"payload", func(p *smpp.SubmitSM) {
			p.ShortMessage = nil
			p.TLVs.Add(smpp.TagMessagePayload, []byte(long))
		}, func(k *kept) { k.Text, k.Parts = long, 2 }},
		{"ASCII", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 1, []byte("a@b") }, func(k *kept) { k.Text = "a@b" }},
		{"Latin-1", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 3, []byte{0xE9, 0xFC} }, func(k *kept) { k.Text = "éü" }},
		{"Cyrillic", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 6, []byte{0xBF, 0xE0, 0xD8} },
			func(k *kept) { k.Text, k.Encoding = "При", sms.UCS2 }},
		{"Hebrew", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 7, []byte{0xF9, 0xEC} },
			func(k *kept) { k.Text, k.Encoding = "של", sms.UCS2 }},
		{"UCS-2", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 8, []byte{0x04, 0x1F, 0xD8, 0x3D, 0xDE, 0x00} },
			func(k *kept) { k.Text, k.Encoding = "П😀", sms.UCS2 }},
		{"octets", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 4, []byte{0, 1, 0xFF} },
			func(k *kept) { k.Text, k.Encoding = "0001ff", sms.Octets }},
		{"octets of class 1", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 0xF5, []byte{7} },
			func(k *kept) { k.Text, k.Encoding = "07", sms.Octets }},
		{"flash", func(p *smpp.SubmitSM) { p.DataCoding = 0x10 }, func(k *kept) { k.Flash = true }},
		{"flash in the data class group", func(p *smpp.SubmitSM) { p.DataCoding = 0xF0 }, func(k *kept) { k.Flash = true }},
		{"flash UCS-2", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 0x18, []byte{0x04, 0x1F} },
			func(k *kept) { k.Text, k.Encoding, k.Flash = "П", sms.UCS2, true }},
		{"class 1", func(p *smpp.SubmitSM) { p.DataCoding = 0x11 }, nil},
		{"display", func(p *smpp.SubmitSM) { p.TLVs.AddUint8(smpp.TagDestAddrSubunit, 1) }, func(k *kept) { k.Flash = true }},
		{"own header", func(p *smpp.SubmitSM) {
			p.ESMClass, p.ShortMessage = smpp.ESMClassUDHI, []byte("\x05\x00\x03\x2A\x02\x01part")
		}, func(k *kept) { k.UDH, k.Text = "0500032a0201", "part" }},
		{"own header, Turkish", func(p *smpp.SubmitSM) {
			p.ESMClass, p.ShortMessage = smpp.ESMClassUDHI, []byte("\x03\x24\x01\x01\x1B\x53")
		}, func(k *kept) { k.UDH, k.Text = "03240101", "Ş" }},
		{"own header, UCS-2 that septets could say", func(p *smpp.SubmitSM) {
			p.ESMClass, p.DataCoding, p.ShortMessage = smpp.ESMClassUDHI, 8, []byte("\x05\x00\x03\x2A\x02\x01\x00a")
		}, func(k *kept) { k.UDH, k.Text, k.Encoding = "0500032a0201", "a", sms.UCS2 }},
		{"own header, half a pair", func(p *smpp.SubmitSM) {
			p.ESMClass, p.DataCoding, p.ShortMessage = smpp.ESMClassUDHI, 8, []byte("\x05\x00\x03\x2A\x02\x01\x00a\xD8\x3D")
		}, func(k *kept) { k.UDH, k.Text, k.Encoding, k.Raw = "0500032a0201", "0061d83d", sms.UCS2, true }},
		{"own header, half an escape", func(p *smpp.SubmitSM) {
			p.ESMClass, p.ShortMessage = smpp.ESMClassUDHI, []byte("\x05\x00\x03\x2A\x02\x01a\x1B")
		}, func(k *kept) { k.UDH, k.Text, k.Raw = "0500032a0201", "611b", true }},
		{"own header, Latin-1", func(p *smpp.SubmitSM) {
			p.ESMClass, p.DataCoding, p.ShortMessage = smpp.ESMClassUDHI, 3, []byte("\x05\x00\x03\x2A\x02\x01\xE9")
		}, func(k *kept) { k.UDH, k.Text = "0500032a0201", "é" }},
		{"header in the payload", func(p *smpp.SubmitSM) {
			p.ESMClass, p.ShortMessage = smpp.ESMClassUDHI, nil
			p.TLVs.Add(smpp.TagMessagePayload, []byte("\x05\x00\x03\x2A\x02\x02x"))
		}, func(k *kept) { k.UDH, k.Text = "0500032a0202", "x" }},
		{"SAR", sar(0x2A, 3, 2), func(k *kept) { k.UDH = "0500032a0302" }},
		{"SAR with a long reference", sar(0x12A, 3, 2), func(k *kept) { k.UDH = "060804012a0302" }},
		{"SAR of one", sar(0x2A, 1, 1), nil},
		{"ports", func(p *smpp.SubmitSM) {
			p.TLVs.AddUint16(smpp.TagDestinationPort, 0x0B84)
			p.TLVs.AddUint16(smpp.TagSourcePort, 0x23F0)
		}, func(k *kept) { k.UDH = "0605040b8423f0" }},
		{"short code", func(p *smpp.SubmitSM) { p.SourceAddrTON, p.SourceAddr = 3, "48883" },
			func(k *kept) { k.From, k.Submission.SourceTON = "48883", 3 }},
		{"few digits, international", func(p *smpp.SubmitSM) { p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr = 1, 1, "48883" },
			func(k *kept) { k.From, k.Submission.SourceTON, k.Submission.SourceNPI = "+48883", 1, 1 }},
		{"number", func(p *smpp.SubmitSM) { p.SourceAddrTON, p.SourceAddrNPI, p.SourceAddr = 1, 1, "+393331234567" },
			func(k *kept) {
				k.From, k.Submission.SourceTON, k.Submission.SourceNPI, k.Submission.SourcePlus = "+393331234567", 1, 1, true
			}},
		{"number with 00", func(p *smpp.SubmitSM) { p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr = 0, 0, "00393401234567" },
			func(k *kept) {
				k.Submission.DestTON, k.Submission.DestNPI, k.Submission.DestPrefix = 0, 0, sms.PrefixZeros
			}},
		{"national with +", func(p *smpp.SubmitSM) { p.DestAddrTON, p.DestAddrNPI, p.DestinationAddr = 2, 18, "+393401234567" },
			func(k *kept) {
				k.Submission.DestTON, k.Submission.DestNPI, k.Submission.DestPrefix = 2, 18, sms.PrefixPlus
			}},
		{"priority", func(p *smpp.SubmitSM) { p.PriorityFlag = 3 }, func(k *kept) { k.Priority = sms.High }},
		{"final receipt", func(p *smpp.SubmitSM) { p.RegisteredDelivery = 1 },
			func(k *kept) { k.Submission.Receipts = sms.ReceiptDelivered | sms.ReceiptFailed }},
		{"receipt of failure", func(p *smpp.SubmitSM) { p.RegisteredDelivery = 2 }, func(k *kept) { k.Submission.Receipts = sms.ReceiptFailed }},
		{"interim receipts", func(p *smpp.SubmitSM) { p.RegisteredDelivery = 0x11 },
			func(k *kept) { k.Submission.Receipts = sms.ReceiptDelivered | sms.ReceiptFailed | sms.ReceiptInterim }},
		{"service type", func(p *smpp.SubmitSM) { p.ServiceType, p.ProtocolID = "CMT", 0x7F }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, err := s.Submit(t.Context(), plain(c.submit))
			if err != nil {
				t.Fatal(err)
			}
			m := w.stored(resp.MessageID).Message
			if d := cmp.Diff(usual(c.want), keptOf(m)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if m.Origin != (sms.Origin{Door: "smpp", Credential: user, Address: "127.0.0.1"}) {
				t.Errorf("origin %+v", m.Origin)
			}
		})
	}
}

func TestRefusedSubmit(t *testing.T) {
	w := open(t, sms.Settings{MaxParts: 2})
	s := w.bind(smpp.Transceiver)
	now := time.Now()
	for _, c := range []struct {
		name   string
		submit func(*smpp.SubmitSM)
		want   smpp.CommandStatus
	}{
		{"no sender", func(p *smpp.SubmitSM) { p.SourceAddr = "" }, 0x0A},
		{"sender too long", func(p *smpp.SubmitSM) { p.SourceAddr = "TwelveLetter" }, 0x0A},
		{"letters as a number", func(p *smpp.SubmitSM) { p.SourceAddrTON = 1 }, 0x0A},
		{"reserved type of sender", func(p *smpp.SubmitSM) { p.SourceAddrTON = 7 }, 0x48},
		{"no destination", func(p *smpp.SubmitSM) { p.DestinationAddr = "" }, 0x0B},
		{"letters", func(p *smpp.SubmitSM) { p.DestinationAddr = "somebody" }, 0x0B},
		{"national number", func(p *smpp.SubmitSM) { p.DestAddrTON, p.DestinationAddr = 2, "3401234567" }, 0x0B},
		{"reserved type", func(p *smpp.SubmitSM) { p.DestAddrTON = 7 }, 0x50},
		{"no text", func(p *smpp.SubmitSM) { p.ShortMessage = nil }, 0x45},
		{"Latin-1 as GSM", func(p *smpp.SubmitSM) { p.ShortMessage = []byte{0xE9} }, 0x45},
		{"eight bits as ASCII", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 1, []byte{0xE9} }, 0x45},
		{"half a unit", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 8, []byte{0, 'a', 0} }, 0x45},
		{"half a pair", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 8, []byte{0xD8, 0x3D} }, 0x45},
		{"U+0000", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 8, []byte{0, 0} }, 0x45},
		{"JIS", func(p *smpp.SubmitSM) { p.DataCoding = 5 }, 0x45},
		{"compressed", func(p *smpp.SubmitSM) { p.DataCoding = 0x20 }, 0x45},
		{"for the SIM", func(p *smpp.SubmitSM) { p.DataCoding = 0x12 }, 0x45},
		{"message waiting", func(p *smpp.SubmitSM) { p.DataCoding = 0xC8 }, 0x45},
		{"too many octets", func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 4, make([]byte, 141) }, 0x45},
		{"too many parts", func(p *smpp.SubmitSM) {
			p.ShortMessage = nil
			p.TLVs.Add(smpp.TagMessagePayload, []byte(strings.Repeat("a", 307)))
		}, 0x45},
		{"header beyond the text", func(p *smpp.SubmitSM) { p.ESMClass, p.ShortMessage = 0x40, []byte{9, 0, 3} }, 0x45},
		{"part too long", func(p *smpp.SubmitSM) {
			p.ESMClass, p.ShortMessage = 0x40, []byte("\x05\x00\x03\x2A\x02\x01"+strings.Repeat("a", 154))
		}, 0x45},
		{"text twice", func(p *smpp.SubmitSM) { p.TLVs.Add(smpp.TagMessagePayload, []byte("x")) }, 0xC1},
		{"SAR without a total", func(p *smpp.SubmitSM) { p.TLVs.AddUint16(smpp.TagSARMsgRefNum, 1) }, 0xC3},
		{"part 3 of 2", func(p *smpp.SubmitSM) {
			p.TLVs.AddUint16(smpp.TagSARMsgRefNum, 1)
			p.TLVs.AddUint8(smpp.TagSARTotalSegments, 2)
			p.TLVs.AddUint8(smpp.TagSARSegmentSeqnum, 3)
		}, 0xC4},
		{"transaction mode", func(p *smpp.SubmitSM) { p.ESMClass = 2 }, 0x43},
		{"an acknowledgement", func(p *smpp.SubmitSM) { p.ESMClass = 8 }, 0x43},
		{"priority", func(p *smpp.SubmitSM) { p.PriorityFlag = 4 }, 0x06},
		{"replace", func(p *smpp.SubmitSM) { p.ReplaceIfPresentFlag = 1 }, 0x54},
		{"predefined", func(p *smpp.SubmitSM) { p.SMDefaultMsgID = 1 }, 0x63},
		{"no date", func(p *smpp.SubmitSM) { p.ScheduleDeliveryTime = "330231000000000+" }, 0x61},
		{"date of last week", func(p *smpp.SubmitSM) { p.ScheduleDeliveryTime = formatTime(now.AddDate(0, 0, -7)) }, 0x61},
		{"in two years", func(p *smpp.SubmitSM) { p.ScheduleDeliveryTime = "020000000000000R" }, 0x61},
		{"no period", func(p *smpp.SubmitSM) { p.ValidityPeriod = "000000000000000x" }, 0x62},
		{"over before it begins", func(p *smpp.SubmitSM) { p.ValidityPeriod = formatTime(now.Add(-time.Hour)) }, 0x62},
		{"thirty seconds", func(p *smpp.SubmitSM) { p.ValidityPeriod = "000000000030000R" }, 0x62},
		{"eight days", func(p *smpp.SubmitSM) { p.ValidityPeriod = "000008000000000R" }, 0x62},
		{"over before it is due", func(p *smpp.SubmitSM) {
			p.ScheduleDeliveryTime, p.ValidityPeriod = "000002000000000R", "000001000000000R"
		}, 0x62},
	} {
		if _, err := s.Submit(t.Context(), plain(c.submit)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := s.Submit(t.Context(), plain(nil)); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

func TestTimes(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	at := time.Now().Add(36 * time.Hour).Truncate(time.Second).UTC()
	resp, err := s.Submit(t.Context(), plain(func(p *smpp.SubmitSM) {
		p.ScheduleDeliveryTime = at.Add(90*time.Minute).Format("060102150405") + "006+"
		p.ValidityPeriod = "000003000000000R"
	}))
	w.must(err)
	r := w.stored(resp.MessageID)
	if !r.Message.Due.Equal(at) || r.State != sms.Scheduled {
		t.Errorf("due %v, %v; want %v", r.Message.Due, r.State, at)
	}
	if left := time.Until(r.Message.Expires); left > 72*time.Hour || left < 71*time.Hour+59*time.Minute {
		t.Errorf("expires in %v, want three days from now", left)
	}
}

func TestRules(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*world)
		want    smpp.CommandStatus
	}{
		"no credit": {func(w *world) {
			b, err := w.store.AdjustCredit(t.Context(), w.deed(), w.account.ID, -10*sms.Euro)
			if err != nil || b.Credit != 0 {
				t.Fatal(b, err)
			}
		}, 0x103},
		"no route": {func(w *world) {
			_, err := w.store.RemoveCarrier(t.Context(), w.deed(), "north")
			w.must(err)
			w.refresh()
		}, 0x0B},
		"opted out": {func(w *world) {
			_, err := w.store.AddOptOuts(t.Context(), w.deed(), w.account.ID, []sms.OptOut{{Number: 393401234567}})
			w.must(err)
		}, 0x0B},
		"sender not on the list": {func(w *world) {
			w.change(func(a *sms.Account) { a.Settings.Senders = "listed" })
		}, 0x402},
	} {
		w := open(t, sms.Settings{})
		c.prepare(w)
		if _, err := w.bind(smpp.Transmitter).Submit(t.Context(), plain(nil)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestThrottle(t *testing.T) {
	w := open(t, sms.Settings{SMPPThroughput: 3})
	s := w.bind(smpp.Transmitter)
	two := plain(func(p *smpp.SubmitSM) { p.ShortMessage = []byte(strings.Repeat("a", 200)) }) // two segments
	if _, err := s.Submit(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit(t.Context(), two); !errors.Is(err, smpp.ESME_RTHROTTLED) {
		t.Errorf("the fourth segment of a second: %v, want ESME_RTHROTTLED", err)
	}
	if _, err := s.Submit(t.Context(), plain(nil)); err != nil {
		t.Errorf("the third segment: %v", err)
	}
}

// TestOrder: what is in flight together is accepted in the order of the session, and each answer names its own message.
func TestOrder(t *testing.T) {
	w := open(t, sms.Settings{})
	s, err := w.dial(smpp.DialConfig{Config: smpp.Config{Window: 100}})
	w.must(err)
	const n = 1000
	ids := make([]string, n)
	answered := make(chan error, n)
	for i := range n {
		p := plain(func(p *smpp.SubmitSM) { p.ShortMessage = fmt.Append(nil, i) })
		w.must(s.Begin(t.Context(), p, func(r smpp.Response) {
			if resp, ok := r.PDU.(*smpp.SubmitSMResp); ok {
				ids[i] = resp.MessageID
			}
			answered <- r.Err
		}))
	}
	for range n {
		w.must(<-answered)
	}
	last := sms.ID(0)
	for i, id := range ids {
		m := w.stored(id).Message
		if m.Text != fmt.Sprint(i) || m.ID <= last {
			t.Fatalf("message %d is %q, id %d after %d", i, m.Text, m.ID, last)
		}
		last = m.ID
	}
}

func TestDataSM(t *testing.T) {
	w := open(t, sms.Settings{})
	p := &smpp.DataSM{SourceAddrTON: 5, SourceAddr: "MyCompany", DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "393401234567", RegisteredDelivery: 1}
	p.TLVs.Add(smpp.TagMessagePayload, []byte("hello"))
	resp, err := w.bind(smpp.Transceiver).Data(t.Context(), p)
	w.must(err)
	want := usual(func(k *kept) { k.Submission.Receipts = sms.ReceiptDelivered | sms.ReceiptFailed })
	if d := cmp.Diff(want, keptOf(w.stored(resp.MessageID).Message)); d != "" {
		t.Error(d)
	}
}

func TestSubmitMulti(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	to := func(numbers ...string) (list []smpp.DestAddress) {
		for _, n := range numbers {
			list = append(list, smpp.DestAddress{DestFlag: smpp.DestFlagSMEAddress, DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: n})
		}
		return list
	}
	p := &smpp.SubmitMulti{SourceAddrTON: 5, SourceAddr: "MyCompany", ShortMessage: []byte("hello")}
	p.DestAddresses = to("393401234567", "12", "393401234568")
	resp, err := s.SubmitMulti(t.Context(), p)
	w.must(err)
	want := []smpp.UnsuccessSME{{DestAddrTON: 1, DestAddrNPI: 1, DestinationAddr: "12", ErrorStatusCode: smpp.ESME_RINVDSTADR}}
	if d := cmp.Diff(want, resp.UnsuccessSMEs); d != "" || w.count() != 2 || !strings.HasPrefix(resp.MessageID, "m-") {
		t.Errorf("%d stored, id %q, %s", w.count(), resp.MessageID, d)
	}
	p.DestAddresses = to("393401234567")
	resp, err = s.SubmitMulti(t.Context(), p)
	w.must(err)
	if d := cmp.Diff(usual(nil), keptOf(w.stored(resp.MessageID).Message)); d != "" {
		t.Error(d)
	}
	p.DestAddresses = to("12", "13")
	if _, err := s.SubmitMulti(t.Context(), p); !errors.Is(err, smpp.ESME_RINVDSTADR) {
		t.Errorf("nobody: %v", err)
	}
	p.DestAddresses = []smpp.DestAddress{{DestFlag: smpp.DestFlagDistributionList, DLName: "friends"}}
	if _, err := s.SubmitMulti(t.Context(), p); !errors.Is(err, smpp.ESME_RCNTSUBDL) {
		t.Errorf("a distribution list: %v", err)
	}
}

func TestQuery(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	resp, err := s.Submit(t.Context(), plain(nil))
	w.must(err)
	for _, source := range []string{"", "MyCompany"} {
		got, err := s.Query(t.Context(), &smpp.QuerySM{MessageID: resp.MessageID, SourceAddr: source})
		w.must(err)
		if got.MessageID != resp.MessageID || got.MessageState != smpp.StateEnroute || got.FinalDate != "" {
			t.Errorf("%+v", got)
		}
	}
	if _, err := s.Query(t.Context(), &smpp.QuerySM{MessageID: resp.MessageID, SourceAddr: "Somebody"}); !errors.Is(err, smpp.ESME_RINVSRCADR) {
		t.Errorf("another sender: %v", err)
	}
	if _, err := s.Query(t.Context(), &smpp.QuerySM{MessageID: "nothing"}); !errors.Is(err, smpp.ESME_RINVMSGID) {
		t.Errorf("unknown: %v", err)
	}
}

// FuzzRequest: whatever a customer writes becomes a request or an error of the protocol, and never a panic.
func FuzzRequest(f *testing.F) {
	add := func(p *smpp.SubmitSM, charset byte) {
		body, err := p.AppendBody(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, charset)
	}
	add(plain(nil), 0)
	add(plain(func(p *smpp.SubmitSM) { p.ESMClass, p.ShortMessage = 0x40, []byte("\x05\x00\x03\x2A\x02\x01part") }), 1)
	add(plain(func(p *smpp.SubmitSM) { p.DataCoding, p.ShortMessage = 8, []byte{0xD8, 0x3D, 0xDE, 0} }), 2)
	add(plain(func(p *smpp.SubmitSM) {
		p.ScheduleDeliveryTime, p.ValidityPeriod = "330301000000000+", "000003000000000R"
		p.TLVs.AddUint16(smpp.TagDestinationPort, 2948)
	}), 0)
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte, charset byte) {
		p := new(smpp.SubmitSM)
		if err := p.DecodeBody(smpp.Header{ID: smpp.CommandSubmitSM, Length: uint32(smpp.HeaderLen + len(body))}, body); err != nil {
			return
		}
		r, status := requestOf(p, sms.Settings{SMPPCharset: []string{"", "latin1", "utf8"}[charset%3]}, now)
		if (r == nil) == (status == smpp.ESME_ROK) {
			t.Fatalf("%+v with %v", r, status)
		}
		if r == nil {
			return
		}
		if (r.Octets == nil) == (r.Body == "") {
			t.Errorf("octets %x and body %q", r.Octets, r.Body)
		}
		if r.UDH != nil && int(r.UDH[0]) != len(r.UDH)-1 {
			t.Errorf("header %x", r.UDH)
		}
		if segments(r) < 1 {
			t.Error("no segment")
		}
	})
}

// TestTimeOnTheWire holds the notation of SMPP 3.4 §7.1.1 against moments.
func TestTimeOnTheWire(t *testing.T) {
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                 {},
		"310203040506000+": now,
		"310203050506304+": now.Add(300 * time.Millisecond),
		"310203000506716-": now.Add(700 * time.Millisecond),
		"000000010203000R": now.Add(time.Hour + 2*time.Minute + 3*time.Second),
		"010203000000000R": time.Date(2032, 4, 6, 4, 5, 6, 0, time.UTC),
	} {
		if got, ok := parseTime(text, now); !ok || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"31020304050600", "310203040506000", "310203040506000 ", "31020304050600a+", "311303040506000+", "310203240506000+",
		"310203040506057+", "310230040506000+", "-10203040506000+", "3102030405060000+"} {
		if at, ok := parseTime(text, now); ok {
			t.Errorf("%q is %v", text, at)
		}
	}
	if got := formatTime(now); got != "310203040506000+" || formatTime(time.Time{}) != "" {
		t.Errorf("written %q", got)
	}
}
