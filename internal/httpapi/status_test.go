package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

var (
	delivered = status.Status{CustomerMessageID: "m-1", MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41", Channel: "SMS",
		Destination: "+393401234567", DeliveryStatus: "DELIVERED", DeliveryStatusDescription: "delivered to the handset",
		SendDate:     pointer(time.Date(2031, 2, 3, 7, 45, 0, 118_000_000, time.FixedZone("", 3600))),
		DeliveryDate: pointer(time.Date(2031, 2, 3, 6, 45, 2, 0, time.UTC)), Parts: 1, Price: 35_000}
	waiting = status.Status{CustomerMessageID: "m/2 é", MessageID: "0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e42", Channel: "SMS",
		Destination: "+393401234568", DeliveryStatus: "SENT", DeliveryStatusDescription: "waits for its date", Parts: 3}
)

const (
	deliveredJSON = `{"customerMessageId":"m-1","messageId":"0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e41","channel":"SMS","destination":"+393401234567",` +
		`"deliveryStatus":"DELIVERED","deliveryStatusDescription":"delivered to the handset","sendDate":"2031-02-03T06:45:00.118Z",` +
		`"deliveryDate":"2031-02-03T06:45:02.000Z","parts":1,"price":0.035}`
	waitingJSON = `{"customerMessageId":"m/2 é","messageId":"0198f2aa-5b0e-7c3e-9a77-2b1f6f0c8e42","channel":"SMS","destination":"+393401234568",` +
		`"deliveryStatus":"SENT","deliveryStatusDescription":"waits for its date","sendDate":null,"deliveryDate":null,"parts":3,"price":0}`
)

func withMessages(w *world) {
	w.status.messages = map[string]status.Status{"m-1": delivered, "m/2 é": waiting, ".": waiting}
}

func TestStatus(t *testing.T) {
	hundreds := func(n int) string { return strings.TrimSuffix(strings.Repeat("m-1,", n), ",") }
	for _, c := range []struct {
		name, target string
		want         int
		body         string // exact answer, or with a leading ~ the name of the wrong field
	}{
		{"one", "/m-1?channel=SMS", 200, deliveredJSON},
		{"one with an odd id", "/m%2F2%20%C3%A9?channel=SMS", 200, waitingJSON},
		{"unknown", "/m-9?channel=SMS", 404, ""},
		{"other channel", "/m-1?channel=RCS", 404, ""},
		{"no channel", "/m-1", 400, "~channel"},
		{"empty channel", "/m-1?channel=", 400, "~channel"},
		{"bad channel", "/m-1?channel=FAX", 400, "~channel"},
		{"channel in lower case", "/m-1?channel=sms", 400, "~channel"},
		{"NUL in the id", "/m%00?channel=SMS", 400, "~customerMessageId"},
		{"id not UTF-8", "/%FF?channel=SMS", 400, "~customerMessageId"},
		{"very long id", "/" + strings.Repeat("a", 5000) + "?channel=SMS", 404, ""},
		{"broken query", "/m-1?channel=SMS&x=%zz", 400, "~query"},
		{"other parameters", "/m-1?channel=SMS&later=1", 200, deliveredJSON},
		{"no id", "/?channel=SMS", 404, ""},

		{"list", "?ids=m-1&channel=SMS", 200, "[" + deliveredJSON + "]"},
		{"list by the other name", "?customerMessageIds=m-1&channel=SMS", 200, "[" + deliveredJSON + "]"},
		{"list of two", "?ids=m%2F2%20%C3%A9,m-1&channel=SMS", 200, "[" + waitingJSON + "," + deliveredJSON + "]"},
		{"list with an encoded comma and blanks", "?ids=m-1%2C%20m-1%20&channel=SMS", 200, "[" + deliveredJSON + "," + deliveredJSON + "]"},
		{"list, repeated", "?ids=m-1&ids=m-1&customerMessageIds=m-1&channel=SMS", 200, "[" + deliveredJSON + "," + deliveredJSON + "," + deliveredJSON + "]"},
		{"list with unknown ones", "?ids=x,m-1,,y&channel=SMS", 200, "[" + deliveredJSON + "]"},
		{"list of unknown ones", "?ids=x,y&channel=SMS", 200, "[]"},
		{"list of none", "?ids=&channel=SMS", 200, "[]"},
		{"list on another channel", "?ids=m-1&channel=WHATSAPP", 200, "[]"},
		{"list without ids", "?channel=SMS", 400, "~ids"},
		{"list without a channel", "?ids=m-1", 400, "~channel"},
		{"list on a bad channel", "?ids=m-1&channel=sms%20", 400, "~channel"},
		{"list of 501", "?channel=SMS&ids=" + hundreds(501), 400, "~ids"},
		{"list with a NUL", "?ids=m-1,%00&channel=SMS", 400, "~ids"},
		{"list with a semicolon", "?ids=m-1;channel=SMS", 400, "~query"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, withMessages)
			a := w.do(w.request(http.MethodGet, statusPath+c.target, ""))
			if a.status != c.want {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if field, ok := strings.CutPrefix(c.body, "~"); ok {
				if p := a.problem(t); len(p.Errors) != 1 || p.Errors[0]["field"] != field {
					t.Errorf("errors %v, want %s", p.Errors, field)
				}
			} else if c.want == 200 && a.body != c.body {
				t.Errorf("answer %s\nwant   %s", a.body, c.body)
			}
		})
	}
}

func TestStatusOf500(t *testing.T) {
	w := open(t, withMessages)
	var ids []string
	for i := range 500 {
		ids = append(ids, strings.Repeat("x", 61)+strconv.Itoa(100+i%900))
	}
	a := w.do(w.request(http.MethodGet, statusPath+"?channel=SMS&ids="+strings.Join(ids, "%2C"), ""))
	if a.status != 200 || a.body != "[]" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if diff := cmp.Diff(ids, w.status.asked); diff != "" {
		t.Error(diff)
	}
}

func TestStatusAsksForTheAccount(t *testing.T) {
	w := open(t, withMessages)
	w.people.accounts[7] = &sms.Account{ID: 7, Name: "other"}
	value := w.addKey(func(k *sms.Key) { k.Account = 7 })
	for _, target := range []string{"/m-1?channel=SMS", "?ids=m-1&channel=SMS"} {
		w.status.account = 0
		if a := w.do(w.request(http.MethodGet, statusPath+target, "", "X-Api-Key", value)); a.status != 200 || w.status.account != 7 {
			t.Errorf("%s: %d, asked for account %d", target, a.status, w.status.account)
		}
	}
}

func TestStatusFailures(t *testing.T) {
	for _, target := range []string{"/m-1?channel=SMS", "?ids=m-1&channel=SMS"} {
		w := open(t, withMessages)
		w.status.err = errors.New("no such table: message")
		if a := w.do(w.request(http.MethodGet, statusPath+target, "")); a.status != 500 || strings.Contains(a.body, "table") {
			t.Errorf("%s: %d %s", target, a.status, a.body)
		}
		w.status.err = &sms.Error{Code: sms.Unavailable, Message: "the store is away", RetryAfter: 1500 * time.Millisecond}
		if a := w.do(w.request(http.MethodGet, statusPath+target, "")); a.status != 503 || a.header.Get("Retry-After") != "2" {
			t.Errorf("%s: %d %v", target, a.status, a.header)
		}
	}
}
