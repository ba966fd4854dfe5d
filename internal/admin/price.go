package admin

import (
	"fmt"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// AllNumbers is how the prefix that every number has is written.
const AllNumbers = "all"

// Price is what one part costs to the numbers with a prefix.
type Price struct {
	Account string    `json:"account,omitempty"` // empty: the general list
	Prefix  string    `json:"prefix"`            // digits, with "+" or without, or AllNumbers
	Price   sms.Money `json:"price"`
}

const mostExpensive = 1000 * sms.Euro

func (s *Service) setPrice(c call, in Price) (Nothing, error) {
	price, err := s.price(in)
	if err != nil {
		return Nothing{}, err
	}
	if in.Price < 0 || in.Price > mostExpensive {
		return Nothing{}, sms.InvalidField("price", "must be 0 to %s €", mostExpensive)
	}
	price.Part = in.Price
	deed := c.deed("price set", listName(in.Account), fmt.Sprintf("prefix %s: %s €", in.Prefix, in.Price))
	return Nothing{}, s.settled(c, s.Store.SetPrice(c, deed, price))
}

func (s *Service) removePrice(c call, in Price) (Nothing, error) {
	price, err := s.price(in)
	if err != nil {
		return Nothing{}, err
	}
	deed := c.deed("price remove", listName(in.Account), "prefix "+in.Prefix)
	return Nothing{}, s.settled(c, s.Store.RemovePrice(c, deed, price))
}

func listName(account string) string {
	if account == "" {
		return "general list"
	}
	return account
}

// price finds the place of a price: its list and its prefix.
func (s *Service) price(in Price) (place sms.Price, err error) {
	if in.Account != "" {
		account, err := s.account(in.Account)
		if err != nil {
			return place, err
		}
		place.Account = account.ID
	}
	place.Prefix, err = parsePrefix(in.Prefix)
	return place, err
}

func parsePrefix(text string) (string, error) {
	if text == AllNumbers {
		return "", nil
	}
	digits, plus := strings.CutPrefix(text, "+")
	if !plus {
		digits = strings.TrimPrefix(digits, "00")
	}
	odd := strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	if digits == "" || odd || digits[0] == '0' || len(digits) > 15 {
		return "", sms.InvalidField("prefix", "must be how numbers begin, country code first, such as +39 or 39347; or %q for all numbers", AllNumbers)
	}
	return digits, nil
}

// listPrices shows all lists, or that of one account.
func (s *Service) listPrices(c call, in Named) ([]Price, error) {
	if in.Account != "" {
		if _, err := s.account(in.Account); err != nil {
			return nil, err
		}
	}
	stored, err := s.Store.Prices(c)
	prices := []Price{}
	for _, p := range stored {
		line := Price{Prefix: shownPrefix(p.Prefix), Price: p.Part}
		if account, ok := s.Directory.Account(p.Account); ok {
			line.Account = account.Name
		}
		if in.Account == "" || in.Account == line.Account {
			prices = append(prices, line)
		}
	}
	return prices, err
}
