package load

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"

	"github.com/staffetta/staffetta/proof/marker"
)

// Staffetta is the door POST /api/message-server/sms/send. With callerIDs each message carries its own messageId, so
// that also those whose answer was lost can be asked for.
func Staffetta(addr, apiKey string, callerIDs bool) Target {
	body := func(dst []byte, n uint64) []byte {
		dst = append(dst, `{"destination":"+`...)
		dst = strconv.AppendUint(dst, marker.Destination(n), 10)
		dst = append(dst, `","sender":"Staffetta","body":"`...)
		dst = marker.AppendText(dst, n)
		if callerIDs {
			dst = append(dst, `","messageId":"`...)
			dst = marker.AppendID(dst, n)
		}
		return append(dst, `"}`...)
	}
	head := fmt.Appendf(nil, "POST /api/message-server/sms/send HTTP/1.1\r\nHost: %s\r\nX-Api-Key: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", addr, apiKey, len(body(nil, 0)))
	accepted := []byte(`"accepted":true`)
	return Target{
		Addr:     addr,
		Request:  func(dst []byte, n uint64) []byte { return body(append(dst, head...), n) },
		Accepted: func(status int, body []byte) bool { return status == 200 && bytes.Contains(body, accepted) },
	}
}

// KannelReports is which reports Kannel is asked for, and where they go.
type KannelReports struct {
	Mask int    // the bits of its dlr-mask; 0: none
	URL  string // its dlr-url
}

// Kannel is smsbox's door, GET /cgi-bin/sendsms.
func Kannel(addr, user, password string, reports KannelReports) Target {
	head := fmt.Appendf(nil, "GET /cgi-bin/sendsms?username=%s&password=%s&from=Staffetta", url.QueryEscape(user), url.QueryEscape(password))
	if reports.Mask > 0 {
		head = fmt.Appendf(head, "&dlr-mask=%d&dlr-url=%s", reports.Mask, url.QueryEscape(reports.URL))
	}
	tail := fmt.Appendf(nil, " HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive\r\n\r\n", addr)
	text := []byte(url.QueryEscape(string(marker.AppendText(nil, 0))))
	rest := text[len(marker.ID(0)):]
	return Target{
		Addr: addr,
		Request: func(dst []byte, n uint64) []byte {
			dst = append(append(dst, head...), "&to=%2B"...)
			dst = strconv.AppendUint(dst, marker.Destination(n), 10)
			dst = marker.AppendID(append(dst, "&text="...), n)
			return append(append(dst, rest...), tail...)
		},
		Accepted: func(status int, _ []byte) bool { return status == 202 },
	}
}
