package intake

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

// The limits of the contract, section 1 and 2.
const (
	maxText         = 10_000 // characters: body, each placeholder value, and the replaced text
	maxCampaign     = 255
	maxMessageID    = 64
	maxKey          = 255
	defaultValidity = 48 * time.Hour
	minValidity     = time.Minute
	maxValidity     = 7 * 24 * time.Hour
	maxBehind       = 24 * time.Hour
	defaultMaxParts = 10
	maxFieldName    = 64 // characters of a placeholder's key in an error
)

// problems collects what is wrong with each field, so that a caller learns all of it at once.
type problems []sms.FieldError

// maxProblems is how many are told; nobody reads more.
const maxProblems = 50

func (p *problems) add(field, format string, args ...any) {
	if len(*p) >= maxProblems {
		return
	}
	*p = append(*p, sms.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &sms.Error{Code: sms.Invalid, Message: "validation failed", Fields: p}
}

// check turns a request into a draft, or says all that is wrong with it.
func check(r *Request, settings sms.Settings, now time.Time) (*draft, error) {
	var wrong problems
	d := examine(r, settings, now, &wrong)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return d, nil
}

// examine makes a draft of what is right in a request, and collects what is wrong.
func examine(r *Request, settings sms.Settings, now time.Time, wrong *problems) *draft {
	d := &draft{key: r.IdempotencyKey, maxParts: partsAllowed(settings.MaxParts)}
	m := &d.message
	m.Destination = checkNumber(r.Destination, wrong)
	m.Sender = checkSender(r.Sender, wrong)
	m.Campaign = checkText("campaignId", r.CampaignID, maxCampaign, wrong)
	m.CallerID = checkText("messageId", r.MessageID, maxMessageID, wrong)
	checkText("Idempotency-Key", r.IdempotencyKey, maxKey, wrong)
	m.Priority = checkPriority(r.Priority, wrong)
	date := checkDue(r, now, wrong)
	if date.After(now) {
		m.Due = date
	}
	validity := checkValidity(r.ValidityPeriod, wrong)
	m.Expires = expiry(m.Due, now, validity)
	if !r.Expires.IsZero() {
		m.Expires = checkExpires(r.Expires, m.Due, now, wrong)
	}
	m.Flash, m.Notify, m.Notice, m.Submission = r.Flash, !r.Silent, r.Notice, r.Submission
	text := checkContent(r, settings.Transliterate, d, wrong)
	if len(*wrong) == 0 && (m.CallerID != "" || d.key != "") {
		m.Digest = digest(m, text, date, validity, r.Transliterate)
	}
	return d
}

// partsAllowed is never more than a concatenation header can number.
func partsAllowed(setting int) int {
	if setting <= 0 {
		return defaultMaxParts
	}
	return min(setting, gsm.MaxParts)
}

// checkContent encodes the text, behind the header if there is one. It answers the text with its placeholders
// replaced, as the caller meant it.
func checkContent(r *Request, transliterate bool, d *draft, wrong *problems) string {
	before := len(*wrong)
	d.message.UDH = checkHeader(r, wrong)
	if r.Octets != nil {
		d.keep(r, wrong)
		return d.message.Text
	}
	text := checkBody(r, wrong)
	if len(*wrong) > before {
		return ""
	}
	if r.Transliterate != nil {
		transliterate = *r.Transliterate
	}
	d.encode(text, transliterate, wrong)
	return text
}

func checkNumber(text string, wrong *problems) sms.Number {
	if text == "" {
		wrong.add("destination", "is required: an E.164 number such as +393401234567")
		return 0
	}
	n, err := sms.ParseNumber(text)
	if err != nil {
		wrong.add("destination", "%s", err)
	}
	return n
}

func checkSender(text string, wrong *problems) sms.Sender {
	if text == "" {
		wrong.add("sender", "is required: 1 to 11 letters and digits, or a number")
		return ""
	}
	s, err := sms.ParseSender(text)
	if err != nil {
		wrong.add("sender", "%s", err)
	}
	return s
}

func checkText(field, text string, limit int, wrong *problems) string {
	switch {
	case utf8.RuneCountInString(text) > limit:
		wrong.add(field, "must be at most %d characters", limit)
	case !clean(text):
		wrong.add(field, "must be valid Unicode text without U+0000")
	}
	return text
}

func clean(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

func checkPriority(text string, wrong *problems) sms.Priority {
	switch text {
	case "high":
		return sms.High
	case "", "normal":
		return sms.Normal
	case "low":
		return sms.Low
	}
	wrong.add("priority", "must be high, normal or low")
	return sms.Normal
}

// dateForms are the form of the contract and RFC 3339.
var dateForms = [...]string{"2006-01-02 15:04:05.000-0700", time.RFC3339Nano}

// checkDate answers the date, one of the last day too; zero for none or a wrong one.
func checkDate(field, text string, now time.Time, wrong *problems) time.Time {
	if text == "" {
		return time.Time{}
	}
	var at time.Time
	var err error
	for _, form := range dateForms {
		if at, err = time.Parse(form, text); err == nil {
			break
		}
	}
	if err != nil {
		wrong.add(field, "must be a date such as 2031-02-03 07:45:00.000+0100 or 2031-02-03T07:45:00+01:00")
		return time.Time{}
	}
	return checkMoment(field, at, now, wrong)
}

// checkDue answers when a message is due, in whichever form that was given.
func checkDue(r *Request, now time.Time, wrong *problems) time.Time {
	if r.Due.IsZero() {
		return checkDate("scheduledDate", r.ScheduledDate, now, wrong)
	}
	return checkMoment("scheduledDate", r.Due, now, wrong)
}

func checkMoment(field string, at, now time.Time, wrong *problems) time.Time {
	switch {
	case at.After(now.AddDate(1, 0, 0)):
		wrong.add(field, "must be at most one year ahead")
	case !at.After(now.Add(-maxBehind)):
		wrong.add(field, "must be less than 24 hours in the past")
	default:
		return at.UTC()
	}
	return time.Time{}
}

func checkValidity(seconds *int64, wrong *problems) time.Duration {
	if seconds == nil {
		return defaultValidity
	}
	if *seconds < int64(minValidity/time.Second) || *seconds > int64(maxValidity/time.Second) {
		wrong.add("validityPeriod", "must be between %d and %d seconds", minValidity/time.Second, maxValidity/time.Second)
		return defaultValidity
	}
	return time.Duration(*seconds) * time.Second
}

// checkExpires holds the end of the validity against the limits of a validity period.
func checkExpires(at, due, now time.Time, wrong *problems) time.Time {
	if due.IsZero() {
		due = now
	}
	// A period that was counted from the arrival has lost a moment of its minute.
	if left := at.Sub(due); left < minValidity-time.Second || left > maxValidity+time.Second {
		wrong.add("validityPeriod", "must end between %d and %d seconds after the message is due", minValidity/time.Second, maxValidity/time.Second)
	}
	return at.UTC()
}

func expiry(due, now time.Time, validity time.Duration) time.Time {
	if due.IsZero() {
		due = now
	}
	return due.Add(validity).UTC()
}

// checkHeader answers the header in whichever form it was given.
func checkHeader(r *Request, wrong *problems) []byte {
	if r.UDH == nil {
		return checkUDH(r.UDHData, wrong)
	}
	if len(r.UDH) == 0 || int(r.UDH[0]) != len(r.UDH)-1 {
		wrong.add("udhData", "must begin with its own length")
	}
	return r.UDH
}

func checkUDH(text string, wrong *problems) []byte {
	if text == "" {
		return nil
	}
	udh, err := hex.DecodeString(text)
	switch {
	case err != nil:
		wrong.add("udhData", "must be hexadecimal with an even number of digits")
	case int(udh[0]) != len(udh)-1:
		wrong.add("udhData", "must begin with its own length: the first octet says %d, %d follow", udh[0], len(udh)-1)
	}
	return udh
}

// checkBody replaces the placeholders and answers the text.
func checkBody(r *Request, wrong *problems) string {
	before := len(*wrong)
	checkText("body", r.Body, maxText, wrong)
	checkPlaceholders(r.Placeholders, wrong)
	if len(*wrong) > before {
		return ""
	}
	text := replace(r.Body, r.Placeholders)
	switch {
	case r.Body == "":
		wrong.add("body", "is required and must not be empty")
	case text == "":
		wrong.add("body", "is empty after its placeholders were replaced")
	case len(text) > maxText && utf8.RuneCountInString(text) > maxText:
		wrong.add("body", "must be at most %d characters after its placeholders were replaced", maxText)
	}
	return text
}

// checkPlaceholders tells of each wrong value, and once of wrong keys, in order of the keys.
func checkPlaceholders(values map[string]string, wrong *problems) {
	var found problems
	wrongKey := false
	for key, value := range values {
		if !clean(key) {
			wrongKey = true
			continue
		}
		name := key
		if utf8.RuneCountInString(name) > maxFieldName {
			name = string([]rune(name)[:maxFieldName]) + "…"
		}
		checkText("placeholders."+name, value, maxText, &found)
	}
	if wrongKey {
		found.add("placeholders", "a key must be valid Unicode text without U+0000")
	}
	slices.SortFunc(found, func(a, b sms.FieldError) int { return strings.Compare(a.Field, b.Field) })
	*wrong = append(*wrong, found...)
}

// replace puts values in place of {key}. One pass: values are not scanned again; a key without a value stays.
func replace(body string, values map[string]string) string {
	if len(values) == 0 || !strings.Contains(body, "{") {
		return body
	}
	var text strings.Builder
	for {
		open, closing, ok := nextPlaceholder(body)
		if !ok {
			break
		}
		value, ok := values[body[open+1:closing]]
		if !ok {
			value = body[open : closing+1]
		}
		text.WriteString(body[:open])
		text.WriteString(value)
		if body = body[closing+1:]; text.Len() > 8*maxText {
			break
		}
	}
	text.WriteString(body)
	return text.String()
}

// nextPlaceholder finds the braces of the first placeholder.
func nextPlaceholder(body string) (open, closing int, ok bool) {
	open = strings.IndexByte(body, '{')
	if open < 0 {
		return 0, 0, false
	}
	closing = strings.IndexByte(body[open:], '}')
	if closing < 0 {
		return 0, 0, false
	}
	// In "{a{b}", the key is b.
	open += strings.LastIndexByte(body[open:open+closing], '{')
	closing = open + strings.IndexByte(body[open:], '}')
	return open, closing, true
}
