package admin

import (
	"net/url"
	"time"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// CarrierRequest adds a carrier, or changes the one of that name.
type CarrierRequest struct {
	Name     string  `json:"name"`
	Address  string  `json:"address"`            // smpp://system_id:password@host:port?…; empty: the practice carrier
	Password *string `json:"password,omitempty"` // in place of the one in the address
	Default  bool    `json:"default"`            // it takes what no route names
}

// AddedCarrier is a carrier as it was stored, without its password.
type AddedCarrier struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Address    string `json:"address,omitempty"`
	Default    bool   `json:"default"`
	Changed    bool   `json:"changed"`    // there was one of that name
	HasDefault bool   `json:"hasDefault"` // a default carrier is there: this one or another
}

// Carrier is what is known of a carrier.
type Carrier struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Address   string   `json:"address,omitempty"` // without the password
	Default   bool     `json:"default"`
	State     string   `json:"state"`              // active, draining or disabled
	Bound     *int     `json:"bound"`              // sessions that are bound; null: no server runs, or several may
	Sessions  int      `json:"sessions,omitempty"` // that should be
	LastError string   `json:"lastError,omitempty"`
	Warning   string   `json:"warning,omitempty"` // what is not safe about the address
	Pace      *Pace    `json:"pace,omitempty"`    // absent like Bound
	Figures   *Figures `json:"figures,omitempty"` // absent like Bound
}

// Figures is what a carrier did lately, as this server saw it.
type Figures struct {
	Since     time.Time     `json:"since"`               // of the last change of Bound
	Refused   bool          `json:"refused"`             // the carrier refuses the bind
	OutOfTurn string        `json:"outOfTurn,omitempty"` // why it gets less than its turn, or nothing
	InFlight  int           `json:"inFlight"`            // parts on the wire without an answer
	Window    int           `json:"window"`              // how many may be, over the sessions that are bound
	Waiting   int           `json:"waiting"`             // messages in memory that wait for it, or are on their way
	More      bool          `json:"more"`                // more wait in the store
	PerSecond float64       `json:"perSecond"`           // parts that it took, over the last minute
	Answers   int           `json:"answers"`             // in the last five minutes, like all that follows
	Refusals  []Refusal     `json:"refusals"`
	Median    time.Duration `json:"median"` // from submit_sm to its answer, to a sixteenth; 0: nothing was measured
	P95       time.Duration `json:"p95"`
	Receipts  int           `json:"receipts"`  // final ones
	Delivered float64       `json:"delivered"` // share of them
}

// Refusal is one kind of answer that was no acceptance.
type Refusal struct {
	Code   string `json:"code,omitempty"` // command_status; empty: no answer came
	Kind   string `json:"kind"`           // what it means for the message, such as throttled
	Reason string `json:"reason"`
	Parts  int    `json:"parts"`
}

// Pace is how fast parts leave to a carrier from this server.
type Pace struct {
	Taken     float64 `json:"taken"`           // parts that the carrier took in the last second
	Limit     float64 `json:"limit,omitempty"` // parts a second that may leave; absent: as many as the carrier takes
	Slowed    bool    `json:"slowed"`          // the carrier wants it slower than its address says
	Throttled int64   `json:"throttled"`       // parts that it refused because there were too many, since the start
}

// CarrierName names a carrier.
type CarrierName struct {
	Name string `json:"name"`
}

func (s *Service) addCarrier(c call, in CarrierRequest) (AddedCarrier, error) {
	added, err := draftCarrier(in)
	if err != nil {
		return AddedCarrier{}, err
	}
	before, changed := s.carrierNamed(in.Name)
	deed := c.deed("carrier add", in.Name, added.Address)
	if err := s.settled(c, s.Store.SaveCarrier(c, deed, added)); err != nil {
		return AddedCarrier{}, err
	}
	_, hasDefault := s.Directory.DefaultCarrier()
	return AddedCarrier{Name: added.Name, Kind: added.Kind, Address: added.Address, Default: added.Default || before.Default,
		Changed: changed, HasDefault: hasDefault}, nil
}

