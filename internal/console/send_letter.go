package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// letter is the form of the page "Send" as somebody filled it in.
type letter struct {
	sender, recipients, body string
	campaign, priority, when string // when: as an input of type datetime-local has it, in the viewer's zone
	flash                    bool
	values                   map[string]string // of placeholders
	shown                    []string          // the placeholders that the form has fields for
	key                      string            // the same for one form, however often it is sent
}

// valuePrefix begins the names of the fields of placeholders.
const valuePrefix = "value:"

func readLetter(r *http.Request) *letter {
	value := func(name string) string { return strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n") } // forms send CR LF
	l := &letter{sender: strings.TrimSpace(value("sender")), recipients: value("recipients"), body: value("body"), campaign: strings.TrimSpace(value("campaign")),
		priority: value("priority"), when: value("when"), flash: value("flash") != "", key: value("key"), values: map[string]string{}}
	for name := range r.PostForm {
		if key, ok := strings.CutPrefix(name, valuePrefix); ok {
			l.values[key] = value(name)
			l.shown = append(l.shown, key)
		}
	}
	return l
}

// shows reports whether the form has a field for each of these placeholders, and for no other.
func (l *letter) shows(fields []templates.FieldView) bool {
	return len(fields) == len(l.shown) && !slices.ContainsFunc(fields, func(f templates.FieldView) bool {
		return !slices.Contains(l.shown, strings.TrimPrefix(f.Name, valuePrefix))
	})
}

// add puts one more number at the end.
func (l *letter) add(number string) {
	if l.recipients = strings.TrimRight(l.recipients, " \n"); l.recipients != "" {
		l.recipients += "\n"
	}
	l.recipients += number
}

// numbers are the recipients as they are written, each number once, in E.164 where it is one.
func (l *letter) numbers() (numbers []string) {
	known := map[string]bool{}
	for written := range strings.FieldsFuncSeq(l.recipients, func(c rune) bool { return c == '\n' || c == '\r' || c == ',' || c == ';' }) {
		written = strings.TrimSpace(written)
		if number, err := sms.ParseNumber(written); err == nil {
			written = number.String()
		}
		if written != "" && !known[written] {
			known[written] = true
			numbers = append(numbers, written)
		}
	}
	return numbers
}

// request is the letter for intake, without a recipient. The errors are those that only the form can have.
func (l *letter) request(p *page) (intake.Request, templates.Errors) {
	r := intake.Request{Sender: l.sender, Body: l.body, CampaignID: l.campaign, Priority: l.priority, Flash: l.flash, Placeholders: map[string]string{}}
	for key, value := range l.values {
		if value != "" { // an empty field leaves the placeholder as it is written
			r.Placeholders[key] = value
		}
	}
	if l.when == "" {
		return r, nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", l.when[:min(len(l.when), 16)], p.frame.Zone)
	if err != nil {
		return r, templates.Errors{"scheduledDate": p.T("must be a date and a time such as 2031-02-03 07:45")}
	}
	r.Due = at
	return r, nil
}

// idempotencyKey is the same for the same letter of the same form: sent twice, it goes once. A letter that was changed is
// another one.
func (l *letter) idempotencyKey(number string) string {
	content, _ := json.Marshal([]any{l.sender, l.body, l.campaign, l.priority, l.when, l.flash, l.values}) // keys are sorted
	sum := sha256.Sum256(content)
	key := l.key
	if len(key) > 64 {
		key = key[:64]
	}
	return "console " + key + " " + hex.EncodeToString(sum[:8]) + " " + number
}

// incomplete adds what is missing when a letter is sent.
func (l *letter) incomplete(p *page, v *templates.SendView) {
	if l.sender == "" {
		v.Errors["sender"] = p.T("is required: 1 to 11 letters and digits, or a number")
	}
	if l.body == "" {
		v.Errors["body"] = p.T("is required and must not be empty")
	}
	if v.Preview.Count == 0 && v.Errors["recipients"] == "" {
		v.Errors["recipients"] = p.T("is required: an E.164 number such as +393401234567")
	}
}
