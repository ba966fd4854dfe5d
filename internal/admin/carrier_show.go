package admin

import (
	"strings"

	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/carrier/smpp"
	"github.com/staffetta/staffetta/internal/sms"
)

// CarrierDetail is a carrier with its settings one by one, without its password, and the routes that lead to it.
type CarrierDetail struct {
	Carrier
	Host       string             `json:"host,omitempty"`
	SystemID   string             `json:"systemId,omitempty"`
	TLS        bool               `json:"tls"`
	Password   bool               `json:"password"` // there is one
	Parameters []CarrierParameter `json:"parameters"`
	Routes     []Route            `json:"routes"`
}

// CarrierParameter is one parameter of an address.
type CarrierParameter struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Usual string `json:"usual"` // what it is when it is left out
}

func (s *Service) showCarrier(c call, in CarrierName) (CarrierDetail, error) {
	known, ok := s.carrierNamed(in.Name)
	if !ok {
		return CarrierDetail{}, hintCarriers(sms.Errorf(sms.NotFound, "there is no carrier named %s", in.Name))
	}
	detail := CarrierDetail{Password: known.Secret != "", Routes: []Route{}, Parameters: []CarrierParameter{}}
	all, err := s.listCarriers(c, Nothing{})
	if err != nil {
		return CarrierDetail{}, err
	}
	for _, listed := range all {
		if listed.Name == in.Name {
			detail.Carrier = listed
		}
	}
	for _, r := range s.Directory.Routes() {
		if r.Carrier == known.ID {
			detail.Routes = append(detail.Routes, s.shownRoute(r))
		}
	}
	text := known.Address
	if known.Kind == carrier.KindPractice {
		_, parameters, _ := strings.Cut(text, "?")
		text = practiceAddress + "?" + parameters
	}
	address, err := smpp.ParseAddress(text)
	if err != nil {
		return detail, nil // it is shown all the same, so that it can be mended
	}
	if known.Kind != carrier.KindPractice {
		detail.Host, detail.SystemID, detail.TLS = address.Host, address.SystemID, address.TLS
	}
	for _, p := range address.Parameters() {
		detail.Parameters = append(detail.Parameters, CarrierParameter(p))
	}
	return detail, nil
}
