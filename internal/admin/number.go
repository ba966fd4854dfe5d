package admin

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/inbound"
	"github.com/staffetta/staffetta/internal/sms"
)

// Number is a number, or one keyword of it, and whose messages from handsets are that come to it.
type Number struct {
	Number    string    `json:"number"`
	Keyword   string    `json:"keyword,omitempty"` // empty: whatever no keyword takes
	Account   string    `json:"account"`
	CreatedAt time.Time `json:"createdAt"`
}

// NumberRequest gives a number, or a keyword of it, to an account, or takes it back.
type NumberRequest struct {
	Number  string `json:"number"`
	Keyword string `json:"keyword,omitempty"`
	Account string `json:"account,omitempty"` // of `number add` only
}

// NumberAdded is a number that was just given to an account.
type NumberAdded struct {
	Number
	Routed int `json:"routed"` // messages that had come before, and are its account's now
}

// longestAddress is that of SMPP 3.4 §5.2.9, without the NUL.
const longestAddress = 20

func (s *Service) addNumber(c call, in NumberRequest) (NumberAdded, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return NumberAdded{}, err
	}
	n, err := serviceNumber(in)
	if err != nil {
		return NumberAdded{}, err
	}
	n.Account = account.ID
	if err := s.settled(c, s.Store.AddNumber(c, c.deed("number add", n.Number, strings.TrimSpace(in.Account+" "+n.Keyword)), n)); err != nil {
		return NumberAdded{}, err
	}
	routed, err := s.Store.RouteKept(c, n.Number)
	return NumberAdded{Number{n.Number, n.Keyword, account.Name, time.Now().UTC()}, routed}, err
}

func (s *Service) removeNumber(c call, in NumberRequest) (Nothing, error) {
	n, err := serviceNumber(in)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.settled(c, s.Store.RemoveNumber(c, c.deed("number remove", n.Number, n.Keyword), n.Number, n.Keyword))
}

// serviceNumber reads a number, a short code or a name of letters, and a keyword.
func serviceNumber(in NumberRequest) (n sms.ServiceNumber, err error) {
	n.Number = sms.InboundAddress(in.Number)
	odd := strings.ContainsFunc(n.Number, func(r rune) bool { return r <= ' ' || !unicode.IsPrint(r) })
	if n.Number == "" || len(n.Number) > longestAddress || odd || !utf8.ValidString(n.Number) {
		return n, sms.InvalidField("number", "must be a number with its country code, such as +393401234567, a short code such as 48883, or a name of at most %d characters",
			longestAddress)
	}
	if in.Keyword == "" {
		return n, nil
	}
	keyword, ok := inbound.Keyword(in.Keyword)
	if !ok {
		return n, sms.InvalidField("keyword", "must be words of letters and digits, at most %d characters", inbound.LongestKeyword)
	}
	n.Keyword = keyword
	return n, nil
}

func (s *Service) listNumbers(c call, _ Nothing) ([]Number, error) {
	stored, err := s.Store.Numbers(c)
	numbers := []Number{}
	for _, n := range stored {
		numbers = append(numbers, Number{n.Number, n.Keyword, s.accountName(n.Account), n.Created})
	}
	return numbers, err
}

func (s *Service) accountName(id sms.AccountID) string {
	if account, ok := s.Directory.Account(id); ok {
		return account.Name
	}
	return ""
}
