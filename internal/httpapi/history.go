package httpapi

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

const historyPage = 20 // messages, unless the caller says how many

// history answers GET /api/partner-gateway/v1/messages/history: what was accepted in some time, the newest first.
func (d *Door) history(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	channel, err := channelOf(query)
	if err != nil {
		return err
	}
	q, err := historyQuery(query)
	if err != nil {
		return err
	}
	var page []status.Status
	next := ""
	if channel == channelSMS {
		if page, next, err = d.parts.Status.History(c.r.Context(), c.caller.Account.ID, q); err != nil {
			return err
		}
	}
	c.pageAnswer(appendStatuses(page), next, "page")
	return nil
}

func historyQuery(query url.Values) (q status.Query, err error) {
	if q.From, err = queryMoment(query, "from"); err != nil {
		return q, err
	}
	if q.To, err = queryMoment(query, "to"); err != nil {
		return q, err
	}
	q.Status, q.Cursor = query.Get("status"), query.Get("cursor")
	if q.Page, q.Limit, err = pageOf(query, historyPage); err != nil {
		return q, err
	}
	return q, checkIDs("status", q.Status)
}

// queryMoment reads a moment. In a query a plus that is not percent-encoded is a space: clients forget it.
func queryMoment(query url.Values, field string) (time.Time, error) {
	return momentOf(field, strings.ReplaceAll(query.Get(field), " ", "+"))
}

// pageOf reads the number of a page, from 0, and how much stands on it.
func pageOf(query url.Values, usual int) (page, limit int, err error) {
	limit = usual
	if text := query.Get("page"); text != "" {
		if page, err = strconv.Atoi(text); err != nil || page < 0 {
			return 0, 0, sms.InvalidField("page", "must be 0 or more")
		}
	}
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > mostPage {
			return 0, 0, sms.InvalidField("limit", "must be 1 to %d", mostPage)
		}
	}
	return page, limit, nil
}
