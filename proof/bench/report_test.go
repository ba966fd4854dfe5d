package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func named(t *testing.T, rows []row, containing string) row {
	t.Helper()
	chosen, err := choose(rows, []string{"postgres"}, containing)
	if err != nil || len(chosen) != 1 {
		t.Fatalf("%q chooses %v, error %v", containing, chosen, err)
	}
	return chosen[0]
}

func TestRatios(t *testing.T) {
	rows := rowsWith([]int{0, 10_000_000})
	fifty, empty, full, two := named(t, rows, "submit_sm_resp, 50"), named(t, rows, "nothing stored"), named(t, rows, "10,000,000 stored"), named(t, rows, "two nodes")
	many := named(t, rows, manyConnections)
	on := func(r row, gateway string, rate float64) result {
		r.Gateway = gateway
		return result{row: r, Rate: rate}
	}
	offered := on(named(t, rows, "offered"), "staffetta", 5000)
	got := ratiosOf([]result{on(fifty, "staffetta", 300), on(fifty, "postgres", 200), on(fifty, "kannel", 100), offered,
		on(offered.row, "kannel", 1), on(empty, "staffetta", 100), on(full, "staffetta", 90), on(many, "postgres", 100), on(two, "postgres", 150)})
	want := []ratio{
		{fifty.Name, "Staffetta", "Kannel", 3},
		{fifty.Name, "Staffetta on PostgreSQL", "Staffetta", 200. / 300},
		{fifty.Name, "Staffetta on PostgreSQL", "Kannel", 2},
		{full.Name, "Staffetta", empty.Name, 0.9},
		{two.Name, "Staffetta on PostgreSQL", many.Name, 1.5},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestChoose(t *testing.T) {
	rows := rowsWith([]int{0})
	chosen, err := choose(rows, []string{"staffetta", "kannel"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if chosen[0].Gateway != "staffetta" || chosen[1].Gateway != "kannel" || chosen[0].Name != chosen[1].Name {
		t.Errorf("gateways do not alternate: %v", chosen[:2])
	}
	for _, r := range chosen {
		if r.Only != nil && !slices.Contains(r.Only, r.Gateway) {
			t.Errorf("%s cannot do %q", r.Gateway, r.Name)
		}
	}
	if _, err := choose(rows, []string{"staffetta"}, "no such row"); err == nil {
		t.Error("no row is no error")
	}
}

func TestStoredFlag(t *testing.T) {
	got, err := parseStored("1000000, 0,1000000")
	if diff := cmp.Diff([]int{0, 1_000_000}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, text := range []string{"", "-1", "1e6", "0,,1", "1000000000"} {
		if got, err := parseStored(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestPlotIsXMLWithTheFigures(t *testing.T) {
	rows := rowsWith([]int{0})
	r := report{Machine: machine{Processor: "a <processor> & more", Cores: 2}, Rows: []result{
		{row: row{Name: rows[0].Name, Gateway: "staffetta"}, Rate: 12345}, {row: row{Name: rows[0].Name, Gateway: "kannel"}, Rate: 2345},
		{row: row{Name: "offered", Gateway: "staffetta", Offered: 5000}, Rate: 4999}}}
	r.Ratios = ratiosOf(r.Rows)
	var text strings.Builder
	bars := 0
	for decoder := xml.NewDecoder(strings.NewReader(string(plot(r)))); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			if token.Name.Local == "rect" && slices.ContainsFunc(token.Attr, func(a xml.Attr) bool { return a.Value == "rail" }) {
				bars++
			}
		}
	}
	for _, want := range []string{"12,345", "2,345", "5.3 × Kannel", rows[0].Name, "a <processor> & more", "Kannel"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
	if bars != 2 || strings.Contains(text.String(), "4,999") {
		t.Errorf("%d bars, want one for each gateway in the row where they decide the rate", bars)
	}
}
