package main

import (
	"fmt"
	"html"
	"strings"
)

// The picture, in its own units.
const (
	plotWidth  = 880
	plotLeft   = 24  // margin
	plotValue  = 190 // room for the value behind the longest bar
	plotBar    = 20  // height
	plotGap    = 5   // between the bars of a row
	plotTitle  = 26  // the name of a row, above its bars
	plotRowGap = 22  // between rows
	plotHead   = 112 // title and legend
)

// plotStyle holds the colours, for light and dark surroundings. Without variables: not every viewer knows them.
const plotStyle = `<style>
text { font-family: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; fill: #1b2430 }
.title { font-size: 21px; font-weight: 600 }
.soft { font-size: 12.5px; fill: #64707f }
.row { font-size: 14px; font-weight: 600 }
.value { font-size: 13px; font-weight: 600 }
.ratio { font-weight: 400; fill: #64707f }
.back { fill: #ffffff }
.rail { fill: #f0f3f6 }
.staffetta { fill: #0d8a74 }
.postgres { fill: #3767d6 }
.kannel { fill: #a3adba }
@media (prefers-color-scheme: dark) {
  text { fill: #e8edf3 }
  .soft, .ratio { fill: #95a1b0 }
  .back { fill: #12171e }
  .rail { fill: #1c242e }
  .staffetta { fill: #2cc4a5 }
  .postgres { fill: #7ba1ff }
  .kannel { fill: #6c7887 }
}
</style>
`

// plot draws a bar of messages per second for each gateway in each row where the gateway decides the rate.
func plot(r report) []byte {
	var shown []result
	p := &picture{y: plotHead}
	for _, one := range r.Rows {
		if one.Offered == 0 {
			shown = append(shown, one)
			p.longest(one)
		}
	}
	for i, one := range shown {
		if i == 0 || shown[i-1].Name != one.Name {
			p.row(one, i > 0)
		}
		p.bar(one, comparison(one, r.Ratios))
	}
	height := p.y + plotLeft
	var out strings.Builder
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"Messages per second\">\n%s",
		plotWidth, height, plotWidth, height, plotStyle)
	fmt.Fprintf(&out, "<rect class=\"back\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n", plotWidth, height)
	head(&out, r, shown)
	out.WriteString(p.body.String())
	out.WriteString("</svg>\n")
	return []byte(out.String())
}

// head writes the title, the machine and the legend.
func head(out *strings.Builder, r report, shown []result) {
	fmt.Fprintf(out, "<text class=\"title\" x=\"%d\" y=\"42\">Messages per second</text>\n", plotLeft)
	rounds := "one round"
	if r.Settings.Rounds > 1 {
		rounds = fmt.Sprintf("median of %d rounds", r.Settings.Rounds)
	}
	fmt.Fprintf(out, "<text class=\"soft\" x=\"%d\" y=\"63\">%s</text>\n", plotLeft, html.EscapeString(fmt.Sprintf(
		"%s, %d cores, load generator and carrier on the same machine · %s of %v", r.Machine.Processor, r.Machine.Cores, rounds, r.Settings.Duration)))
	x := plotLeft
	for _, g := range titles {
		for _, one := range shown {
			if one.Gateway == g.name {
				fmt.Fprintf(out, "<rect class=\"%s\" x=\"%d\" y=\"80\" width=\"12\" height=\"12\" rx=\"3\"/>", g.name, x)
				fmt.Fprintf(out, "<text class=\"soft\" x=\"%d\" y=\"90.5\">%s</text>\n", x+18, g.title)
				x += 38 + 7*len(g.title)
				break
			}
		}
	}
}

// comparison says in words how a rate compares with that of Kannel in the same row, or with the row that it is set
// against; empty: with none.
func comparison(one result, ratios []ratio) string {
	for _, r := range ratios {
		if r.Row != one.Name || r.Of != titleOf(one.Gateway) {
			continue
		}
		switch r.To {
		case titleOf("kannel"):
			return fmt.Sprintf("%.1f × Kannel", r.Value)
		case emptyDatabase:
			return fmt.Sprintf("%.2f × empty", r.Value)
		case manyConnections:
			return fmt.Sprintf("%.2f × one node", r.Value)
		}
	}
	return ""
}

// picture is the part below the head, which grows downwards. Batches, which nothing else is comparable with, have a
// scale of their own.
type picture struct {
	body            strings.Builder
	batches, single float64 // messages per second of the longest bar
	y               int
}

func (p *picture) longest(one result) {
	if one.Batch > 0 {
		p.batches = max(p.batches, one.Rate)
		return
	}
	p.single = max(p.single, one.Rate)
}

func (p *picture) row(one result, gap bool) {
	if gap {
		p.y += plotRowGap
	}
	more := ""
	if one.Batch > 0 {
		more = `<tspan class="soft" dx="8" font-weight="400">on a scale of its own</tspan>`
	}
	fmt.Fprintf(&p.body, "<text class=\"row\" x=\"%d\" y=\"%d\">%s%s</text>\n", plotLeft, p.y+15, html.EscapeString(one.Name), more)
	p.y += plotTitle
}

func (p *picture) bar(one result, comparison string) {
	most := p.single
	if one.Batch > 0 {
		most = p.batches
	}
	rail := float64(plotWidth - 2*plotLeft - plotValue)
	fmt.Fprintf(&p.body, "<rect class=\"rail\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"4\"/>", plotLeft, p.y, rail, plotBar)
	fmt.Fprintf(&p.body, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"4\"><title>%s: %s messages/s</title></rect>",
		one.Gateway, plotLeft, p.y, max(rail*one.Rate/max(most, 1), 3), plotBar, titleOf(one.Gateway), thousands(int(one.Rate)))
	more := ""
	if comparison != "" {
		more = fmt.Sprintf("<tspan class=\"ratio\" dx=\"8\">%s</tspan>", comparison)
	}
	fmt.Fprintf(&p.body, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">%s%s</text>\n", float64(plotLeft)+rail+14, float64(p.y)+plotBar/2+4.5,
		thousands(int(one.Rate)), more)
	p.y += plotBar + plotGap
}
