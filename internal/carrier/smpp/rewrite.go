package smpp

import (
	"slices"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/smpp"
)

// kind is what an address is: carriers want another type of number for each.
type kind uint8

const (
	alphanumeric kind = iota
	short
	international
)

var kindNames = [...]string{"alphanumeric", "short", "international"}

// kindOf tells the kind by the type of number that the function address chose.
func kindOf(ton uint8) kind {
	switch ton {
	case smpp.TONAlphanumeric:
		return alphanumeric
	case smpp.TONNetworkSpecific:
		return short
	}
	return international
}

// Rule is a type of number, or a numbering plan, for each kind of address; below zero: as usual.
type Rule [len(kindNames)]int

var automatic = Rule{-1, -1, -1}

func (r Rule) of(k kind, usual uint8) uint8 {
	if r[k] < 0 {
		return usual
	}
	return uint8(r[k])
}

func (r Rule) String() string {
	if r == automatic {
		return "auto"
	}
	if r[0] == r[1] && r[1] == r[2] {
		return strconv.Itoa(r[0])
	}
	var text []string
	for k, value := range r {
		if value >= 0 {
			text = append(text, kindNames[k]+":"+strconv.Itoa(value))
		}
	}
	return strings.Join(text, ",")
}

// rule is a parameter of the form auto, 5, or alphanumeric:5,short:3. A destination is always international.
func rule(name string, most int, field func(*Address) *Rule) parameter {
	wrong := func() error {
		form := "must be auto or a number from 0 to %d"
		if strings.HasPrefix(name, "source") {
			form += ", or one for each kind of sender, such as alphanumeric:5,short:3,international:1"
		}
		return sms.InvalidField(name, form, most)
	}
	return parameter{name,
		func(a *Address) string { return field(a).String() },
		func(a *Address, text string) error {
			r := automatic
			for one := range strings.SplitSeq(text, ",") {
				kinds := kindNames[:]
				if name, value, ok := strings.Cut(one, ":"); ok {
					kinds, one = []string{name}, value
				}
				value, err := strconv.Atoi(one)
				if text == "auto" {
					value, err = -1, nil
				}
				if err != nil || value > most || value < 0 && text != "auto" || len(kinds) == 1 && !strings.HasPrefix(name, "source") {
					return wrong()
				}
				for _, k := range kinds {
					at := slices.Index(kindNames[:], k)
					if at < 0 || r[at] >= 0 {
						return wrong()
					}
					r[at] = value
				}
			}
			*field(a) = r
			return nil
		}}
}

// Rewrite replaces the beginning of an address. The longest From that fits counts.
type Rewrite []Prefix

// Prefix is one rule of a Rewrite. Digits are for international numbers, without "+"; anything else for senders of
// letters. Short codes are left as they are.
type Prefix struct{ From, To string }

func (p Prefix) kind() kind {
	if strings.Trim(p.From, "0123456789") == "" {
		return international
	}
	return alphanumeric
}

// apply reports also whether a rule was for the address.
func (r Rewrite) apply(address string, k kind) (string, bool) {
	best := -1
	for i, p := range r {
		if p.kind() == k && strings.HasPrefix(address, p.From) && (best < 0 || len(p.From) > len(r[best].From)) {
			best = i
		}
	}
	if best < 0 {
		return address, false
	}
	return r[best].To + address[len(r[best].From):], true
}

// rewriting is a parameter of the form 39:0039,49:, from and to with a colon between. A "+" that the URL turned into a
// space is one.
func rewriting(name string, field func(*Address) *Rewrite) parameter {
	return parameter{name,
		func(a *Address) string {
			var text []string
			for _, p := range *field(a) {
				text = append(text, p.From+":"+p.To)
			}
			return strings.Join(text, ",")
		},
		func(a *Address, text string) error {
			var all Rewrite
			for one := range strings.SplitSeq(text, ",") {
				from, to, ok := strings.Cut(one, ":")
				from = strings.TrimLeft(from, "+ ")
				if strings.HasPrefix(to, " ") {
					to = "+" + to[1:]
				}
				if !ok || !printable(one) || len(to) > maxAddress || strings.Contains(to, ":") {
					return sms.InvalidField(name, "must be from:to between commas, such as 39:0039,49: ; %q is none", one)
				}
				if slices.ContainsFunc(all, func(p Prefix) bool { return p.From == from }) {
					return sms.InvalidField(name, "has two rules for %q", from)
				}
				all = append(all, Prefix{from, to})
			}
			*field(a) = all
			return nil
		}}
}

// maxAddress is that of SMPP 3.4 §5.2.8, without the NUL.
const maxAddress = 20

// setDestPrefix reads dest_prefix.
func setDestPrefix(a *Address, text string) error {
	if text == " " { // a "+" in a URL
		text = "+"
	}
	if text != DestPrefixNone && text != "+" && text != "00" {
		return sms.InvalidField("dest_prefix", "must be none, 00, or + (written %%2B)")
	}
	a.Dialect.DestPrefix = text
	return nil
}
