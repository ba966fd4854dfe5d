package intake

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// Composition is what is known of a message while somebody writes it.
type Composition struct {
	Text         string // as it would travel, its placeholders replaced
	Encoding     gsm.Encoding
	Characters   int // of Text, as Unicode counts
	Pieces       []gsm.Piece
	Room         int        // septets or units that still fit before there is another part
	MaxParts     int        // more are refused
	Placeholders []string   // the keys in the body, in order, each once
	Missing      []string   // those without a value: they would travel as they are written
	Obstacles    []Obstacle // what forces Unicode, the first maxObstacles of it
	Nearest      string     // the body with near characters in place of those that have one
	Prospects    []Prospect // one for each destination, in order
	Price        sms.Money  // of all that would be accepted
	Available    sms.Money  // credit that is not reserved; Price may be more
	Problems     []sms.FieldError
}

// Units is the septets of GSM-7 or the units of UCS-2 that the text takes in all.
func (c *Composition) Units() (n int) {
	for _, p := range c.Pieces {
		n += p.Units
	}
	return n
}

// Obstacle is a character that forces Unicode, in the body or in the value of a placeholder.
type Obstacle struct {
	gsm.Obstacle        // Position counts from the beginning of the body, or of the value
	Placeholder  string // whose value it stands in; empty: the body
}

// maxObstacles is how many are told; who has more replaces them all, or means Unicode.
const maxObstacles = 20

// Prospect is what would become of the message to one destination.
type Prospect struct {
	Destination string // in E.164, or as it was written when it is no number
	Problem     string // why it is no number; empty: it is one
	Price       sms.Money
	Route       string   // the carrier's name
	Reasons     []string // why it would be refused
	Details     []string // the same in words, as far as there are any
}

// Accepted reports whether the message would be taken, as far as the credit reaches.
func (p Prospect) Accepted() bool { return p.Problem == "" && len(p.Reasons) == 0 }

// Compose answers what Accept would do now with a message to some destinations, and leaves no trace; the Destination of
// the request does not count. What is still missing, a sender or a text, is no problem: it is being written. Errors are
// those of the store.
func (in *Intake) Compose(ctx context.Context, caller auth.Caller, r *Request, destinations []string) (*Composition, error) {
	var wrong problems
	d := examine(r, caller.Account.Settings, time.Now(), &wrong)
	c := compose(r, d)
	c.Problems = slices.DeleteFunc(wrong, func(f sms.FieldError) bool {
		return f.Field == "destination" || f.Field == "sender" && r.Sender == "" || f.Field == "body" && r.Body == ""
	})
	if err := in.foresee(ctx, caller, d, destinations, c); err != nil {
		return nil, err
	}
	balance, err := in.store.Balance(ctx, caller.Account.ID)
	c.Available = balance.Available()
	return c, err
}

// compose says what concerns the text alone.
func compose(r *Request, d *draft) *Composition {
	c := &Composition{Text: d.message.Text, MaxParts: d.maxParts, Nearest: r.Body}
	c.Encoding, _, _ = gsm.Count(c.Text)
	c.Characters = gsm.Characters(c.Text)
	c.Pieces = gsm.Pieces(c.Text)
	c.Room = room(c.Encoding, c.Pieces)
	if utf8.RuneCountInString(r.Body) > maxText {
		return c
	}
	c.read(r.Body, r.Placeholders)
	if c.Encoding == gsm.GSM7 { // the account has it transliterated
		c.Obstacles = nil
	}
	return c
}

// room is what still fits before there is one part more.
func room(encoding gsm.Encoding, pieces []gsm.Piece) int {
	single, several := gsm.MaxSeptets, gsm.MaxPartSeptets
	if encoding == gsm.UCS2 {
		single, several = gsm.MaxUnits, gsm.MaxPartUnits
	}
	if len(pieces) == 1 {
		return single - pieces[0].Units
	}
	return several - pieces[len(pieces)-1].Units
}

// read goes through a body as replace does, and notes placeholders, obstacles, and what is near.
func (c *Composition) read(body string, values map[string]string) {
	position := 0
	var near strings.Builder
	for {
		open, closing, ok := nextPlaceholder(body)
		if !ok {
			break
		}
		key := body[open+1 : closing]
		value, known := values[key]
		written, rest := body[:open], body[open:closing+1]
		if !known {
			written, rest = body[:closing+1], ""
		}
		c.obstruct(written, position, "")
		near.WriteString(gsm.Nearest(written) + rest)
		if !slices.Contains(c.Placeholders, key) {
			c.Placeholders = append(c.Placeholders, key)
			c.obstruct(value, 0, key)
			if !known {
				c.Missing = append(c.Missing, key)
			}
		}
		position += utf8.RuneCountInString(body[:closing+1])
		body = body[closing+1:]
	}
	c.obstruct(body, position, "")
	c.Nearest = near.String() + gsm.Nearest(body)
}

// obstruct notes the obstacles of a text that begins at a position.
func (c *Composition) obstruct(text string, position int, placeholder string) {
	for _, o := range gsm.Obstacles(text, maxObstacles-len(c.Obstacles)) {
		o.Position += position
		c.Obstacles = append(c.Obstacles, Obstacle{Obstacle: o, Placeholder: placeholder})
	}
}

// foresee says what would become of each destination.
func (in *Intake) foresee(ctx context.Context, caller auth.Caller, d *draft, destinations []string, c *Composition) error {
	c.Prospects = make([]Prospect, len(destinations))
	var messages []*sms.Message
	var places []int
	for i, to := range destinations {
		number, err := sms.ParseNumber(to)
		if err != nil {
			c.Prospects[i] = Prospect{Destination: to, Problem: err.Error()}
			continue
		}
		one := *d
		one.message.Destination = number
		in.own(&one.message, caller, "")
		carrier, ok := in.way(&one.message, caller.Account)
		in.judge(&one, caller, carrier, ok)
		c.Prospects[i] = Prospect{Destination: number.String(), Price: one.message.Price(), Route: one.route, Reasons: one.reasons, Details: one.details}
		messages, places = append(messages, &one.message), append(places, i)
	}
	if len(messages) == 0 {
		return nil
	}
	unwanted, err := in.store.Unwanted(ctx, messages)
	if err != nil {
		return err
	}
	for i, blocked := range unwanted {
		p := &c.Prospects[places[i]]
		if blocked {
			p.Reasons = append(p.Reasons, Blocked)
		}
		if p.Accepted() {
			c.Price += p.Price
		}
	}
	return nil
}
