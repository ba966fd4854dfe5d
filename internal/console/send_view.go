package console

import (
	"fmt"
	"maps"
	"strings"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/intake"
)

// sendView is the page of a letter. wrong is what is known to be wrong with it; it may be nil.
func (c *Console) sendView(p *page, l *letter, wrong templates.Errors) (*templates.SendView, error) {
	request, more := l.request(p)
	view := &templates.SendView{Sender: l.sender, Recipients: l.recipients, Body: l.body, Campaign: l.campaign, Priority: l.priority, When: l.when,
		Flash: l.flash, Key: l.key, Most: mostRecipients, Errors: templates.Errors{}}
	maps.Copy(view.Errors, wrong)
	maps.Copy(view.Errors, more)
	numbers := l.numbers()
	if len(numbers) > mostRecipients {
		view.Errors["recipients"] = p.T("has %d numbers; this page takes %d at a time", len(numbers), mostRecipients)
		numbers = numbers[:mostRecipients]
	}
	ctx, cancel := p.context()
	defer cancel()
	composition, err := c.parts.Sending.Compose(ctx, p.sender(), &request, numbers)
	if err != nil {
		return nil, err
	}
	for _, f := range composition.Problems {
		view.Errors[f.Field] = p.T(f.Message)
	}
	p.unreachable(composition, view)
	view.Preview = p.preview(composition, l)
	view.Preview.Problems = view.Errors
	view.Placeholders = p.placeholderFields(composition, l)
	if c.parts.TestNumbers != nil {
		for _, n := range c.parts.TestNumbers() {
			view.TestNumbers = append(view.TestNumbers, templates.TestNumber{Number: n.Number, Outcome: p.T(n.Outcome)})
		}
	}
	return view, nil
}

// unreachable says which recipients are no numbers.
func (p *page) unreachable(c *intake.Composition, view *templates.SendView) {
	for _, prospect := range c.Prospects {
		if prospect.Problem != "" && view.Errors["recipients"] == "" {
			view.Errors["recipients"] = p.T("“%s” is no number", prospect.Destination)
		}
	}
}

func (p *page) placeholderFields(c *intake.Composition, l *letter) (fields []templates.FieldView) {
	for i, key := range c.Placeholders {
		fields = append(fields, templates.FieldView{Name: valuePrefix + key, ID: fmt.Sprint("value-", i), Label: "{" + key + "}", Value: l.values[key], Complete: "off"})
	}
	return fields
}

// preview is a composition as it is shown.
func (p *page) preview(c *intake.Composition, l *letter) templates.SendPreview {
	v := templates.SendPreview{Sender: l.sender, Empty: l.body == "", Flash: l.flash, Unicode: c.Encoding == gsm.UCS2, Encoding: c.Encoding.String(), Characters: c.Characters,
		Units: c.Units(), Room: c.Room, Parts: len(c.Pieces), MaxParts: c.MaxParts, Count: len(c.Prospects), Price: c.Price, Available: c.Available, Missing: c.Missing}
	for _, piece := range c.Pieces {
		v.Pieces = append(v.Pieces, runs(piece.Text, v.Unicode))
	}
	for _, o := range c.Obstacles {
		v.Obstacles = append(v.Obstacles, obstacleView(o))
		v.Replaceable = v.Replaceable || o.HasNear
	}
	if encoding, _, parts := gsm.Count(gsm.Nearest(c.Text)); encoding == gsm.GSM7 && v.Unicode && parts < v.Parts {
		v.PartsWithout = parts
	}
	p.refused(c, &v)
	return v
}

// refused names recipients to whom the message would be refused, and the carriers of the others.
func (p *page) refused(c *intake.Composition, v *templates.SendPreview) {
	for _, prospect := range c.Prospects {
		switch {
		case prospect.Problem != "":
			v.Count--
		case prospect.Accepted():
			v.Accepted++
			v.AddRoute(prospect.Route)
		default:
			v.Refuse(prospect.Destination, p.refusals(prospect.Reasons, prospect.Details))
		}
	}
}

// runs cuts a text where characters begin that force Unicode, and where they end.
func runs(text string, mark bool) (all []templates.Run) {
	if !mark {
		return []templates.Run{{Text: text}}
	}
	for _, character := range text {
		foreign := !gsm.Fits(string(character))
		if n := len(all); n > 0 && all[n-1].Foreign == foreign {
			all[n-1].Text += string(character)
		} else {
			all = append(all, templates.Run{Text: string(character), Foreign: foreign})
		}
	}
	return all
}

func obstacleView(o intake.Obstacle) templates.Obstacle {
	v := templates.Obstacle{Character: o.Character, At: o.Position + 1, Placeholder: o.Placeholder, Near: o.Near, HasNear: o.HasNear}
	points := make([]string, 0, 2)
	for _, character := range o.Character {
		points = append(points, fmt.Sprintf("U+%04X", character))
	}
	v.Points = strings.Join(points, " ")
	return v
}
