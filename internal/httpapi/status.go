package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

const (
	channelSMS = "SMS"
	mostIDs    = 500
	timeLayout = "2006-01-02T15:04:05.000Z" // RFC 3339, always UTC
)

// channels are the names that the parameter may have; only SMS has messages here.
var channels = []string{channelSMS, "RCS", "WHATSAPP"}

var errMessageUnknown = sms.Errorf(sms.NotFound, "this account has no such message on this channel")

// statusOne answers GET /api/partner-gateway/v1/messages/status/{customerMessageId}?channel=SMS.
func (d *Door) statusOne(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	channel, err := channelOf(query)
	if err != nil {
		return err
	}
	id := c.r.PathValue("customerMessageId")
	if err := checkIDs("customerMessageId", id); err != nil {
		return err
	}
	if channel != channelSMS {
		return errMessageUnknown
	}
	found, err := d.parts.Status.Find(c.r.Context(), c.caller.Account.ID, []string{id})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errMessageUnknown
	}
	c.set("Cache-Control", "no-store")
	c.answer(http.StatusOK, jsonType, appendStatus(make([]byte, 0, 512), &found[0]))
	return nil
}

// statusMany answers GET /api/partner-gateway/v1/messages/status?ids=a,b&channel=SMS.
func (d *Door) statusMany(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	channel, err := channelOf(query)
	if err != nil {
		return err
	}
	ids, err := idsOf(query)
	if err != nil {
		return err
	}
	var found []status.Status
	if channel == channelSMS && len(ids) > 0 {
		if found, err = d.parts.Status.Find(c.r.Context(), c.caller.Account.ID, ids); err != nil {
			return err
		}
	}
	c.secretAnswer(http.StatusOK, appendStatuses(found))
	return nil
}

func parseQuery(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, sms.InvalidField("query", "must be name=value pairs joined by & and percent-encoded")
	}
	return query, nil
}

func channelOf(query url.Values) (string, error) {
	channel := query.Get("channel")
	if !slices.Contains(channels, channel) {
		return "", sms.InvalidField("channel", "must be SMS, RCS or WHATSAPP")
	}
	return channel, nil
}

// idsOf reads the list under either of its names; the parameter may also be repeated.
func idsOf(query url.Values) ([]string, error) {
	if !query.Has("ids") && !query.Has("customerMessageIds") {
		return nil, sms.InvalidField("ids", "must name at least one id; several are joined by commas")
	}
	var ids []string
	for _, list := range slices.Concat(query["ids"], query["customerMessageIds"]) {
		for id := range strings.SplitSeq(list, ",") {
			if id = strings.TrimSpace(id); id != "" {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) > mostIDs {
		return nil, sms.InvalidField("ids", "must be at most %d ids in one request", mostIDs)
	}
	return ids, checkIDs("ids", ids...)
}

// checkIDs refuses what can stand in no string of this interface.
func checkIDs(field string, ids ...string) error {
	for _, id := range ids {
		if !utf8.ValidString(id) || strings.IndexByte(id, 0) >= 0 {
			return sms.InvalidField(field, "must be UTF-8 without U+0000")
		}
	}
	return nil
}

func appendStatuses(found []status.Status) []byte {
	body := append(make([]byte, 0, 2+400*len(found)), '[')
	for i := range found {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendStatus(body, &found[i])
	}
	return append(body, ']')
}

// appendStatus writes the object of the contract, section 5. What has not happened yet is null.
func appendStatus(dst []byte, s *status.Status) []byte {
	dst = appendText(append(dst, `{"customerMessageId":`...), s.CustomerMessageID)
	dst = appendText(append(dst, `,"messageId":`...), s.MessageID)
	dst = appendText(append(dst, `,"channel":`...), s.Channel)
	dst = appendText(append(dst, `,"destination":`...), s.Destination)
	dst = appendText(append(dst, `,"deliveryStatus":`...), s.DeliveryStatus)
	dst = appendText(append(dst, `,"deliveryStatusDescription":`...), s.DeliveryStatusDescription)
	dst = appendTime(append(dst, `,"sendDate":`...), s.SendDate)
	dst = appendTime(append(dst, `,"deliveryDate":`...), s.DeliveryDate)
	dst = strconv.AppendInt(append(dst, `,"parts":`...), int64(s.Parts), 10)
	return append(append(append(dst, `,"price":`...), s.Price.String()...), '}')
}

func appendTime(dst []byte, t *time.Time) []byte {
	if t == nil {
		return append(dst, "null"...)
	}
	return append(t.UTC().AppendFormat(append(dst, '"'), timeLayout), '"')
}
