package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const (
	maxGlobalID = 64
	publicID    = 36 // characters of an id that we make
)

// common is what all destinations of an entry share. It is checked, replaced, encoded and counted once.
type common struct {
	message sms.Message
	content [sha256.Size]byte
	reason  string // why none of them can be accepted; empty: they can
	detail  string
}

func (c *common) refuse(reason, format string, args ...any) {
	if c.reason == "" {
		c.reason, c.detail = reason, fmt.Sprintf(format, args...)
	}
}

// checkBulk makes the admissions of a call, or says what is wrong with it as a whole. It looks at all of it before it
// makes the first, so that an error means that nothing was done.
func (in *Intake) checkBulk(b *Bulk, caller auth.Caller, door string, now time.Time) (*bulkCall, error) {
	longest, err := checkEnvelope(b)
	if err != nil {
		return nil, err
	}
	call := &bulkCall{in: in, account: caller.Account, strict: in.directory.SendersRestricted(caller.Account), globalID: b.GlobalID}
	if longest < publicID {
		call.idLength = longest
	}
	if call.globalID == "" {
		call.globalID = call.madeGlobalID(now)
	}
	base := sms.Message{Campaign: call.globalID, Priority: sms.Normal, Notify: !b.Silent}
	in.own(&base, caller, door)
	entries := make([]common, len(b.Entries))
	total := 0
	for i := range b.Entries {
		entries[i].message = base
		if err := checkEntry(b, &b.Entries[i], &entries[i], caller.Account.Settings, now); err != nil {
			return nil, inEntry(i, err)
		}
		if err := checkIDs(&b.Entries[i], longest); err != nil {
			return nil, inEntry(i, err)
		}
		total += len(b.Entries[i].Destinations)
	}
	call.results = make([]BulkResult, 0, total)
	for i := range b.Entries {
		call.place(&b.Entries[i], &entries[i])
	}
	return call, nil
}

func (c *bulkCall) madeGlobalID(now time.Time) string {
	if c.idLength > 0 {
		return shortID(c.idLength)
	}
	return nobody(now)
}

// checkEnvelope checks what concerns the call as a whole, and answers how long an id may be.
func checkEnvelope(b *Bulk) (longest int, err error) {
	var wrong problems
	checkText("globalId", b.GlobalID, maxGlobalID, &wrong)
	longest = maxMessageID
	if b.MaxIDLen != nil {
		if *b.MaxIDLen < 1 || *b.MaxIDLen > maxMessageID {
			wrong.add("maxIdLen", "must be a whole number from 1 to %d", maxMessageID)
		}
		longest = int(*b.MaxIDLen)
	}
	if len(b.Entries) == 0 {
		wrong.add("messages", "is required: at least one message")
	}
	total := 0
	for i := range b.Entries {
		total += len(b.Entries[i].Destinations)
	}
	if err := wrong.err(); err != nil {
		return 0, err
	}
	if total > MaxDestinations {
		return 0, sms.Errorf(sms.TooLarge, "a call has at most %d destinations", MaxDestinations)
	}
	return longest, nil
}

// inEntry says in which entry a field is wrong.
func inEntry(i int, err error) error {
	if refusal, ok := errors.AsType[*sms.Error](err); ok {
		for f := range refusal.Fields {
			refusal.Fields[f].Field = fmt.Sprintf("messages[%d].%s", i, refusal.Fields[f].Field)
		}
	}
	return err
}

