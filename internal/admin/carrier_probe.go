package admin

import (
	"fmt"
	"sync"
	"time"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// CarrierTrial tries a carrier out: one that is there by its name, or one that may be added by its address.
type CarrierTrial struct {
	Name     string  `json:"name,omitempty"`
	Address  string  `json:"address,omitempty"`
	Password *string `json:"password,omitempty"` // in place of the one in the address
}

// CarrierTried is what came of it, step by step.
type CarrierTried struct {
	Good  bool        `json:"good"` // each host took the bind and answered
	Steps []TrialStep `json:"steps"`
}

// TrialStep is one step: resolve, connect, tls, bind, enquire_link or unbind.
type TrialStep struct {
	Host   string        `json:"host"`
	Step   string        `json:"step"`
	Good   bool          `json:"good"`
	Took   time.Duration `json:"took"`
	Cause  string        `json:"cause,omitempty"` // in one word, see Words
	Words  string        `json:"words,omitempty"` // what it means
	Detail string        `json:"detail,omitempty"`
}

// causeWords says what each cause means and what to do.
var causeWords = map[smpp.Cause]string{
	smpp.CauseNoName:       "there is no host of this name: look at the spelling of the address",
	smpp.CauseNameServer:   "the name cannot be looked up: the name server of this machine does not answer",
	smpp.CauseRefused:      "nobody listens on this port: look at the port, and whether the carrier lets this machine's address in",
	smpp.CauseUnreachable:  "there is no way to this address: look at the network or the VPN to the carrier",
	smpp.CauseTimeout:      "no answer came in time: a firewall may stand between, or the carrier does not let this machine's address in",
	smpp.CauseClosed:       "the carrier closed the connection: it may not let this machine's address in, or expect TLS",
	smpp.CauseCertificate:  "the carrier's certificate does not hold: give tls_ca or tls_server_name, after you have checked it with the carrier",
	smpp.CauseNotTLS:       "the other side speaks no TLS on this port: it may be the port without, or write smpp:// in place of smpps://",
	smpp.CauseTLS:          "the TLS handshake failed: the carrier may want a certificate of ours (tls_cert, tls_key)",
	smpp.CauseFiles:        "a file of certificates on this machine cannot be used",
	smpp.CauseCredentials:  "the carrier refuses system_id, password or system_type",
	smpp.CauseBoundAlready: "the carrier allows no further session: nothing is wrong when the sessions of this carrier are bound",
	smpp.CauseBind:         "the carrier refuses the bind for another reason: ask it what the status means",
	smpp.CauseOther:        "it failed",
}

// trialRest is how long after a test of an address the next one may come: carriers close accounts that knock too often.
const trialRest = 10 * time.Second

// trials keeps tests of the same address apart.
type trials struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// begin reports how long to wait before an address may be tried; zero: now.
func (t *trials) begin(address string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	for known, at := range t.last {
		if now.Sub(at) >= trialRest {
			delete(t.last, known)
		}
	}
	if at, tried := t.last[address]; tried {
		return trialRest - now.Sub(at)
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[address] = now
	return 0
}

func (s *Service) tryCarrier(c call, in CarrierTrial) (CarrierTried, error) {
	address, err := s.addressOf(in)
	if err != nil {
		return CarrierTried{}, err
	}
	if wait := s.trials.begin(address.SystemID+"@"+address.Host, time.Now()); wait > 0 {
		return CarrierTried{}, &sms.Error{Code: sms.Limited, RetryAfter: wait,
			Message: "this address was tested just now: carriers close accounts that bind too often; try again in some seconds"}
	}
	tried := CarrierTried{Good: true, Steps: []TrialStep{}}
	for _, step := range (smpp.Prober{}).Probe(c, address) {
		tried.Good = tried.Good && step.Cause == ""
		tried.Steps = append(tried.Steps, TrialStep{Host: step.Host, Step: step.Name, Good: step.Cause == "", Took: step.Took, Cause: string(step.Cause),
			Words: causeWords[step.Cause], Detail: step.Detail})
	}
	target := in.Name
	if target == "" {
		target = address.String()
	}
	return tried, s.Store.Note(c, c.deed("carrier test", target, tried.summary()))
}

func (s *Service) addressOf(in CarrierTrial) (a smpp.Address, err error) {
	known, ok := s.carrierNamed(in.Name)
	switch {
	case in.Address != "":
		if a, err = smpp.ParseAddress(in.Address); err == nil && in.Password != nil {
			a, err = withPassword(a, *in.Password)
		}
		return a, err
	case !ok:
		return a, hintCarriers(sms.Errorf(sms.NotFound, "there is no carrier named %s", in.Name))
	case known.Kind == carrier.KindPractice:
		return a, sms.InvalidField("name", "%s is a practice carrier: it is inside of the server, and nothing has to be reached", in.Name)
	}
	a, err = smpp.ParseAddress(known.Address)
	a.Password = known.Secret
	return a, err
}

// summary is what came of a test in one line.
func (t CarrierTried) summary() string {
	for _, step := range t.Steps {
		if !step.Good {
			return fmt.Sprintf("%s of %s: %s", step.Step, step.Host, step.Cause)
		}
	}
	return "good"
}
