package admin

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// CarrierSet changes settings of a carrier: each pair is KEY=VALUE, where an empty value is the default. What is not named
// stays, its messages wait on, and its sessions bind anew only when the address has changed.
type CarrierSet struct {
	Name     string   `json:"name"`
	Pairs    []string `json:"pairs"`
	Password *string  `json:"password,omitempty"`
}

// CarrierChanged is a carrier after it was changed, without its password.
type CarrierChanged struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
	Default bool   `json:"default"`
	Rebinds bool   `json:"rebinds"` // its sessions bind anew
}

// keyDefault is a setting of a carrier that is not of its address.
const keyDefault = "default"

func (s *Service) setCarrier(c call, in CarrierSet) (CarrierChanged, error) {
	changes, isDefault, err := readPairs(in)
	if err != nil {
		return CarrierChanged{}, err
	}
	var before, after sms.Carrier
	deed := c.deed("carrier set", in.Name, shownSettingsOf(in))
	err = s.Store.ChangeCarrier(c, deed, in.Name, func(stored *sms.Carrier) error {
		before = *stored
		if isDefault != nil {
			stored.Default = *isDefault
		}
		err := readdress(stored, changes)
		after = *stored
		return err
	})
	if err := s.settled(c, hintCarriers(err)); err != nil {
		return CarrierChanged{}, err
	}
	return CarrierChanged{Name: in.Name, Address: after.Address, Default: after.Default,
		Rebinds: rebinds(before, after)}, nil
}

// rebinds reports whether the sessions of a carrier bind anew after a change; package carrier takes another throughput as
// it comes.
func rebinds(before, after sms.Carrier) bool {
	if after.State == sms.CarrierDisabled || (before.Address == after.Address && before.Secret == after.Secret) {
		return false
	}
	old, err := smpp.ParseAddress(before.Address)
	next, e := smpp.ParseAddress(after.Address)
	if err != nil || e != nil || before.Secret != after.Secret {
		return true
	}
	next.Throughput = old.Throughput
	return old.String() != next.String()
}

// readPairs reads what shall be changed.
func readPairs(in CarrierSet) (changes []smpp.Change, isDefault *bool, err error) {
	for _, pair := range in.Pairs {
		key, value, ok := strings.Cut(pair, "=")
		key = strings.ReplaceAll(key, "-", "_")
		switch {
		case !ok:
			return nil, nil, sms.InvalidField("setting", "must be written KEY=VALUE")
		case key == keyDefault:
			if value != "true" && value != "false" {
				return nil, nil, sms.InvalidField(keyDefault, "must be true or false")
			}
			is := value == "true"
			isDefault = &is
		case key == "password":
			return nil, nil, sms.InvalidField("password", "is read from standard input with --password-stdin, so that it stands in no history")
		case !slices.Contains(smpp.Keys(), key):
			return nil, nil, sms.InvalidField("setting", "%s is none; there are %s, %s", key, keyDefault, strings.Join(smpp.Keys(), ", "))
		default:
			changes = append(changes, smpp.Change{Key: key, Value: value})
		}
	}
	if in.Password != nil {
		changes = append(changes, smpp.Change{Key: "password", Value: *in.Password})
	}
	if len(changes) == 0 && isDefault == nil {
		return nil, nil, sms.InvalidField("setting", "is missing: write KEY=VALUE")
	}
	return changes, isDefault, nil
}

// practiceAddress stands for the address of a practice carrier, which has none, while its parameters are changed.
const practiceAddress = "smpp://practice@127.0.0.1:1"

// readdress changes the address of a carrier.
func readdress(stored *sms.Carrier, changes []smpp.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if stored.Kind == carrier.KindPractice {
		return readdressPractice(stored, changes)
	}
	address, err := smpp.ParseAddress(stored.Address)
	if err != nil {
		return err
	}
	address.Password = stored.Secret
	if address, err = address.With(changes); err != nil {
		return err
	}
	stored.Address, stored.Secret = address.String(), address.Password
	return nil
}

