package proof

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// TestLegacyOnTheWire follows each form of a text from the Legacy door of the real program to the octets of submit_sm.
func TestLegacyOnTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	smsc := smpptest.NewSMSC(t)
	s, err := server.New(t.Context(), binary(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	account, err := s.CreateAccount(t.Context(), "demo", 10*sms.Euro)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddCarrier(t.Context(), "main", smsc.Addr(), 10); err != nil {
		t.Fatal(err)
	}
	forms := []struct {
		call, entry string
		want        string // esm_class data_coding short_message
	}{
		{``, `"body":"Hi €"`, "00 00 4869201b65"},
		{``, `"body":"привет"`, "00 08 043f04400438043204350442"},
		{``, `"body":"00480069","hexBody":true`, "00 00 4869"},
		{``, `"body":"0048d83dde00","hexBody":true`, "00 08 0048d83dde00"},
		{``, `"body":"0080ffD83d","hexBody":true,"udhData":"0605040b8423f0"`, "40 04 0605040b8423f00080ffd83d"},
		{``, `"body":"Hi","udhData":"0605040b8423f0"`, "40 00 0605040b8423f04869"},
		{`,"enableUnicode":false`, `"body":"“я”"`, "00 00 223f22"},
		{`,"enableConcatenated":false`, `"body":"` + strings.Repeat("a", 500) + `"`, "00 00 " + strings.Repeat("61", 160)},
	}
	for i, f := range forms {
		body := fmt.Sprintf(`{"messages":[{"destinations":["+39340123450%d"],"sender":"MyCompany",%s}]%s}`, i, f.entry, f.call)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr+"/services/sms/send", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth(account.Username, account.Password)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", body, response.Status)
		}
	}
	smsc.Await(t, smpp.CommandSubmitSM, len(forms))
	for i, f := range forms {
		at := slices.IndexFunc(smsc.Submits(), func(p *smpp.SubmitSM) bool { return p.DestinationAddr == fmt.Sprintf("39340123450%d", i) })
		if at < 0 {
			t.Errorf("%s did not arrive", f.entry)
			continue
		}
		p := smsc.Submits()[at]
		if got := fmt.Sprintf("%02x %02x %x", p.ESMClass, p.DataCoding, p.ShortMessage); got != f.want {
			t.Errorf("%s%s goes out as %s, want %s", f.entry, f.call, got, f.want)
		}
	}
}