// checkEntry checks what the destinations of an entry share. Its error is of the whole call; what concerns these
// destinations alone becomes their refusal.
func checkEntry(b *Bulk, e *BulkEntry, c *common, settings sms.Settings, now time.Time) error {
	var wrong problems
	if len(e.Destinations) == 0 {
		wrong.add("destinations", "is required: at least one number")
	}
	if e.Sender == "" {
		wrong.add("sender", "is required: 1 to 11 letters and digits, or a number")
	}
	if e.Body == "" {
		wrong.add("body", "is required and must not be empty")
	}
	date := checkDate("scheduling", e.Scheduling, now, &wrong)
	c.message.UDH = checkUDH(e.UDHData, &wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	if date.After(now) {
		c.message.Due = date
	}
	c.message.Expires = expiry(c.message.Due, now, defaultValidity)
	sender, err := sms.ParseSender(e.Sender)
	if err != nil {
		c.refuse(SenderNotAllowed, "the sender %s", err)
	}
	c.message.Sender = sender
	text, err := c.write(b, e, settings.Transliterate)
	if err != nil {
		return err
	}
	if c.message.Parts > partsAllowed(settings.MaxParts) && c.message.Refusal == "" {
		c.message.Refusal = TooManyParts
	}
	c.content = contentOf(b, &c.message, text, date)
	return nil
}

// write makes the text that travels. It answers the text as the caller meant it.
func (c *common) write(b *Bulk, e *BulkEntry, transliterate bool) (meant string, err error) {
	m := &c.message
	if m.UDH != nil {
		if _, err := gsm.WithUDH(nil, m.UDH); err != nil {
			return "", sms.InvalidField("udhData", "is no whole user data header that leaves room for a text")
		}
	}
	if e.HexBody && m.UDH != nil {
		return c.writeOctets(e.Body)
	}
	body := e.Body
	if e.HexBody {
		if body, err = decodeUTF16(e.Body); err != nil {
			return "", err
		}
	}
	meant, ok := c.replace(body, e.Placeholders)
	if !ok {
		return "", nil
	}
	m.Text = meant
	switch near, _ := gsm.Transliterate(meant); {
	case b.GSMOnly:
		m.Text = gsm.TransliterateLossy(meant)
	case transliterate:
		m.Text = near
	}
	if m.Text == "" {
		c.refuse(BadText, "the body has only characters without a shape")
		return meant, nil
	}
	c.encode(b.OnePart)
	return meant, nil
}

// encode chooses the encoding and counts the parts.
func (c *common) encode(onePart bool) {
	m := &c.message
	if m.UDH != nil {
		segment, err := gsm.SplitWithUDH(m.Text, m.UDH)
		if err != nil {
			c.refuse(BadText, "header and text do not fit one part")
		}
		m.Encoding, m.Parts = sms.Encoding(segment.Encoding), 1
		return
	}
	if onePart {
		m.Text = gsm.Truncate(m.Text)
	}
	encoding, _, parts := gsm.Count(m.Text)
	m.Encoding, m.Parts = sms.Encoding(encoding), parts
}

// writeOctets takes 8-bit data behind a header.
func (c *common) writeOctets(body string) (string, error) {
	octets, err := hex.DecodeString(body)
	if err != nil {
		return "", sms.InvalidField(hexField, "must be hexadecimal with an even number of digits")
	}
	if _, err := gsm.WithUDH(octets, c.message.UDH); err != nil {
		c.refuse(BadText, "header and body do not fit one part")
	}
	c.message.Text = hex.EncodeToString(octets)
	c.message.Encoding, c.message.Parts = sms.Octets, 1
	return c.message.Text, nil
}

const hexField = "hexBody"

// decodeUTF16 reads a body of hexadecimal digits that is UTF-16, big endian.
func decodeUTF16(body string) (string, error) {
	octets, err := hex.DecodeString(body)
	switch {
	case err != nil || len(octets)%2 != 0:
		return "", sms.InvalidField(hexField, "must be hexadecimal, four digits for each unit of UTF-16")
	case !gsm.ValidUCS2(octets):
		return "", sms.InvalidField(hexField, "has an unpaired surrogate")
	}
	text := gsm.DecodeUCS2(octets)
	if !clean(text) {
		return "", sms.InvalidField(hexField, "must not contain U+0000")
	}
	return text, nil
}

// replace replaces the placeholders; false when the destinations are refused for the text.
func (c *common) replace(body string, placeholders []Placeholder) (string, bool) {
	var wrong problems
	checkText("body", body, maxText, &wrong)
	var values map[string]string
	for _, p := range placeholders {
		if values == nil {
			values = make(map[string]string, len(placeholders))
		}
		checkText("a value of placeholders", p.Value, maxText, &wrong)
		values[p.Key] = p.Value
	}
	if len(wrong) > 0 {
		c.refuse(BadText, "%s %s", wrong[0].Field, wrong[0].Message)
		return "", false
	}
	text := replace(body, values)
	switch {
	case text == "":
		c.refuse(BadText, "the body is empty after its placeholders were replaced")
	case len(text) > maxText && utf8.RuneCountInString(text) > maxText:
		c.refuse(BadText, "the body must be at most %d characters after its placeholders were replaced", maxText)
	default:
		return text, true
	}
	return "", false
}

func checkIDs(e *BulkEntry, longest int) error {
	if e.IDs == nil {
		return nil
	}
	if len(e.IDs) != len(e.Destinations) {
		return sms.InvalidField("ids", "must be as many as destinations: %d, not %d", len(e.Destinations), len(e.IDs))
	}
	var wrong problems
	for _, id := range e.IDs {
		checkText("maxIdLen", id, longest, &wrong)
	}
	if len(wrong) > 0 {
		return sms.InvalidField("maxIdLen", "each of ids %s", wrong[0].Message)
	}
	return nil
}

// place makes the admissions of one entry.
func (c *bulkCall) place(e *BulkEntry, shared *common) {
	for i, to := range e.Destinations {
		result := BulkResult{Destination: to, made: true}
		if e.IDs != nil {
			result.ID, result.made = e.IDs[i], e.IDs[i] == ""
		}
		number, err := sms.ParseNumber(to)
		switch {
		case err != nil:
			result.Reason, result.Detail = BadDestination, "the destination "+err.Error()
		case shared.reason != "":
			result.Destination, result.Reason, result.Detail = number.String(), shared.reason, shared.detail
		default:
			result.Destination = number.String()
			result.admission = c.admit(shared, number, result.ID)
			c.checkSender(&result)
		}
		c.results = append(c.results, result)
	}
}

// checkSender refuses a destination to which the account may not use the sender.
func (c *bulkCall) checkSender(r *BulkResult) {
	m := r.admission.Message
	if !c.strict || m.Refusal != "" {
		return
	}
	if r.Detail = c.in.directory.MaySend(c.account, m.Sender, m.Destination); r.Detail != "" {
		m.Refusal = SenderNotAllowed
	}
}

// admit makes the message for one destination; id is the caller's, or empty.
func (c *bulkCall) admit(shared *common, to sms.Number, id string) *store.Admission {
	m := new(sms.Message) // of its own: messages leave memory one by one
	*m = shared.message
	m.Destination, m.CallerID = to, id
	if _, ok := c.in.address(m, c.account); !ok {
		m.Refusal = NoRoute
	}
	a := &store.Admission{Message: m}
	switch {
	case id != "":
		m.Digest = shared.digest(to, id)
		a.Claim, _ = c.in.ids.Parse(id)
	case c.idLength > 0:
		m.CallerID, m.Digest = shortID(c.idLength), rand.Uint64() // never taken for a repetition of another one
	}
	return a
}

// contentOf is the same for two entries that ask for the same message, whoever gets it: nothing of it depends on the
// clock, on how the account is set, or on the call that it stands in.
func contentOf(b *Bulk, m *sms.Message, text string, date time.Time) [sha256.Size]byte {
	due := int64(0)
	if !date.IsZero() {
		due = date.UnixMilli()
	}
	content, _ := json.Marshal([]any{"bulk", m.Sender, text, m.UDH, m.Encoding == sms.Octets, m.Notify, due, b.OnePart, b.GSMOnly})
	return sha256.Sum256(content)
}

// digest tells a repetition from another message with the same id. Digests are stored.
func (c *common) digest(to sms.Number, id string) uint64 {
	buffer := make([]byte, 0, sha256.Size+8+maxMessageID*utf8.UTFMax)
	buffer = append(buffer, c.content[:]...)
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(to))
	sum := sha256.Sum256(append(buffer, id...))
	return binary.BigEndian.Uint64(sum[:8])
}
