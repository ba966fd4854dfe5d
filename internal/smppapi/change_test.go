package smppapi

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

func inAnHour(p *smpp.SubmitSM) { p.ScheduleDeliveryTime = "000000010000000R" }

func TestCancel(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	for name, change := range map[string]func(*smpp.SubmitSM){"held": inAnHour, "queued": nil} {
		resp, err := s.Submit(t.Context(), plain(change))
		w.must(err)
		if err := s.Cancel(t.Context(), &smpp.CancelSM{MessageID: resp.MessageID, SourceAddr: "Somebody"}); !errors.Is(err, smpp.ESME_RINVSRCADR) {
			t.Errorf("%s, another sender: %v", name, err)
		}
		w.must(s.Cancel(t.Context(), &smpp.CancelSM{MessageID: resp.MessageID, SourceAddr: "MyCompany"}))
		got, err := s.Query(t.Context(), &smpp.QuerySM{MessageID: resp.MessageID})
		if err != nil || got.MessageState != smpp.StateDeleted || got.FinalDate == "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err := s.Cancel(t.Context(), &smpp.CancelSM{MessageID: resp.MessageID}); !errors.Is(err, smpp.ESME_RCANCELFAIL) {
			t.Errorf("%s, a second time: %v", name, err)
		}
	}
	if err := s.Cancel(t.Context(), &smpp.CancelSM{DestinationAddr: "393401234567"}); !errors.Is(err, smpp.ESME_RCANCELFAIL) {
		t.Errorf("all of a conversation: %v", err)
	}
	if err := s.Cancel(t.Context(), &smpp.CancelSM{MessageID: "nothing"}); !errors.Is(err, smpp.ESME_RINVMSGID) {
		t.Errorf("unknown: %v", err)
	}
}

func TestReplace(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	resp, err := s.Submit(t.Context(), plain(func(p *smpp.SubmitSM) {
		inAnHour(p)
		p.DataCoding, p.ShortMessage = 8, []byte("\x00h\x00i") // GSM-7 would do; the next text is UCS-2 too
	}))
	w.must(err)
	w.must(s.Replace(t.Context(), &smpp.ReplaceSM{MessageID: resp.MessageID, SourceAddr: "MyCompany", RegisteredDelivery: 1,
		ScheduleDeliveryTime: "000000020000000R", ValidityPeriod: "000001000000000R", ShortMessage: []byte("\x04\x1F\x04\x20")}))
	r := w.stored(resp.MessageID)
	m := r.Message
	if m.Text != "ПР" || m.Encoding != sms.UCS2 || m.Submission.Receipts != sms.ReceiptDelivered|sms.ReceiptFailed || r.State != sms.Scheduled {
		t.Errorf("%+v", m)
	}
	if due, end := time.Until(m.Due), time.Until(m.Expires); due < 119*time.Minute || due > 2*time.Hour || end < 23*time.Hour || end > 24*time.Hour {
		t.Errorf("due in %v, over in %v", due, end)
	}
	for name, c := range map[string]struct {
		change func(*smpp.ReplaceSM)
		want   smpp.CommandStatus
	}{
		"no text of its alphabet": {func(p *smpp.ReplaceSM) { p.ShortMessage = []byte("odd") }, 0x45},
		"no date":                 {func(p *smpp.ReplaceSM) { p.ScheduleDeliveryTime = "310231000000000+" }, 0x61},
		"in two years":            {func(p *smpp.ReplaceSM) { p.ScheduleDeliveryTime = "020000000000000R" }, 0x61},
		"over before it is due":   {func(p *smpp.ReplaceSM) { p.ValidityPeriod = "000000010000000R" }, 0x62},
		"predefined":              {func(p *smpp.ReplaceSM) { p.SMDefaultMsgID = 1 }, 0x63},
		"unknown":                 {func(p *smpp.ReplaceSM) { p.MessageID = "nothing" }, 0x0C},
		"too dear": {func(p *smpp.ReplaceSM) {
			_, err := w.store.AdjustCredit(t.Context(), w.deed(), w.account.ID, -10*sms.Euro+m.Price())
			w.must(err)
			p.ShortMessage = []byte(strings.Repeat("\x04\x1F", 100))
		}, 0x103},
	} {
		p := &smpp.ReplaceSM{MessageID: resp.MessageID}
		c.change(p)
		if err := s.Replace(t.Context(), p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if again := w.stored(resp.MessageID).Message; again.Text != "ПР" || !again.Due.Equal(m.Due) {
		t.Errorf("a refused change has changed it: %+v", again)
	}
}

func TestReplaceTooLate(t *testing.T) {
	w := open(t, sms.Settings{})
	s := w.bind(smpp.Transceiver)
	for name, change := range map[string]func(*smpp.SubmitSM){
		"queued": nil,
		"with a header": func(p *smpp.SubmitSM) {
			inAnHour(p)
			p.ESMClass, p.ShortMessage = 0x40, []byte("\x05\x00\x03\x2A\x02\x01part")
		},
		"octets": func(p *smpp.SubmitSM) { inAnHour(p); p.DataCoding = 4 },
	} {
		resp, err := s.Submit(t.Context(), plain(change))
		w.must(err)
		if err := s.Replace(t.Context(), &smpp.ReplaceSM{MessageID: resp.MessageID, ShortMessage: []byte("x")}); !errors.Is(err, smpp.ESME_RREPLACEFAIL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
