package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// legacyBody decodes the body of a Legacy send. It stops at the first fault: the answer has room for one.
type legacyBody struct {
	*body
	into         *intake.Bulk
	entry        int    // the entry that is being read; -1: none
	destinations int    // so far
	reading      string // the member that is being read, where its code depends on it
	seen, inside seen
}

// seen is which of a list of names an object has had.
type seen uint32

func decodeLegacy(c *call) (*intake.Bulk, error) {
	b, err := readBodyUpTo(c, bulkLimit)
	if err != nil {
		return nil, err
	}
	defer b.release()
	// The decoder would keep every name of an object to find one that stands twice: many times what the text takes.
	b.decoder.Reset(&b.source, jsontext.AllowDuplicateNames(true))
	l := &legacyBody{body: b, into: new(intake.Bulk), entry: -1}
	if err := b.members(l.member); err != nil {
		return nil, l.judge(err)
	}
	return l.into, nil
}

// judge gives an error of the form its code.
func (l *legacyBody) judge(err error) error {
	told, ok := errors.AsType[*sms.Error](err)
	if _, judged := errors.AsType[*coded](err); judged || !ok || told.Code != sms.Invalid {
		return err
	}
	code := codeMessagesNone
	if l.reading == "body" { // not UTF-8, or an unpaired surrogate
		code = codeBodyUnsupported
	}
	return &coded{told: &sms.Error{Code: sms.Invalid, Message: told.Message}, code: code}
}

// fault makes the error of the member that was read last, if it cannot be what it is.
func (l *legacyBody) fault(err error) error {
	if err != nil || len(l.wrong) == 0 {
		return err
	}
	wrong := l.wrong[0]
	name, _, _ := strings.Cut(wrong.Field, ".")
	code, ok := jsendWrong[name]
	switch {
	case !ok:
		code = codeMessagesNone
	case name == "body" && wrong.Message == zeroCharacter:
		code = codeBodyUnsupported
	}
	if l.entry >= 0 {
		wrong.Field = fmt.Sprintf("messages[%d].%s", l.entry, wrong.Field)
	}
	return &coded{told: &sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: []sms.FieldError{wrong}}, code: code}
}

var legacyNames = []string{"messages", "globalId", "maxIdLen", "enableConcatenated", "enableUnicode", "enableDelivery", "simulation", "skipRcsOverride"}

// member is the table of the members of a call.
func (l *legacyBody) member(b *body, name []byte) error {
	if !l.once(&l.seen, legacyNames, name) {
		return l.fault(nil)
	}
	switch into := l.into; string(name) {
	case "globalId":
		return l.fault(b.stringInto(&into.GlobalID, "globalId"))
	case "maxIdLen":
		return l.fault(b.wholeInto(&into.MaxIDLen, "maxIdLen"))
	case "enableConcatenated":
		return l.fault(b.denialInto(&into.OnePart, "enableConcatenated"))
	case "enableUnicode":
		return l.fault(b.denialInto(&into.GSMOnly, "enableUnicode"))
	case "enableDelivery":
		return l.fault(b.denialInto(&into.Silent, "enableDelivery"))
	case "simulation":
		return l.fault(b.boolInto(&into.Simulation, "simulation"))
	case "skipRcsOverride":
		return l.fault(b.boolInto(new(bool), "skipRcsOverride"))
	case "messages":
		return l.messages()
	}
	return l.fault(b.skip(name))
}

// once reports whether a name stands for the first time, or is none of the list; otherwise it is a fault.
func (l *legacyBody) once(had *seen, names []string, name []byte) bool {
	at := slices.Index(names, string(name))
	if at < 0 {
		return true
	}
	if *had&(1<<at) != 0 {
		l.body.fault(names[at], "stands twice")
		return false
	}
	*had |= 1 << at
	return true
}

// denialInto reads a member whose default is true into its opposite.
func (b *body) denialInto(target *bool, field string) error {
	value := true
	err := b.boolInto(&value, field)
	*target = !value
	return err
}

var errTooMany = sms.Errorf(sms.TooLarge, "a call has at most %d destinations", intake.MaxDestinations)

