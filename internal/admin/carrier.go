package admin

import (
	"errors"
	"net/url"

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
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Address   string `json:"address,omitempty"` // without the password
	Default   bool   `json:"default"`
	Bound     *int   `json:"bound"`              // sessions that are bound; null: no server runs, or several may
	Sessions  int    `json:"sessions,omitempty"` // that should be
	LastError string `json:"lastError,omitempty"`
	Warning   string `json:"warning,omitempty"` // what is not safe about the address
	Pace      *Pace  `json:"pace,omitempty"`    // absent like Bound
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
		carriers[i] = Carrier{Name: c.Name, Kind: c.Kind, Address: c.Address, Default: c.Default, Sessions: 1}
		if address, err := smpp.ParseAddress(c.Address); err == nil {
			carriers[i].Sessions, carriers[i].Warning = address.Sessions, address.Warning()
		}
		if s.Carriers != nil {
			state := states[c.ID]
			carriers[i].Bound, carriers[i].LastError = &state.Bound, state.LastError
			carriers[i].Pace = (*Pace)(&state.Pace)
		}
	}
	return carriers, nil
}

func (s *Service) removeCarrier(c call, in CarrierName) (Nothing, error) {
	err := s.Store.RemoveCarrier(c, c.deed("carrier remove", in.Name, ""), in.Name)
	if refusal, ok := errors.AsType[*sms.Error](err); ok && refusal.Code == sms.NotFound {
		refusal.Message += "; `staffetta carrier list` shows all"
	}
	return Nothing{}, s.settled(c, err)
}
