package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	optOutRoute = "/api/partner-gateway/v1/opt-outs"
	csvType     = "text/csv"
	csvLimit    = 256 << 20        // octets of an import; none of them is kept in memory
	csvTime     = 10 * time.Minute // for an import or export, in place of the limits of a connection
)

// optOuts answers GET …/opt-outs: a page of them as JSON, or all of them as CSV when the header Accept asks for that.
func (d *Door) optOuts(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	q := optout.Query{Number: query.Get("number"), Sender: query.Get("sender"), Cursor: query.Get("cursor"), Limit: usualPage}
	if text := query.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > mostPage {
			return sms.InvalidField("limit", "must be 1 to %d", mostPage)
		}
	}
	if strings.HasPrefix(c.r.Header.Get("Accept"), csvType) {
		return d.exportOptOuts(c, q)
	}
	list, next, err := d.parts.OptOuts.List(c.r.Context(), c.caller.Account, q)
	if err != nil {
		return err
	}
	body := append(make([]byte, 0, 2+120*len(list)), '[')
	for i, o := range list {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendOptOut(body, o)
	}
	c.pageAnswer(append(body, ']'), next)
	return nil
}

// exportOptOuts streams. An error in the midst of it cuts the connection: a part must not look like the whole.
func (d *Door) exportOptOuts(c *call, q optout.Query) error {
	c.allowTime()
	stream := &csvStream{c: c}
	if err := d.parts.OptOuts.Export(c.r.Context(), c.caller.Account, q, stream); err != nil {
		if stream.begun {
			d.logInternal(c, err)
			panic(http.ErrAbortHandler)
		}
		return err
	}
	return nil
}

// csvStream begins the answer with its first octets.
type csvStream struct {
	c     *call
	begun bool
}

func (s *csvStream) Write(data []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.c.set("Content-Type", csvType+"; charset=utf-8; header=present")
		s.c.set("Content-Disposition", `attachment; filename="opt-outs.csv"`)
		s.c.set("Cache-Control", "no-store")
	}
	return s.c.Write(data)
}

// allowTime gives a request longer than the others have. A connection that has no limits needs none.
func (c *call) allowTime() {
	control, until := http.NewResponseController(c.ResponseWriter), time.Now().Add(csvTime)
	_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until)
}

// addOptOut answers POST on the same path: one opt-out as JSON, or many as CSV.
func (d *Door) addOptOut(c *call) error {
	if mediaType, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";"); strings.EqualFold(strings.TrimSpace(mediaType), csvType) {
		return d.importOptOuts(c)
	}
	var number, sender string
	if err := decode(c, false, func(b *body, name []byte) error {
		switch string(name) {
		case "number":
			return b.stringInto(&number, "number")
		case "sender":
			return b.stringInto(&sender, "sender")
		}
		return b.skip(name)
	}); err != nil {
		return err
	}
	o, added, err := d.parts.OptOuts.Add(c.r.Context(), c.optOutBy("api"), c.caller.Account, number, sender)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if added {
		status = http.StatusCreated
	}
	c.secretAnswer(status, appendOptOut(nil, o))
	return nil
}

func (c *call) optOutBy(source string) optout.By {
	return optout.By{Actor: c.caller.Credential, Source: source}
}

// importOptOuts reads CSV as it comes.
func (d *Door) importOptOuts(c *call) error {
	if c.r.ContentLength > csvLimit {
		return tooLarge(c.r, csvLimit)
	}
	c.allowTime()
	result, err := d.parts.OptOuts.Import(c.r.Context(), c.optOutBy("import"), c.caller.Account, http.MaxBytesReader(c, c.r.Body, csvLimit))
	if err != nil {
		return err
	}
	body := strconv.AppendInt([]byte(`{"added":`), result.Added, 10)
	body = strconv.AppendInt(append(body, `,"known":`...), result.Known, 10)
	body = strconv.AppendInt(append(body, `,"failed":`...), result.Failed, 10)
	body = append(body, `,"errors":[`...)
	for i, wrong := range result.Wrong {
		if i > 0 {
			body = append(body, ',')
		}
		body = strconv.AppendInt(append(body, `{"line":`...), wrong.Line, 10)
		body = append(appendText(append(body, `,"message":`...), wrong.Message), '}')
	}
	c.secretAnswer(http.StatusOK, append(body, "]}"...))
	return nil
}

// removeOptOut answers DELETE on the same path; number and sender stand in the query.
func (d *Door) removeOptOut(c *call) error {
	query, err := parseQuery(c.r)
	if err != nil {
		return err
	}
	if err := d.parts.OptOuts.Remove(c.r.Context(), c.optOutBy("api"), c.caller.Account, query.Get("number"), query.Get("sender")); err != nil {
		return err
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}

func appendOptOut(dst []byte, o sms.OptOut) []byte {
	dst = appendText(append(dst, `{"number":`...), o.Number.String())
	dst = append(dst, `,"sender":`...)
	if o.Sender == "" {
		dst = append(dst, "null"...)
	} else {
		dst = appendText(dst, o.Sender)
	}
	dst = strconv.AppendBool(append(dst, `,"allowed":`...), o.Allowed)
	dst = appendText(append(dst, `,"source":`...), o.Source)
	return append(appendTime(append(dst, `,"createdAt":`...), present(o.At)), '}')
}
