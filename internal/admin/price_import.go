package admin

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// PriceImport replaces a price list by a CSV file of prefix and price: what is not in the file goes.
type PriceImport struct {
	Account string `json:"account,omitempty"` // empty: the general list
	Text    string `json:"text"`
	Preview bool   `json:"preview"`        // say what would change, and change nothing
	Seen    string `json:"seen,omitempty"` // of the preview: when the list has changed since, nothing is done
}

// PriceChanges is what an import changes, or what is wrong with its lines; then it changes nothing.
type PriceChanges struct {
	Errors  []PriceFault  `json:"errors"`
	Added   []PriceChange `json:"added"`
	Changed []PriceChange `json:"changed"`
	Removed []PriceChange `json:"removed"`
	Same    int           `json:"same"`
	Seen    string        `json:"seen"`
	Done    bool          `json:"done"`
}

// PriceFault says what is wrong with a field of a line.
type PriceFault struct {
	Line    int    `json:"line"`
	Field   string `json:"field"` // prefix or price; empty: the line
	Message string `json:"message"`
}

// PriceChange is a price before and after.
type PriceChange struct {
	Prefix string     `json:"prefix"`
	Before *sms.Money `json:"before,omitempty"`
	After  *sms.Money `json:"after,omitempty"`
}

const (
	mostPriceText   = 900_000 // octets, so that it fits into a request
	mostPriceFaults = 100
)

func (s *Service) importPrices(c call, in PriceImport) (PriceChanges, error) {
	list, err := s.price(Price{Account: in.Account, Prefix: AllNumbers})
	if err != nil {
		return PriceChanges{}, err
	}
	if len(in.Text) > mostPriceText {
		return PriceChanges{}, sms.Errorf(sms.TooLarge, "the file is larger than %d octets", mostPriceText)
	}
	next, faults := readPrices(in.Text)
	if len(faults) == 0 && len(next) == 0 {
		faults = []PriceFault{{Line: 1, Message: "there is no price in the file; to take prices off the list, remove them one by one"}}
	}
	if len(faults) > 0 {
		return PriceChanges{Errors: faults}.listed(), nil
	}
	before, err := s.pricesOf(c, list.Account)
	if err != nil {
		return PriceChanges{}, err
	}
	changes := compare(before, next)
	if in.Preview {
		return changes, nil
	}
	for i := range next {
		next[i].Account = list.Account
	}
	deed := c.deed("price import", listName(in.Account), fmt.Sprintf("%d added, %d changed, %d removed", len(changes.Added), len(changes.Changed), len(changes.Removed)))
	err = s.Store.ReplacePrices(c, deed, list.Account, next, func(now []sms.Price) error {
		if seen := digest(now); seen != changes.Seen || in.Seen != "" && in.Seen != seen {
			return sms.Errorf(sms.Conflict, "the list was changed meanwhile: look at the preview again")
		}
		return nil
	})
	changes.Done = err == nil
	return changes, s.settled(c, err)
}

func (s *Service) pricesOf(c call, account sms.AccountID) ([]sms.Price, error) {
	all, err := s.Store.Prices(c)
	return slices.DeleteFunc(all, func(p sms.Price) bool { return p.Account != account }), err
}