func readdressPractice(stored *sms.Carrier, changes []smpp.Change) error {
	for _, change := range changes {
		if slices.Contains([]string{"address", "host", "system_id", "password", "tls", "hosts", "outbind_listen"}, change.Key) {
			return sms.InvalidField(change.Key, "is nothing of a practice carrier")
		}
	}
	_, parameters, _ := strings.Cut(stored.Address, "?")
	address, err := smpp.ParseAddress(practiceAddress + "?" + parameters)
	if err == nil {
		address, err = address.With(changes)
	}
	if err != nil {
		return err
	}
	stored.Address = ""
	if _, parameters, _ = strings.Cut(address.String(), "?"); parameters != "" {
		stored.Address = "practice:?" + parameters
	}
	return nil
}

// shownSettingsOf is what was changed, for the audit log, without a password.
func shownSettingsOf(in CarrierSet) string {
	shown := make([]string, 0, len(in.Pairs)+1)
	for _, pair := range in.Pairs {
		if value, ok := strings.CutPrefix(pair, "address="); ok {
			pair = "address"
			if address, err := smpp.ParseAddress(value); err == nil {
				pair = "address=" + address.String()
			}
		}
		shown = append(shown, pair)
	}
	if in.Password != nil {
		shown = append(shown, "another password")
	}
	return strings.Join(shown, " ")
}

// hintCarriers says where the names of carriers are.
func hintCarriers(err error) error {
	if refusal, ok := errors.AsType[*sms.Error](err); ok && refusal.Code == sms.NotFound {
		return sms.Errorf(sms.NotFound, "%s; `staffetta carrier list` shows all", refusal.Message)
	}
	return err
}

// CarrierOrder tells a carrier what to do: active, draining or disabled.
type CarrierOrder struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// CarrierOrdered says what follows from an order.
type CarrierOrdered struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// Alone: no other carrier takes what this one took. Its messages are refused with NO_ROUTE while it is drained, and wait
	// while it is disabled.
	Alone bool `json:"alone"`
}

var orders = map[string]struct {
	state  sms.CarrierState
	action string
}{
	"active":   {sms.CarrierActive, "carrier enable"},
	"draining": {sms.CarrierDraining, "carrier drain"},
	"disabled": {sms.CarrierDisabled, "carrier disable"},
}

func (s *Service) orderCarrier(c call, in CarrierOrder) (CarrierOrdered, error) {
	order, ok := orders[in.State]
	if !ok {
		return CarrierOrdered{}, sms.InvalidField("state", "must be active, draining or disabled")
	}
	before, _ := s.carrierNamed(in.Name)
	deed := c.deed(order.action, in.Name, fmt.Sprintf("it was %s", before.State))
	err := s.Store.ChangeCarrier(c, deed, in.Name, func(stored *sms.Carrier) error {
		stored.State = order.state
		return nil
	})
	if err := s.settled(c, hintCarriers(err)); err != nil {
		return CarrierOrdered{}, err
	}
	return CarrierOrdered{Name: in.Name, State: in.State, Alone: order.state != sms.CarrierActive && s.alone(before)}, nil
}

// alone reports whether no other carrier takes everything that this one took.
func (s *Service) alone(gone sms.Carrier) bool {
	if c, ok := s.Directory.DefaultCarrier(); ok && c.ID != gone.ID && c.State == sms.CarrierActive {
		return false
	}
	leads := gone.Default
	for _, r := range s.Directory.Routes() {
		leads = leads || r.Carrier == gone.ID
	}
	for _, r := range s.Directory.Routes() {
		all := r.Prefix == "" && r.Country == "" && r.Sender == "" && r.Account == 0
		if c, ok := s.carrierOf(r.Carrier); ok && all && c.ID != gone.ID && c.State == sms.CarrierActive {
			return false
		}
	}
	return leads
}

func (s *Service) carrierOf(id sms.CarrierID) (sms.Carrier, bool) {
	carriers := s.Directory.Carriers()
	at := slices.IndexFunc(carriers, func(c sms.Carrier) bool { return c.ID == id })
	if at < 0 {
		return sms.Carrier{}, false
	}
	return carriers[at], true
}
