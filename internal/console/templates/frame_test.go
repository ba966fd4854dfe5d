package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/staffetta/staffetta/internal/console/words"
	"github.com/staffetta/staffetta/internal/sms"
)

func TestMoneyIsExactAndGrouped(t *testing.T) {
	for _, test := range []struct {
		money            sms.Money
		english, italian string
	}{
		{0, "0.00\u00a0€", "0,00\u00a0€"}, {35_000, "0.035\u00a0€", "0,035\u00a0€"}, {1_234_567_890_000, "1,234,567.89\u00a0€", "1.234.567,89\u00a0€"},
		{100 * sms.Euro, "100.00\u00a0€", "100,00\u00a0€"}, {-2_500_001, "-2.500001\u00a0€", "-2,500001\u00a0€"}, {500_000, "0.50\u00a0€", "0,50\u00a0€"},
	} {
		english, italian := &Frame{Language: words.English}, &Frame{Language: words.Italian}
		if english.Money(test.money) != test.english || italian.Money(test.money) != test.italian {
			t.Errorf("%d: %q, %q; want %q, %q", test.money, english.Money(test.money), italian.Money(test.money), test.english, test.italian)
		}
	}
}

func TestMomentsAreInTheViewersZone(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	f := &Frame{Language: words.Italian, Zone: rome}
	if got := f.Clock(time.Date(2025, 7, 31, 23, 5, 6, 0, time.UTC)); got != "1 ago 2025 01:05:06" {
		t.Errorf("got %q", got)
	}
	if got := f.Clock(time.Now()); strings.Contains(got, " ") {
		t.Errorf("today is told: %q", got)
	}
}

func TestRichSentencesEscapeWhatTheySay(t *testing.T) {
	var b strings.Builder
	if err := rich("<a> {0} & {1} {9} {", templ.Raw("<b>x</b>"), templ.Raw("<i>y</i>")).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if want := "&lt;a&gt; <b>x</b> &amp; <i>y</i> {9} {"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestBarsStandOnEachOther(t *testing.T) {
	v := BarsView{Labels: []string{"a", "b"}, Series: []Series{{"good", "good", []int64{30, 0}}, {"bad", "bad", []int64{10, 5}}}}
	if v.top() != 50 {
		t.Errorf("the top is %d", v.top())
	}
	f := &Frame{Language: words.English}
	boxes := v.boxes(f)
	if len(boxes) != 3 || boxes[0].Y != "64.00" || boxes[1].Y != "32.00" || boxes[1].Height != "32.00" || boxes[2].Title != "b · bad: 5" {
		t.Errorf("got %+v", boxes)
	}
}