// digest tells one state of a list from another.
func digest(prices []sms.Price) string {
	sum := sha256.New()
	for _, p := range prices {
		fmt.Fprintf(sum, "%s %d\n", p.Prefix, p.Part)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// compare says what becomes of each price; both are in order of prefix.
func compare(before, next []sms.Price) PriceChanges {
	changes := PriceChanges{Seen: digest(before)}
	was := map[string]sms.Money{}
	for _, p := range before {
		was[p.Prefix] = p.Part
	}
	for _, p := range next {
		old, known := was[p.Prefix]
		delete(was, p.Prefix)
		switch {
		case !known:
			changes.Added = append(changes.Added, PriceChange{Prefix: shownPrefix(p.Prefix), After: &p.Part})
		case old != p.Part:
			changes.Changed = append(changes.Changed, PriceChange{shownPrefix(p.Prefix), &old, &p.Part})
		default:
			changes.Same++
		}
	}
	for _, p := range before {
		if _, gone := was[p.Prefix]; gone {
			changes.Removed = append(changes.Removed, PriceChange{Prefix: shownPrefix(p.Prefix), Before: &p.Part})
		}
	}
	return changes.listed()
}

// listed has empty lists in place of none, as JSON shows them.
func (p PriceChanges) listed() PriceChanges {
	for _, list := range []*[]PriceChange{&p.Added, &p.Changed, &p.Removed} {
		if *list == nil {
			*list = []PriceChange{}
		}
	}
	if p.Errors == nil {
		p.Errors = []PriceFault{}
	}
	return p
}

func shownPrefix(prefix string) string {
	if prefix == "" {
		return AllNumbers
	}
	return "+" + prefix
}

// readPrices reads CSV of prefix and price, in order of prefix. Cells are separated by commas; or by semicolons, and then
// decimals may follow a comma. A first line "prefix,price" is a heading.
func readPrices(text string) (prices []sms.Price, faults []PriceFault) {
	text = strings.TrimPrefix(text, "\ufeff")
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord, reader.TrimLeadingSpace, reader.Comment = -1, true, '#'
	first, _, _ := strings.Cut(text, "\n")
	if strings.Contains(first, ";") {
		reader.Comma = ';'
	}
	lines := map[string]int{}
	for len(faults) < mostPriceFaults {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			wrong, _ := errors.AsType[*csv.ParseError](err)
			return nil, append(faults, PriceFault{Line: wrong.Line, Message: wrong.Err.Error()})
		}
		line, _ := reader.FieldPos(0)
		if line == 1 && strings.EqualFold(strings.TrimSpace(cells[0]), "prefix") {
			continue
		}
		price, wrong := readPrice(cells, reader.Comma == ';')
		if before, twice := lines[price.Prefix]; wrong == nil && twice {
			wrong = []PriceFault{{Field: "prefix", Message: fmt.Sprintf("stands in line %d already", before)}}
		}
		for _, fault := range wrong {
			fault.Line = line
			faults = append(faults, fault)
		}
		if wrong == nil {
			lines[price.Prefix] = line
			prices = append(prices, price)
		}
	}
	slices.SortFunc(prices, func(a, b sms.Price) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return prices, faults
}

func readPrice(cells []string, commas bool) (price sms.Price, faults []PriceFault) {
	if len(cells) < 2 {
		return price, []PriceFault{{Message: "must be prefix and price"}}
	}
	var err error
	if price.Prefix, err = parsePrefix(strings.TrimSpace(cells[0])); err != nil {
		faults = append(faults, PriceFault{Field: "prefix", Message: fieldMessage(err)})
	}
	amount := strings.TrimSpace(cells[1])
	if commas {
		amount = strings.Replace(amount, ",", ".", 1)
	}
	if price.Part, err = sms.ParseMoney(amount); err != nil {
		faults = append(faults, PriceFault{Field: "price", Message: err.Error()})
	} else if price.Part < 0 || price.Part > mostExpensive {
		faults = append(faults, PriceFault{Field: "price", Message: fmt.Sprintf("must be 0 to %s €", mostExpensive)})
	}
	return price, faults
}

func fieldMessage(err error) string {
	if wrong, ok := errors.AsType[*sms.Error](err); ok && len(wrong.Fields) > 0 {
		return wrong.Fields[0].Message
	}
	return err.Error()
}

// PriceFile is a price list as CSV, as an import reads it.
type PriceFile struct {
	Text string `json:"text"`
}

func (s *Service) exportPrices(c call, in Named) (PriceFile, error) {
	list, err := s.price(Price{Account: in.Account, Prefix: AllNumbers})
	if err != nil {
		return PriceFile{}, err
	}
	prices, err := s.pricesOf(c, list.Account)
	var text strings.Builder
	w := bufio.NewWriter(&text)
	fmt.Fprintln(w, "prefix,price")
	for _, p := range prices {
		fmt.Fprintf(w, "%s,%s\n", shownPrefix(p.Prefix), p.Part)
	}
	_ = w.Flush() // to memory
	return PriceFile{text.String()}, err
}