func draftCarrier(in CarrierRequest) (*sms.Carrier, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	draft := &sms.Carrier{Name: in.Name, Kind: carrier.KindPractice, Default: in.Default}
	if in.Address == "" {
		return draft, nil
	}
	address, err := smpp.ParseAddress(in.Address)
	if err != nil {
		return nil, err
	}
	if in.Password != nil {
		if address, err = withPassword(address, *in.Password); err != nil {
			return nil, err
		}
	}
	draft.Kind, draft.Address, draft.Secret = carrier.KindSMPP, address.String(), address.Password
	return draft, nil
}

// withPassword checks a password that came beside the address by the same rules as one in it.
func withPassword(address smpp.Address, password string) (smpp.Address, error) {
	if address.Password != "" {
		return address, sms.InvalidField("password", "stands in the address too: leave one out")
	}
	whole, err := url.Parse(address.String())
	if err != nil {
		return address, err
	}
	whole.User = url.UserPassword(address.SystemID, password)
	return smpp.ParseAddress(whole.String())
}

func (s *Service) carrierNamed(name string) (sms.Carrier, bool) {
	for _, known := range s.Directory.Carriers() {
		if known.Name == name {
			return known, true
		}
	}
	return sms.Carrier{}, false
}

func (s *Service) listCarriers(c call, _ Nothing) ([]Carrier, error) {
	stored, err := s.Store.Carriers(c)
	if err != nil {
		return nil, err
	}
	states := map[sms.CarrierID]carrier.State{}
	if s.Carriers != nil {
		for _, state := range s.Carriers.States() {
			states[state.ID] = state
		}
	}
	carriers := make([]Carrier, len(stored))
	for i, c := range stored {
		carriers[i] = Carrier{Name: c.Name, Kind: c.Kind, Address: c.Address, Default: c.Default, State: c.State.String(), Sessions: 1}
		if address, err := smpp.ParseAddress(c.Address); err == nil {
			carriers[i].Sessions, carriers[i].Warning = address.Sessions, address.Warning()
		}
		if s.Carriers != nil {
			state := states[c.ID]
			carriers[i].Bound, carriers[i].LastError = &state.Bound, state.LastError
			carriers[i].Pace = (*Pace)(&state.Pace)
			carriers[i].Figures = s.figures(c, state)
		}
	}
	return carriers, nil
}

func (s *Service) figures(c sms.Carrier, state carrier.State) *Figures {
	did := s.Carriers.Figures(c.ID)
	told := &Figures{Since: state.Since.UTC(), Refused: state.Refused, InFlight: state.InFlight, Window: state.Window * state.Bound, Waiting: state.Held, More: state.More,
		PerSecond: did.PerSecond, Answers: did.Answers, Median: did.Median, P95: did.P95, Refusals: []Refusal{}}
	for _, r := range did.Refusals {
		told.Refusals = append(told.Refusals, Refusal{r.Code, r.Verdict.String(), r.Reason, r.Parts})
	}
	if s.Router != nil {
		standing := s.Router.Standing(c)
		told.Receipts, told.Delivered = standing.Receipts, standing.Delivered
		if standing.Bound {
			told.OutOfTurn = standing.Why
		}
	}
	return told
}

// CarrierRemoved says what went with a carrier.
type CarrierRemoved struct {
	Routes []sms.RouteID `json:"routes"` // to it
}

func (s *Service) removeCarrier(c call, in CarrierName) (CarrierRemoved, error) {
	routes, err := s.Store.RemoveCarrier(c, c.deed("carrier remove", in.Name, ""), in.Name)
	return CarrierRemoved{append([]sms.RouteID{}, routes...)}, s.settled(c, hintCarriers(err))
}
