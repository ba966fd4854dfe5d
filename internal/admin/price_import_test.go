package admin

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestReadPrices(t *testing.T) {
	for text, want := range map[string][]sms.Price{
		"prefix,price\n+39,0.035\nall,1\n":     {{Prefix: "", Part: 1_000_000}, {Prefix: "39", Part: 35_000}},
		"\ufeff0039;0,035\r\n# said\n41;2\r\n": {{Prefix: "39", Part: 35_000}, {Prefix: "41", Part: 2_000_000}},
		" 39 , 0.1 , Italy\n":                  {{Prefix: "39", Part: 100_000}},
	} {
		got, faults := readPrices(text)
		if diff := cmp.Diff(want, got); diff != "" || faults != nil {
			t.Errorf("%q: %s %v", text, diff, faults)
		}
	}
	for text, want := range map[string]string{
		"39\n": "1 ", "39,x\n": "1 price", "x,1\n": "1 prefix", "39,1\n+39,2\n": "2 prefix", "39,0,5\n": "", "39,-1\n": "1 price", "39,1001\n": "1 price",
		"39,\"1\nx": "2 ", "39,1\n\n\nx,x\n": "4 prefix",
	} {
		_, faults := readPrices(text)
		switch {
		case want == "" && faults == nil:
		case len(faults) == 0 || strings.TrimSpace(string(rune('0'+faults[0].Line))+" "+faults[0].Field) != strings.TrimSpace(want):
			t.Errorf("%q: %+v", text, faults)
		}
	}
	if _, faults := readPrices(strings.Repeat("x,1\n", 10_000)); len(faults) > mostPriceFaults+1 {
		t.Errorf("%d faults are told", len(faults))
	}
}

// TestPriceImportAfterPreview: what was shown is done, or nothing.
func TestPriceImportAfterPreview(t *testing.T) {
	connection := connect(t, configured(t, folder(t)))
	set := func(prefix string, price sms.Money) {
		t.Helper()
		if _, err := SetPrice.Do(t.Context(), connection, Price{Prefix: prefix, Price: price}); err != nil {
			t.Fatal(err)
		}
	}
	set("39", 10)
	set("41", 20)
	in := PriceImport{Text: "39,0.5\n44,0.1\n", Preview: true}
	shown, err := ImportPrices.Do(t.Context(), connection, in)
	if err != nil || shown.Done || len(shown.Added) != 1 || len(shown.Changed) != 1 || len(shown.Removed) != 1 || *shown.Changed[0].Before != 10 {
		t.Fatalf("%+v, %v", shown, err)
	}
	set("49", 30)
	in.Preview, in.Seen = false, shown.Seen
	if _, err := ImportPrices.Do(t.Context(), connection, in); sms.CodeOf(err) != sms.Conflict {
		t.Errorf("the list was changed after the preview: %v", err)
	}
	in.Seen = ""
	if done, err := ImportPrices.Do(t.Context(), connection, in); err != nil || !done.Done {
		t.Errorf("%+v, %v", done, err)
	}
	prices, err := ListPrices.Do(t.Context(), connection, Named{})
	if diff := cmp.Diff([]Price{{Prefix: "+39", Price: 500_000}, {Prefix: "+44", Price: 100_000}}, prices); diff != "" || err != nil {
		t.Error(diff, err)
	}
	lines := audited(t, connection, "general list")
	if last := lines[len(lines)-1]; last != "price import: 1 added, 1 changed, 2 removed" {
		t.Error(lines)
	}
	file, err := ExportPrices.Do(t.Context(), connection, Named{})
	if file.Text != "prefix,price\n+39,0.5\n+44,0.1\n" || err != nil {
		t.Errorf("%q, %v", file.Text, err)
	}
}
