package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	usualPage = 100
	mostPage  = 1000
)

// webhookEvents answers GET …/events: what was told, or shall be, the newest first.
func (d *Door) webhookEvents(c *call) error {
	page, err := eventPage(c.r)
	if err != nil {
		return err
	}
	events, next, err := d.parts.Events.Events(c.r.Context(), c.caller.Account, page)
	if err != nil {
		return err
	}
	body := append(make([]byte, 0, 2+300*len(events)), '[')
	for i := range events {
		if i > 0 {
			body = append(body, ',')
		}
		body = d.appendEvent(body, &events[i])
	}
	c.pageAnswer(append(body, ']'), next)
	return nil
}

// webhookAttempts answers GET …/attempts: what came of each attempt to tell something, of the newest event first.
func (d *Door) webhookAttempts(c *call) error {
	page, err := eventPage(c.r)
	if err != nil {
		return err
	}
	attempts, next, err := d.parts.Events.Attempts(c.r.Context(), c.caller.Account, page)
	if err != nil {
		return err
	}
	body := append(make([]byte, 0, 2+300*len(attempts)), '[')
	for i := range attempts {
		if i > 0 {
			body = append(body, ',')
		}
		body = d.appendAttempt(body, &attempts[i])
	}
	c.pageAnswer(append(body, ']'), next)
	return nil
}

// replayWebhookEvents answers POST …/replay: one event, or those of a time that failed, are told again.
func (d *Door) replayWebhookEvents(c *call) error {
	replay, err := decodeReplay(c)
	if err != nil {
		return err
	}
	n, err := d.parts.Events.Replay(c.r.Context(), c.caller.Account, replay)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusAccepted, append(strconv.AppendInt([]byte(`{"replayed":`), int64(n), 10), '}'))
	return nil
}

func decodeReplay(c *call) (r outbox.Replay, err error) {
	var from, to string
	if err := decode(c, false, func(b *body, name []byte) error {
		switch string(name) {
		case "eventId":
			return b.stringInto(&r.EventID, "eventId")
		case "from":
			return b.stringInto(&from, "from")
		case "to":
			return b.stringInto(&to, "to")
		case "delivered":
			return b.boolInto(&r.Delivered, "delivered")
		}
		return b.skip(name)
	}); err != nil {
		return r, err
	}
	if r.EventID != "" && from+to == "" {
		return r, nil
	}
	if r.EventID != "" || from == "" || to == "" {
		return r, sms.InvalidField(document, `must hold either "eventId" or both "from" and "to"`)
	}
	if r.From, err = momentOf("from", from); err == nil {
		r.To, err = momentOf("to", to)
	}
	return r, err
}

func momentOf(field, text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 2090 {
		return time.Time{}, sms.InvalidField(field, "must be a moment of RFC 3339 between 1970 and 2090, such as 2031-02-03T07:45:00Z")
	}
	return at, nil
}

func eventPage(r *http.Request) (page outbox.Page, err error) {
	query, err := parseQuery(r)
	if err != nil {
		return page, err
	}
	page = outbox.Page{Status: query.Get("status"), EventID: query.Get("eventId"), Cursor: query.Get("cursor"), Limit: usualPage}
	if text := query.Get("limit"); text != "" {
		if page.Limit, err = strconv.Atoi(text); err != nil || page.Limit < 1 || page.Limit > mostPage {
			return page, sms.InvalidField("limit", "must be 1 to %d", mostPage)
		}
	}
	return page, nil
}

// pageAnswer sends a page, with the address of the next one in the header Link (RFC 8288), which has no parameters that
// are dropped.
func (c *call) pageAnswer(body []byte, next string, dropped ...string) {
	if next != "" {
		query := c.r.URL.Query()
		query.Set("cursor", next)
		for _, name := range dropped {
			query.Del(name)
		}
		c.set("Link", "<"+(&url.URL{Path: c.r.URL.Path, RawQuery: query.Encode()}).String()+`>; rel="next"`)
	}
	c.secretAnswer(http.StatusOK, body)
}

func (d *Door) appendEvent(dst []byte, e *sms.Event) []byte {
	dst = appendText(append(dst, `{"eventId":`...), d.parts.Events.ID(e.ID))
	dst = appendText(append(dst, `,"messageId":`...), d.parts.Events.MessageID(e.MessageID))
	if e.Kind == sms.InboundEvent {
		dst = append(dst, `,"eventType":"INBOUND","numPart":null,"deliveryStatus":null`...)
	} else {
		dst = appendDelivery(append(dst, `,"eventType":"DELIVERY"`...), e)
	}
	dst = appendText(append(dst, `,"way":`...), outbox.WayNames[e.Way])
	dst = appendText(append(dst, `,"status":`...), outbox.StageNames[e.Stage])
	dst = strconv.AppendInt(append(dst, `,"attempts":`...), int64(e.Attempts), 10)
	dst = appendTime(append(dst, `,"createdAt":`...), present(e.ID.Time()))
	dst = appendTime(append(dst, `,"nextAttemptAt":`...), present(e.Due))
	dst = appendTime(append(dst, `,"endedAt":`...), present(e.Ended))
	return append(dst, '}')
}

func appendDelivery(dst []byte, e *sms.Event) []byte {
	dst = append(dst, `,"numPart":`...)
	if e.Part == sms.WholeMessage {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(e.Part)+1, 10)
	}
	return appendText(append(dst, `,"deliveryStatus":`...), outbox.DeliveryStatus(e))
}

func (d *Door) appendAttempt(dst []byte, a *sms.Attempt) []byte {
	dst = appendText(append(dst, `{"eventId":`...), d.parts.Events.ID(a.Event))
	dst = strconv.AppendInt(append(dst, `,"number":`...), int64(a.Number), 10)
	dst = appendTime(append(dst, `,"at":`...), present(a.At))
	dst = strconv.AppendInt(append(dst, `,"durationMs":`...), a.Duration.Milliseconds(), 10)
	dst = append(dst, `,"responseStatus":`...)
	if a.Status == 0 {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(a.Status), 10)
	}
	dst = append(dst, `,"error":`...)
	if a.Error == "" {
		dst = append(dst, "null"...)
	} else {
		dst = appendText(dst, a.Error)
	}
	dst = append(dst, `,"receiver":`...)
	if a.Receiver == "" {
		dst = append(dst, "null"...)
	} else {
		dst = appendText(dst, a.Receiver)
	}
	return append(appendText(append(dst, `,"response":`...), string(a.Response)), '}')
}
