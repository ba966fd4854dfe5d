package smppapi

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/smpp"
)

// submit hands a message to intake. The answer goes out when the message is on durable storage; what the session asks
// next is begun meanwhile, so that all of it is stored together, in this order.
func (h *Session) submit(r *smpp.Request, p *smpp.SubmitSM) {
	caller := h.caller.Load()
	request, status := requestOf(p, caller.Account.Settings, time.Now())
	if status == smpp.ESME_ROK && !h.allowed(request) {
		status = smpp.ESME_RTHROTTLED
	}
	if status != smpp.ESME_ROK {
		h.refuse(r, status)
		return
	}
	h.server.parts.Intake.Begin(*caller, door, request, func(a intake.Answer, err error) {
		if status := h.outcome(a, err); status != smpp.ESME_ROK {
			h.refuse(r, status)
			return
		}
		h.accepted.Add(1)
		h.reply(r, smpp.ESME_ROK, accepted(r.Header.ID, a.MessageID))
	})
}

// accepted is the response that names the message.
func accepted(to smpp.CommandID, id string) smpp.PDU {
	if to == smpp.CommandDataSM {
		return &smpp.DataSMResp{MessageID: id}
	}
	return &smpp.SubmitSMResp{MessageID: id}
}

// allowed takes the segments of a message from what the account may send in a second.
func (h *Session) allowed(r *intake.Request) bool {
	limit := h.caller.Load().Account.Settings.SMPPThroughput
	return limit == 0 || h.account.rate.take(segments(r), limit, time.Now())
}

// ofDataSM is the submit_sm that says the same.
func ofDataSM(p *smpp.DataSM) *smpp.SubmitSM {
	return &smpp.SubmitSM{ServiceType: p.ServiceType, SourceAddrTON: p.SourceAddrTON, SourceAddrNPI: p.SourceAddrNPI,
		SourceAddr: p.SourceAddr, DestAddrTON: p.DestAddrTON, DestAddrNPI: p.DestAddrNPI, DestinationAddr: p.DestinationAddr,
		ESMClass: p.ESMClass, RegisteredDelivery: p.RegisteredDelivery, DataCoding: p.DataCoding, TLVs: p.TLVs}
}

// submitMulti is one message to each destination. SMPP 3.4 §4.5.1.
func (h *Session) submitMulti(r *smpp.Request, p *smpp.SubmitMulti) {
	for _, to := range p.DestAddresses {
		if to.DestFlag != smpp.DestFlagSMEAddress {
			h.refuse(r, smpp.ESME_RCNTSUBDL)
			return
		}
	}
	m := &multi{session: h, request: r, waiting: len(p.DestAddresses), results: make([]smpp.CommandStatus, len(p.DestAddresses)),
		to: p.DestAddresses}
	campaign := ""
	if len(p.DestAddresses) > 1 {
		campaign = groupID()
	}
	caller, now := h.caller.Load(), time.Now()
	for i := range p.DestAddresses {
		request, status := requestOf(ofMulti(p, i), caller.Account.Settings, now)
		if status == smpp.ESME_ROK && !h.allowed(request) {
			status = smpp.ESME_RTHROTTLED
		}
		if status != smpp.ESME_ROK {
			m.done(i, status, "")
			continue
		}
		request.CampaignID = campaign
		h.server.parts.Intake.Begin(*caller, door, request, func(a intake.Answer, err error) {
			id := campaign
			if id == "" {
				id = a.MessageID
			}
			m.done(i, h.outcome(a, err), id)
		})
	}
}

// groupID is the message_id of what submit_multi sends to several: stored as the campaign of each message.
func groupID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails, by its contract
	return "m-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]))
}

func ofMulti(p *smpp.SubmitMulti, i int) *smpp.SubmitSM {
	to := &p.DestAddresses[i]
	return &smpp.SubmitSM{ServiceType: p.ServiceType, SourceAddrTON: p.SourceAddrTON, SourceAddrNPI: p.SourceAddrNPI,
		SourceAddr: p.SourceAddr, DestAddrTON: to.DestAddrTON, DestAddrNPI: to.DestAddrNPI, DestinationAddr: to.DestinationAddr,
		ESMClass: p.ESMClass, ProtocolID: p.ProtocolID, PriorityFlag: p.PriorityFlag,
		ScheduleDeliveryTime: p.ScheduleDeliveryTime, ValidityPeriod: p.ValidityPeriod, RegisteredDelivery: p.RegisteredDelivery,
		ReplaceIfPresentFlag: p.ReplaceIfPresentFlag, DataCoding: p.DataCoding, SMDefaultMsgID: p.SMDefaultMsgID,
		ShortMessage: p.ShortMessage, TLVs: p.TLVs}
}

// multi collects what became of the destinations of one submit_multi.
type multi struct {
	session *Session
	request *smpp.Request
	to      []smpp.DestAddress

	mu      sync.Mutex
	waiting int
	id      string
	results []smpp.CommandStatus
}

func (m *multi) done(i int, status smpp.CommandStatus, id string) {
	m.mu.Lock()
	m.results[i] = status
	if status == smpp.ESME_ROK {
		m.id = id
	}
	m.waiting--
	last := m.waiting == 0
	m.mu.Unlock()
	if last {
		m.answer()
	}
}

// answer lists the destinations that were not accepted; when none was, the first refusal is that of the request.
func (m *multi) answer() {
	if m.id == "" {
		m.session.refuse(m.request, m.results[0])
		return
	}
	resp := &smpp.SubmitMultiResp{MessageID: m.id}
	for i, status := range m.results {
		if status == smpp.ESME_ROK {
			m.session.accepted.Add(1)
			continue
		}
		to := &m.to[i]
		resp.UnsuccessSMEs = append(resp.UnsuccessSMEs, smpp.UnsuccessSME{DestAddrTON: to.DestAddrTON, DestAddrNPI: to.DestAddrNPI,
			DestinationAddr: to.DestinationAddr, ErrorStatusCode: status})
	}
	m.session.reply(m.request, smpp.ESME_ROK, resp)
}
