package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/export"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	exportPage    = 10 // exports, unless the caller says how many
	exportTimeout = time.Minute
)

// createExport answers POST /api/partner-gateway/v1/messages/history/export.
func (d *Door) createExport(c *call) error {
	r, err := decodeExport(c)
	if err != nil {
		return err
	}
	id, err := d.parts.Exports.Create(c.r.Context(), c.caller.Account, r)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusAccepted, append(appendText([]byte(`{"exportId":`), id), '}'))
	return nil
}

func decodeExport(c *call) (r export.Request, err error) {
	var start, end string
	if err := decode(c, false, func(b *body, name []byte) error {
		switch string(name) {
		case "startDateTime":
			return b.stringInto(&start, "startDateTime")
		case "endDateTime":
			return b.stringInto(&end, "endDateTime")
		case "sender":
			return b.stringInto(&r.Sender, "sender")
		case "recipient":
			return b.stringInto(&r.Recipient, "recipient")
		case "channel":
			return b.stringInto(&r.Channel, "channel")
		case "status":
			return b.stringInto(&r.Status, "status")
		}
		return b.skip(name)
	}); err != nil {
		return r, err
	}
	if r.Start, err = momentOf("startDateTime", start); err == nil {
		r.End, err = momentOf("endDateTime", end)
	}
	return r, err
}

// exports answers GET /api/partner-gateway/v1/exports, the newest first.
func (d *Door) exports(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	page, limit, err := pageOf(query, exportPage)
	if err != nil {
		return err
	}
	if page > mostPage {
		return sms.InvalidField("page", "must be at most %d", mostPage)
	}
	list, err := d.parts.Exports.List(c.r.Context(), c.caller.Account, page, limit)
	if err != nil {
		return err
	}
	body := []byte{'['}
	for i := range list {
		if i > 0 {
			body = append(body, ',')
		}
		body = d.appendExport(body, &list[i])
	}
	c.secretAnswer(http.StatusOK, append(body, ']'))
	return nil
}

func (d *Door) appendExport(dst []byte, e *sms.Export) []byte {
	dst = appendText(append(dst, `{"exportId":`...), d.parts.Exports.ID(e.ID))
	dst = appendText(append(dst, `,"type":"MESSAGE_HISTORY","status":`...), export.StageNames[e.Stage])
	dst = strconv.AppendBool(append(dst, `,"isAvailableForDownload":`...), e.Stage == sms.ExportCompleted)
	dst = appendTime(append(dst, `,"createdAt":`...), present(e.Made))
	return append(strconv.AppendInt(append(dst, `,"rows":`...), e.Rows, 10), '}')
}

// exportLink answers GET /api/partner-gateway/v1/exports/{exportId}: a link to the file.
func (d *Door) exportLink(c *call) error {
	path, expires, err := d.parts.Exports.Link(c.r.Context(), c.caller.Account, c.r.PathValue("exportId"))
	if err != nil {
		return err
	}
	body := appendText([]byte(`{"url":`), d.origin(c.r)+path)
	c.secretAnswer(http.StatusOK, append(appendTime(append(body, `,"expiresAt":`...), &expires), '}'))
	return nil
}

// renewExport answers POST on the same path: another link, or 202 and the export is made anew.
func (d *Door) renewExport(c *call) error {
	id := c.r.PathValue("exportId")
	complete, err := d.parts.Exports.Renew(c.r.Context(), c.caller.Account, id)
	if err != nil {
		return err
	}
	if complete {
		return d.exportLink(c)
	}
	c.secretAnswer(http.StatusAccepted, append(appendText([]byte(`{"exportId":`), id), '}'))
	return nil
}

// origin is the address of this server as the client called it.
func (d *Door) origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	peer := peerAddress(r)
	for _, proxy := range d.parts.Proxies {
		if said := r.Header.Get("X-Forwarded-Proto"); proxy.Contains(peer) && slices.Contains([]string{"http", "https"}, strings.ToLower(said)) {
			scheme = strings.ToLower(said)
		}
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}

// download answers GET …/exports/{exportId}/download with the file, or any part of it. The link stands in place of
// credentials: its query is in no log.
func (d *Door) download(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	ticket := export.Ticket{ID: c.r.PathValue("exportId"), Expires: query.Get("expires"), Signature: query.Get("signature")}
	file, err := d.parts.Exports.Open(c.r.Context(), ticket, d.clientAddress(c.r))
	if err != nil {
		return err
	}
	c.set("Cache-Control", "no-store")
	c.set("Content-Type", "text/csv; charset=utf-8")
	c.set("Content-Disposition", `attachment; filename="`+file.Name+`"`)
	c.set("X-Content-Type-Options", "nosniff")
	c.Header().Set("ETag", `"`+file.Tag+`"`)
	http.ServeContent(c, c.r, "", time.Time{}, patient{file, http.NewResponseController(c)})
	return nil
}

// patient gives a client time for each piece of a file, not for all of it.
type patient struct {
	*export.File
	connection *http.ResponseController
}

// Read reads on.
func (p patient) Read(into []byte) (int, error) {
	_ = p.connection.SetWriteDeadline(time.Now().Add(exportTimeout)) // not every writer of a test has one
	return p.File.Read(into)
}
