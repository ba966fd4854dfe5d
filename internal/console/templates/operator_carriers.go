package templates

import (
	"net/url"
	"strings"
	"time"
)

// CarrierLine is a carrier and how it does.
type CarrierLine struct {
	Name, Kind, Address string
	Default             bool
	State               string // active, draining or disabled
	Sessions            int    // wanted
	LastError, Warning  string

	Served       bool // by this server: what follows is known
	Bound        int
	Since        time.Time
	BindRefused  bool
	OutOfTurn    string
	InFlight     int
	Window       int
	Waiting      int
	More         bool // more wait in the store
	PerSecond    float64
	Limit        float64 // 0: as many as it takes
	Slowed       bool
	Median, P95  time.Duration
	Answers      int
	Refusals     []RefusalLine
	RefusedParts int
	Receipts     int
	Delivered    float64
}

// RefusalLine is one kind of answer that was no acceptance.
type RefusalLine struct {
	Code, Kind, Reason string
	Parts              int
}

// CarriersView is the list of carriers, and the form for a new one.
type CarriersView struct {
	Carriers                      []CarrierLine
	HasDefault                    bool
	Name, NewKind, Host, SystemID string // what the form said
	TLS, NewDefault               bool
	Trial                         *TrialView
	Errors                        Errors
}

// TrialView is what came of a test.
type TrialView struct {
	Good  bool
	Steps []TrialLine
}

// TrialLine is one step of a test.
type TrialLine struct {
	Host, Step    string
	Good          bool
	Took          time.Duration
	Cause, Detail string
}

// CarrierView is one carrier with its settings.
type CarrierView struct {
	CarrierLine
	Host, SystemID   string
	TLS, HasPassword bool
	Plain            []Setting
	Others           string // further parameters, a line for each
	Routes           []RouteLine
	Trial            *TrialView
	Errors           Errors
}

func operatorCarrier(name string) string { return "/operator/carriers/" + url.PathEscape(name) }

// standing is the state of a carrier in one word and a colour.
func (c CarrierLine) standing(f *Frame) (kind, text string) {
	switch {
	case c.State == "disabled":
		return "calm", f.T("disabled")
	case c.State == "draining" && c.Served && c.Waiting == 0 && !c.More:
		return "calm", f.T("drained")
	case c.State == "draining":
		return "warn", f.T("draining")
	case !c.Served:
		return "calm", f.T("not known here")
	case c.BindRefused:
		return "bad", f.T("bind refused")
	case c.Bound == 0:
		return "bad", f.T("not bound")
	case c.OutOfTurn != "":
		return "warn", f.T("out of turn")
	case c.Bound < c.Sessions:
		return "warn", f.T("bound in part")
	}
	return "good", f.T("bound")
}

func (c CarrierLine) pace(f *Frame) string {
	text := f.Decimal(c.PerSecond, 1) + "/s"
	if c.Limit > 0 {
		text = f.T("%s of %s", text, f.Decimal(c.Limit, 0)+"/s")
	}
	return text
}

func (c CarrierLine) window(f *Frame) string {
	return f.T("%s of %s", f.Number(int64(c.InFlight)), f.Number(int64(c.Window)))
}

func (c CarrierLine) waiting(f *Frame) string {
	if c.More {
		return f.T("more than %s", f.Number(int64(c.Waiting)))
	}
	return f.Number(int64(c.Waiting))
}

func (c CarrierLine) refused(f *Frame) string {
	if c.Answers == 0 {
		return "–"
	}
	return f.Percent(float64(c.RefusedParts) / float64(c.Answers))
}

func (c CarrierLine) delivered(f *Frame) string {
	if c.Receipts == 0 {
		return "–"
	}
	return f.Percent(c.Delivered)
}

func latency(f *Frame, d time.Duration) string {
	if d == 0 {
		return "–"
	}
	if d < 10*time.Millisecond {
		return f.Decimal(float64(d.Microseconds())/1000, 1) + noBreak + "ms"
	}
	return f.Span(d)
}

