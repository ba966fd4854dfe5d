package admin

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/country"
	"github.com/staffetta/staffetta/internal/sms"
)

// ListedSender is a sender on the list of an account.
type ListedSender struct {
	Account   string   `json:"account"`
	Sender    string   `json:"sender"`
	Countries []string `json:"countries"` // ISO 3166-1 alpha-2; none: all
}

// SenderRule is what a country asks of senders.
type SenderRule struct {
	Country string             `json:"country"`
	Rule    sms.SenderRuleKind `json:"rule"`
	Note    string             `json:"note,omitempty"`
}

const longestRuleNote = 255

func (s *Service) sender(in ListedSender) (allowed sms.AllowedSender, err error) {
	account, err := s.account(in.Account)
	if err != nil {
		return allowed, err
	}
	sender, err := sms.ParseSender(in.Sender)
	if err != nil {
		return allowed, sms.InvalidField("sender", "%s", err)
	}
	allowed = sms.AllowedSender{Account: account.ID, Key: sender.Key()}
	for _, text := range in.Countries {
		code, err := parseCountry(text)
		if err != nil {
			return allowed, err
		}
		if !slices.Contains(allowed.Countries, code) {
			allowed.Countries = append(allowed.Countries, code)
		}
	}
	slices.Sort(allowed.Countries)
	return allowed, nil
}

func parseCountry(text string) (string, error) {
	code := strings.ToUpper(strings.TrimSpace(text))
	if !country.Known(code) {
		return "", sms.InvalidField("country", "%q must be a code of two letters with a calling code of its own, such as IT or DE", text)
	}
	return code, nil
}

func (s *Service) addSender(c call, in ListedSender) (ListedSender, error) {
	allowed, err := s.sender(in)
	if err != nil {
		return ListedSender{}, err
	}
	deed := c.deed("sender add", in.Account, allowed.Key+" "+strings.Join(allowed.Countries, ","))
	return ListedSender{in.Account, allowed.Key, append([]string{}, allowed.Countries...)}, s.settled(c, s.Store.SetSender(c, deed, allowed))
}

func (s *Service) removeSender(c call, in ListedSender) (Nothing, error) {
	allowed, err := s.sender(in)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.settled(c, s.Store.RemoveSender(c, c.deed("sender remove", in.Account, allowed.Key), allowed))
}

func (s *Service) listSenders(_ call, in Named) ([]ListedSender, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return nil, err
	}
	list := []ListedSender{}
	for _, allowed := range s.Directory.Senders(account.ID) {
		list = append(list, ListedSender{in.Account, allowed.Key, append([]string{}, allowed.Countries...)})
	}
	return list, nil
}

func parseRule(in SenderRule) (rule sms.SenderRule, err error) {
	rule = sms.SenderRule{Rule: in.Rule, Note: strings.TrimSpace(in.Note)}
	if rule.Country, err = parseCountry(in.Country); err != nil {
		return rule, err
	}
	if rule.Rule != sms.NumericOnly && rule.Rule != sms.Registered {
		return rule, sms.InvalidField("rule", "must be numeric or registered")
	}
	if len(rule.Note) > longestRuleNote {
		return rule, sms.InvalidField("note", "must be at most %d octets", longestRuleNote)
	}
	return rule, nil
}

func (s *Service) setSenderRule(c call, in SenderRule) (Nothing, error) {
	rule, err := parseRule(in)
	if err != nil {
		return Nothing{}, err
	}
	deed := c.deed("sender-rule set", rule.Country, string(rule.Rule)+" "+rule.Note)
	return Nothing{}, s.settled(c, s.Store.SetSenderRules(c, deed, []sms.SenderRule{rule}))
}

// importSenderRules reads CSV: country, rule, note. All of it or nothing.
func (s *Service) importSenderRules(c call, in CSVPart) (Imported, error) {
	reader := csv.NewReader(strings.NewReader(in.Text))
	reader.FieldsPerRecord, reader.TrimLeadingSpace, reader.Comment = -1, true, '#'
	var rules []sms.SenderRule
	result := Imported{Errors: []CSVLine{}}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Imported{}, sms.InvalidField("file", "%s", err)
		}
		line, _ := reader.FieldPos(0)
		if line == 1 && strings.EqualFold(cells[0], "country") {
			continue
		}
		cells = append(cells, "", "")
		rule, err := parseRule(SenderRule{cells[0], sms.SenderRuleKind(cells[1]), cells[2]})
		if err != nil {
			result.Failed++
			result.Errors = append(result.Errors, CSVLine{int64(line), err.Error()})
			continue
		}
		rules = append(rules, rule)
	}
	if result.Failed > 0 || len(rules) == 0 {
		return result, nil
	}
	result.Added = int64(len(rules))
	deed := c.deed("sender-rule import", "sender rules", fmt.Sprintf("%d countries", len(rules)))
	return result, s.settled(c, s.Store.SetSenderRules(c, deed, rules))
}

func (s *Service) removeSenderRule(c call, in SenderRule) (Nothing, error) {
	code, err := parseCountry(in.Country)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.settled(c, s.Store.RemoveSenderRule(c, c.deed("sender-rule remove", code, ""), code))
}

func (s *Service) listSenderRules(call, Nothing) ([]SenderRule, error) {
	list := []SenderRule{}
	for _, rule := range s.Directory.SenderRules() {
		list = append(list, SenderRule(rule))
	}
	return list, nil
}