// messages reads the array of entries.
func (l *legacyBody) messages() error {
	return l.array("messages", func() error {
		if l.decoder.PeekKind() != '{' {
			return l.notA("messages", "an object each")
		}
		if len(l.into.Entries) == intake.MaxDestinations {
			return errTooMany
		}
		l.into.Entries = append(l.into.Entries, intake.BulkEntry{})
		l.entry, l.inside = len(l.into.Entries)-1, 0
		err := l.object(l.entryMember)
		if err == nil {
			l.entry = -1
		}
		return err
	})
}

// array reads an array, calling element in front of each of its values. null is an absent one.
func (l *legacyBody) array(field string, element func() error) error {
	switch l.decoder.PeekKind() {
	case '[':
	case 'n':
		_, err := l.decoder.ReadToken()
		return err
	default:
		return l.notA(field, "an array")
	}
	if _, err := l.decoder.ReadToken(); err != nil {
		return err
	}
	for l.decoder.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := l.decoder.ReadToken()
	return err
}

// notA makes the error of a value of a wrong kind, which is next.
func (l *legacyBody) notA(field, kind string) error {
	value, err := l.decoder.ReadValue()
	if err != nil {
		return err
	}
	l.body.fault(field, "must be "+kind+", not "+kindName(value))
	return l.fault(nil)
}

var entryNames = []string{"destinations", "ids", "sender", "body", "hexBody", "udhData", "scheduling", "placeholders"}

// entryMember is the table of the members of an entry.
func (l *legacyBody) entryMember(b *body, name []byte) error {
	if !l.once(&l.inside, entryNames, name) {
		return l.fault(nil)
	}
	switch into := &l.into.Entries[l.entry]; string(name) {
	case "destinations":
		return l.texts(&into.Destinations, "destinations", true)
	case "ids":
		return l.texts(&into.IDs, "ids", false)
	case "sender":
		return l.fault(b.stringInto(&into.Sender, "sender"))
	case "body":
		l.reading = "body"
		if err := l.fault(b.stringInto(&into.Body, "body")); err != nil {
			return err
		}
		l.reading = ""
		return nil
	case "hexBody":
		return l.fault(b.boolInto(&into.HexBody, "hexBody"))
	case "udhData":
		return l.fault(b.stringInto(&into.UDHData, "udhData"))
	case "scheduling":
		return l.fault(b.stringInto(&into.Scheduling, "scheduling"))
	case "placeholders":
		return l.placeholders(&into.Placeholders)
	}
	return l.fault(b.skip(name))
}

// texts reads an array of strings; when they are destinations, it counts them, and none may be null.
func (l *legacyBody) texts(target *[]string, field string, destinations bool) error {
	list := []string{}
	if l.decoder.PeekKind() == 'n' {
		list = nil
	}
	err := l.array(field, func() error {
		if destinations {
			l.destinations++
		}
		if l.destinations > intake.MaxDestinations || len(list) >= intake.MaxDestinations {
			return errTooMany
		}
		if destinations && l.decoder.PeekKind() == 'n' {
			return l.notA(field, "strings")
		}
		var text string
		err := l.fault(l.stringInto(&text, field))
		list = append(list, text)
		return err
	})
	*target = list
	return err
}

// mostPlaceholders is how many values one entry may have: a text of 10,000 characters has room for no more keys.
const mostPlaceholders = 5_000

// placeholders reads an object of strings, numbers and booleans.
func (l *legacyBody) placeholders(target *[]intake.Placeholder) error {
	const field = "placeholders"
	if kind := l.decoder.PeekKind(); kind == 'n' {
		_, err := l.decoder.ReadToken()
		return err
	} else if kind != '{' {
		return l.notA(field, "an object")
	}
	return l.object(func(b *body, name []byte) error {
		if bytes.IndexByte(name, 0) >= 0 {
			b.fault(field, zeroCharacter)
		}
		if len(*target) == mostPlaceholders {
			b.fault(field, "must be at most "+strconv.Itoa(mostPlaceholders)+" values")
			return l.fault(nil)
		}
		p := intake.Placeholder{Key: string(name)}
		value, err := b.decoder.ReadValue()
		if err != nil {
			return err
		}
		switch value.Kind() {
		case '"':
			p.Value = b.unquote(value, field)
		case '0', 't', 'f':
			p.Value = string(value)
		default:
			b.fault(field+"."+p.Key, "must be a string, a number, true or false, not "+kindName(value))
		}
		*target = append(*target, p)
		return l.fault(nil)
	})
}
