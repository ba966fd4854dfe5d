package httpapi

import (
	"net/http"
	"strconv"

	"github.com/staffetta/staffetta/internal/sms"
)

// cancelScheduled withdraws a message that has not left: DELETE /api/message-server/sms/scheduled/{messageId}.
func (d *Door) cancelScheduled(c *call) error {
	m, err := d.scheduled(c)
	if err != nil {
		return err
	}
	if err := d.parts.Changes.Cancel(c.r.Context(), m.Account, m.ID); err != nil {
		return err
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// reschedule gives a message that is held another date: PATCH on the same path.
func (d *Door) reschedule(c *call) error {
	var date string
	if err := decode(c, false, func(b *body, name []byte) error {
		if string(name) == "scheduledDate" {
			return b.stringInto(&date, "scheduledDate")
		}
		return b.skip(name)
	}); err != nil {
		return err
	}
	m, err := d.scheduled(c)
	if err != nil {
		return err
	}
	due, err := d.parts.Changes.Reschedule(c.r.Context(), m.Account, m.ID, date)
	if err != nil {
		return err
	}
	body := appendText([]byte(`{"messageId":`), c.r.PathValue("messageId"))
	body = appendTime(append(body, `,"scheduledDate":`...), &due)
	body = strconv.AppendInt(append(body, `,"parts":`...), int64(m.Parts), 10)
	c.answer(http.StatusOK, jsonType, append(body, '}'))
	return nil
}

// scheduled finds the message of the path.
func (d *Door) scheduled(c *call) (*sms.Message, error) {
	id := c.r.PathValue("messageId")
	if err := checkIDs("messageId", id); err != nil {
		return nil, err
	}
	return d.parts.Changes.Find(c.r.Context(), c.caller.Account.ID, id)
}
