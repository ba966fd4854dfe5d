package httpapi

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/sms"
)

// send takes one message for one recipient: POST /api/message-server/sms/send.
func (d *Door) send(c *call) error {
	request, err := decodeSend(c)
	if err != nil {
		return err
	}
	answer, err := d.parts.Intake.Accept(c.r.Context(), c.caller, "http", request)
	if err != nil {
		return err
	}
	if answer.Replayed {
		c.set("Idempotent-Replayed", "true")
	}
	c.answer(http.StatusOK, jsonType, appendSend(make([]byte, 0, 256), &answer))
	return nil
}

func decodeSend(c *call) (*intake.Request, error) {
	b, err := readBody(c)
	if err != nil {
		return nil, err
	}
	defer b.release()
	request := new(intake.Request)
	if err := b.members(func(b *body, name []byte) error { return sendMember(b, name, request) }); err != nil {
		return nil, err
	}
	if request.IdempotencyKey = c.r.Header.Get("Idempotency-Key"); !utf8.ValidString(request.IdempotencyKey) {
		return nil, sms.InvalidField("Idempotency-Key", "must be UTF-8")
	}
	return request, nil
}

// sendMember is the table of the members of a send request, in the order of the contract.
func sendMember(b *body, name []byte, into *intake.Request) error {
	switch string(name) {
	case "destination":
		return b.stringInto(&into.Destination, "destination")
	case "sender":
		return b.stringInto(&into.Sender, "sender")
	case "body":
		return b.stringInto(&into.Body, "body")
	case "campaignId":
		return b.stringInto(&into.CampaignID, "campaignId")
	case "messageId":
		return b.stringInto(&into.MessageID, "messageId")
	case "udhData":
		return b.stringInto(&into.UDHData, "udhData")
	case "simulation":
		return b.boolInto(&into.Simulation, "simulation")
	case "enableNotification":
		notify := true
		err := b.boolInto(&notify, "enableNotification")
		into.Silent = !notify
		return err
	case "placeholders":
		return b.textsInto(&into.Placeholders, "placeholders")
	case "scheduledDate":
		return b.stringInto(&into.ScheduledDate, "scheduledDate")
	case "skipRcsOverride":
		return b.boolInto(new(bool), "skipRcsOverride")
	case "validityPeriod":
		return b.wholeInto(&into.ValidityPeriod, "validityPeriod")
	case "priority":
		return b.stringInto(&into.Priority, "priority")
	case "flash":
		return b.boolInto(&into.Flash, "flash")
	case "transliterate":
		return b.optionalBoolInto(&into.Transliterate, "transliterate")
	}
	return b.skip(name)
}

// appendSend writes the answer of the contract, section 2.
func appendSend(dst []byte, answer *intake.Answer) []byte {
	dst = appendText(append(dst, `{"messageId":`...), answer.MessageID)
	dst = strconv.AppendBool(append(dst, `,"simulation":`...), answer.Simulation)
	dst = strconv.AppendBool(append(dst, `,"results":{"sms":{"accepted":`...), answer.Accepted)
	dst = strconv.AppendBool(append(dst, `,"unicode":`...), answer.Unicode)
	dst = strconv.AppendInt(append(dst, `,"parts":`...), int64(answer.Parts), 10)
	dst = appendTexts(append(dst, `,"reasons":`...), answer.Reasons)
	if len(answer.Details) > 0 {
		dst = appendTexts(append(dst, `,"details":`...), answer.Details)
	}
	if answer.Simulation && answer.Preview != nil {
		dst = appendPreview(append(dst, `,"preview":`...), answer.Preview)
	}
	return append(dst, '}', '}', '}')
}

func appendPreview(dst []byte, preview *intake.Preview) []byte {
	dst = appendText(append(dst, `{"encoding":`...), preview.Encoding)
	dst = strconv.AppendInt(append(dst, `,"characters":`...), int64(preview.Characters), 10)
	dst = appendTexts(append(dst, `,"forcedBy":`...), preview.ForcedBy)
	dst = append(append(dst, `,"price":`...), preview.Price.String()...)
	return append(appendText(append(dst, `,"route":`...), preview.Route), '}')
}

// appendTexts writes an array of strings; none is [], never null.
func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, text)
	}
	return append(dst, ']')
}
