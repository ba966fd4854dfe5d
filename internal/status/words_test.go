package status_test

import (
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// What carriers' codes mean stands beside them, for customers and for the people who support them; of a code that nobody
// knows, the code.
func TestCodesInWords(t *testing.T) {
	for _, test := range []struct {
		record            *sms.Record
		description, life string
	}{
		{record(sms.Failed, taken(sms.Failed, "027")), "not delivered: absent subscriber (carrier code 027)", "carrier's code 027 (absent subscriber)"},
		{record(sms.Expired, taken(sms.Expired, "027")), "the validity period ended: absent subscriber (carrier code 027)", "carrier's code 027 (absent subscriber)"},
		{record(sms.Failed, taken(sms.Failed, "0e7")), "not delivered (carrier code 0e7)", "carrier's code 0e7"},
		{because(record(sms.Failed, taken(sms.Failed, "027")), "refused by the carrier"), "refused by the carrier (carrier code 027)", "carrier's code 027 (absent subscriber)"},
		{record(sms.Delivered, taken(sms.Delivered, "027")), "delivered to the handset", "carrier's code 027"},
		{record(sms.Failed, taken(sms.Delivered, "000"), taken(sms.Failed, "027")), "part 2 of 2: not delivered: absent subscriber (carrier code 027)", "part 2 of 2: not delivered, carrier's id r1, carrier's code 027 (absent subscriber)"},
	} {
		reader := status.New(&shelf{records: []*sms.Record{test.record}}, ids).Naming(names{}).Explaining(func(carrier sms.CarrierID, code string) string {
			return map[string]string{"027": "absent subscriber"}[code]
		})
		found, err := reader.Find(t.Context(), ours, []string{ids.Format(number(1))})
		if err != nil || len(found) != 1 || found[0].DeliveryStatusDescription != test.description {
			t.Errorf("%+v, error %v, want %q", found, err, test.description)
		}
		if all := strings.Join(life(t, reader, ids.Format(number(1))), "\n"); !strings.Contains(all, test.life) {
			t.Errorf("no %q in\n%s", test.life, all)
		}
	}
}

// A state that came of no receipt says so.
func TestNoReceiptInWords(t *testing.T) {
	lapsed := func(state sms.State) *sms.Record {
		p := taken(state, "")
		p.Lapsed = true
		return record(state, p)
	}
	for state, want := range map[sms.State]string{
		sms.Unknown:   "no receipt came within a day after the end of its validity",
		sms.Failed:    "no receipt came within a day after the end of its validity",
		sms.Delivered: "no receipt came, and the account takes that for delivered",
	} {
		if got := describe(t, lapsed(state)); got.DeliveryStatusDescription != want {
			t.Errorf("%v: %+v", state, got)
		}
		all := strings.Join(life(t, status.New(&shelf{records: []*sms.Record{lapsed(state)}}, ids), ids.Format(number(1))), "\n")
		if !strings.Contains(all, "no receipt came in time") {
			t.Errorf("%v:\n%s", state, all)
		}
	}
}
