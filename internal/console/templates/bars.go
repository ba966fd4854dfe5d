package templates

import "strconv"

// BarsView is a chart: for each label one column, stacked of the series from the bottom up.
type BarsView struct {
	Title  string
	Unit   string // what the labels are, such as "Hour"
	Labels []string
	Series []Series
	Before Series // marks beside the columns, such as those of yesterday; without a name: none
}

// Series is one colour of a chart: "good", "busy", "warn", "bad" or "calm". It has a value for each label.
type Series struct {
	Name, Kind string
	Values     []int64
}

// The chart is drawn in these units and stretched to its place.
const (
	barsWidth  = 720
	barsHeight = 160
)

type box struct{ Kind, X, Y, Width, Height, Title string }

type gridLine struct{ X, Y string }

func (v BarsView) viewBox() string {
	return "0 0 " + strconv.Itoa(barsWidth) + " " + strconv.Itoa(barsHeight)
}

// top is the height of the chart in messages: the highest column, rounded up to 1, 2 or 5 and zeros.
func (v BarsView) top() int64 {
	highest := int64(1)
	for i := range v.Labels {
		sum := int64(0)
		for _, s := range v.Series {
			sum += s.Values[i]
		}
		highest = max(highest, sum, v.before(i))
	}
	for step := int64(1); ; step *= 10 {
		for _, nice := range []int64{1, 2, 5} {
			if nice*step >= highest {
				return nice * step
			}
		}
	}
}

// before is the mark of a column; 0: it has none.
func (v BarsView) before(i int) int64 {
	if v.Before.Name == "" {
		return 0
	}
	return v.Before.Values[i]
}

func (v BarsView) boxes(f *Frame) (all []box) {
	scale := barsHeight / float64(v.top())
	slot := barsWidth / float64(max(1, len(v.Labels)))
	for i, label := range v.Labels {
		y := float64(barsHeight)
		for _, s := range v.Series {
			if s.Values[i] <= 0 {
				continue
			}
			height := float64(s.Values[i]) * scale
			y -= height
			all = append(all, box{s.Kind, decimal(float64(i)*slot + slot*0.12), decimal(y), decimal(slot * 0.76), decimal(height),
				label + " · " + s.Name + ": " + f.Number(s.Values[i])})
		}
		if n := v.before(i); n > 0 {
			all = append(all, box{"before", decimal(float64(i)*slot + slot*0.04), decimal(barsHeight - float64(n)*scale), decimal(slot * 0.92), "2",
				label + " · " + v.Before.Name + ": " + f.Number(n)})
		}
	}
	return all
}

func (BarsView) lines() (all []gridLine) {
	for i := range 4 {
		all = append(all, gridLine{strconv.Itoa(barsWidth), decimal(float64(i)*barsHeight/4 + 0.5)})
	}
	return all
}

// axis is the labels that are written below: all of them, or about eight.
func (v BarsView) axis() []string {
	every := max(1, (len(v.Labels)+7)/8)
	shown := make([]string, 0, 8)
	for i := 0; i < len(v.Labels); i += every {
		shown = append(shown, v.Labels[i])
	}
	return shown
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', 2, 64) }
