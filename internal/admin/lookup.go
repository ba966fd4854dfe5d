package admin

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// importPortability reads CSV: number, mcc, mnc, numbertype, ported, operator, country.
func (s *Service) importPortability(c call, in CSVPart) (Imported, error) {
	reader := csv.NewReader(strings.NewReader(in.Text))
	reader.FieldsPerRecord = -1
	result := Imported{Errors: []CSVLine{}}
	var list []sms.Portability
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Imported{}, sms.InvalidField("file", "%s", err)
		}
		line, _ := reader.FieldPos(0)
		if strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(cells[0], "\ufeff")), "number") {
			continue
		}
		p, err := parsePortability(cells)
		if err != nil {
			result.Failed++
			result.Errors = append(result.Errors, CSVLine{int64(line), err.Error()})
			continue
		}
		list = append(list, p)
	}
	result.Added = int64(len(list))
	return result, s.Store.ImportPortability(c, c.deed("lookup import", "portability data", fmt.Sprintf("%d numbers", len(list))), list)
}

func parsePortability(cells []string) (p sms.Portability, err error) {
	cells = append(slices.Clone(cells), make([]string, 7)...)[:7]
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if p.Number, err = sms.ParseNumber(cells[0]); err != nil {
		return p, err
	}
	p.MCC, p.MNC, p.Kind, p.Operator, p.Country = cells[1], cells[2], cells[3], cells[5], strings.ToUpper(cells[6])
	if !digitsOrNone(p.MCC, 3) || !digitsOrNone(p.MNC, 3) {
		return p, errors.New("mcc and mnc must be at most 3 digits")
	}
	switch strings.ToLower(cells[4]) {
	case "true", "1", "yes":
		p.Ported = new(bool)
		*p.Ported = true
	case "false", "0", "no":
		p.Ported = new(bool)
	case "":
	default:
		return p, errors.New("ported must be true or false")
	}
	return p, nil
}

func digitsOrNone(text string, most int) bool {
	return len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
