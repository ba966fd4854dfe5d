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

// Legacy is the door POST /api/services/sms/send with n destinations in each call: request k carries the messages
// k·n, …, k·n+n-1, with one text for all of them, and counts as accepted when every one of them is. With callerIDs each
// message has an id of its own. What a Result counts are calls.
func Legacy(addr, apiKey string, n int, callerIDs bool) Target {
	list := func(dst []byte, call uint64, each func([]byte, uint64) []byte) []byte {
		for i := range uint64(n) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(each(append(dst, '"'), call*uint64(n)+i), '"')
		}
		return dst
	}
	number := func(dst []byte, message uint64) []byte {
		return strconv.AppendUint(append(dst, '+'), marker.Destination(message), 10)
	}
	body := func(dst []byte, call uint64) []byte {
		dst = list(append(dst, `{"messages":[{"destinations":[`...), call, number)
		dst = marker.AppendText(append(dst, `],"sender":"Staffetta","body":"`...), call)
		if callerIDs {
			dst = append(list(append(dst, `","ids":[`...), call, marker.AppendID), `]}]}`...)
			return dst
		}
		return append(dst, `"}]}`...)
	}
	head := fmt.Appendf(nil, "POST /api/services/sms/send HTTP/1.1\r\nHost: %s\r\nX-Api-Key: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", addr, apiKey, len(body(nil, 0)))
	accepted := fmt.Appendf(nil, `"processedMessages":%d,`, n)
	return Target{
		Addr:     addr,
		Request:  func(dst []byte, call uint64) []byte { return body(append(dst, head...), call) },
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