// kind is what a refusal means for the message.
func (r RefusalLine) kind(f *Frame) string {
	switch r.Kind {
	case "refused for now":
		return f.T("for now: it is tried again")
	case "throttled":
		return f.T("too fast: it is tried again, slower")
	case "refused":
		return f.T("for good")
	case "carrier refuses everything":
		return f.T("of everything: it goes to the next carrier")
	case "no answer":
		return f.T("no answer in time")
	}
	return r.Kind
}

func (t TrialLine) step(f *Frame) string {
	switch t.Step {
	case "resolve":
		return f.T("look the name up")
	case "connect":
		return f.T("connect")
	case "tls":
		return f.T("TLS handshake")
	case "bind":
		return f.T("bind")
	case "enquire_link":
		return f.T("ask whether it is there")
	case "unbind":
		return f.T("unbind")
	}
	return t.Step
}

// words is what the cause of a failed step means.
func (t TrialLine) words(f *Frame) string {
	switch t.Cause {
	case "no_name":
		return f.T("There is no host of this name: look at the spelling.")
	case "name_server":
		return f.T("The name cannot be looked up: the name server of this machine does not answer.")
	case "refused":
		return f.T("Nobody listens on this port: look at the port, and whether the carrier lets this machine's address in.")
	case "unreachable":
		return f.T("There is no way to this address: look at the network or the VPN to the carrier.")
	case "timeout":
		return f.T("No answer came in time: a firewall may stand between, or the carrier does not let this machine's address in.")
	case "closed":
		return f.T("The carrier closed the connection: it may not let this machine's address in, or expect TLS.")
	case "certificate":
		return f.T("The carrier's certificate does not hold: give tls_ca or tls_server_name, after you have checked it with the carrier.")
	case "not_tls":
		return f.T("The other side speaks no TLS on this port.")
	case "tls":
		return f.T("The TLS handshake failed: the carrier may want a certificate of ours (tls_cert, tls_key).")
	case "files":
		return f.T("A file of certificates on this machine cannot be used.")
	case "credentials":
		return f.T("The carrier refuses system_id, password or system_type.")
	case "bound_already":
		return f.T("The carrier allows no further session: nothing is wrong when its sessions are bound.")
	case "bind":
		return f.T("The carrier refuses the bind for another reason: ask it what the status means.")
	}
	return f.T("It failed.")
}

// words are the label and the hint of a parameter with a field of its own.
func (s Setting) parameter(f *Frame) FieldView {
	v := FieldView{Name: s.Key, ID: "set-" + s.Key, Value: s.Value, More: map[string]any{"inputmode": "numeric"}}
	switch s.Key {
	case "window":
		v.Label, v.Hint = f.T("Window"), f.T("parts that may be unanswered, on each session")
	case "sessions":
		v.Label, v.Hint = f.T("Sessions"), f.T("kept bound, at most 16")
	case "throughput":
		v.Label, v.Hint = f.T("Parts a second"), f.T("over all sessions; 0 is as fast as the carrier takes them")
	case "session_throughput":
		v.Label, v.Hint = f.T("Parts a second on each session"), f.T("0 is no limit of its own")
	}
	return v
}

func slowedWords(f *Frame, c CarrierLine) string {
	if c.Slowed {
		return f.T("slowed: the carrier wants less")
	}
	return ""
}

func keepsPassword(f *Frame, v CarrierView) string {
	if v.HasPassword {
		return f.T("empty: it stays as it is")
	}
	return ""
}

// otherErrors are what is wrong with parameters that have no field of their own.
func otherErrors(v CarrierView) string {
	text := ""
	for name, wrong := range v.Errors {
		switch name {
		case "", "address", "host", "port", "system_id", "password", "tls", "bind", "window", "sessions", "throughput", "session_throughput", "confirm":
			continue
		}
		text += name + ": " + wrong + " "
	}
	return text
}

// peer is the address without its parameters, which stand in the form.
func (c CarrierLine) peer() string {
	address, _, _ := strings.Cut(c.Address, "?")
	if c.Kind == "practice" {
		return ""
	}
	return address
}
