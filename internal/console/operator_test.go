package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// lastDeed is the newest line of the audit log about a target: actor, action and detail.
func (w *world) lastDeed(target string) string {
	w.t.Helper()
	var actor, action, detail string
	err := w.store.View(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT actor, action, detail FROM audit WHERE target = ? ORDER BY id DESC LIMIT 1`, target).Scan(&actor, &action, &detail)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(actor + " " + action + " " + detail)
}

func (w *world) wantAudit(target, want string) {
	w.t.Helper()
	if got := w.lastDeed(target); got != want {
		w.t.Errorf("the audit log says %q, want %q", got, want)
	}
}

const operator = "operator@example.com"

func TestAccountsPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/accounts").wants(t, http.StatusOK, `href="/operator/accounts/acme"`, "100.00\u00a0€", "active", "unlimited")
	b.get("/operator/accounts?q=OTH").wants(t, http.StatusOK, "/operator/accounts/other")
	if got := b.get("/operator/accounts?q=OTH"); strings.Contains(got.body, "/operator/accounts/acme") {
		t.Error("the search found an account without the letters")
	}
	b.get("/operator/accounts?q=%25").wants(t, http.StatusOK, "No account fits.")
	made := b.post("/operator/accounts", "name", "new & old", "credit", "10,5", "plan", "trial")
	made.wants(t, http.StatusOK, "The account is made.", "stf_live_", "shown once")
	w.wantAudit("new & old", operator+" account create plan trial, credit 10.5 €")
	b.get("/operator/accounts/new%20&%20old").wants(t, http.StatusOK, "new &amp; old", "10.50\u00a0€", "trial")
	b.post("/operator/accounts", "name", "acme", "plan", "trial").wants(t, http.StatusUnprocessableEntity, "is taken", `aria-invalid="true"`)
	b.post("/operator/accounts", "name", "x", "credit", "much", "plan", "trial").wants(t, http.StatusUnprocessableEntity, "an amount is written in euro")
	b.get("/operator/accounts/nobody").wants(t, http.StatusNotFound, "there is no account named")
}

func TestAccountsPageByPage(t *testing.T) {
	w := open(t, nil)
	for i := range 60 {
		name := "account " + string(rune('a'+i/10)) + string(rune('0'+i%10))
		if _, err := admin.CreateAccount.Do(t.Context(), w.admin.Local("test"), admin.AccountRequest{Name: name, Username: strings.ReplaceAll(name, " ", "-")}); err != nil {
			t.Fatal(err)
		}
	}
	b := w.as(sms.RoleOperator)
	first := b.get("/operator/accounts?q=account")
	first.wants(t, http.StatusOK, "account a0", "account e9", `href="/operator/accounts?after=account+e9&amp;q=account"`)
	if strings.Contains(first.body, "account f0") {
		t.Error("the first page has more than 50")
	}
	second := b.get("/operator/accounts?after=account+e9&q=account")
	second.wants(t, http.StatusOK, "account f0", "account f9")
	if strings.Contains(second.body, `rel="next"`) {
		t.Error("there is a page after the last")
	}
}

func TestAccountPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.post("/operator/accounts/acme/credit", "direction", "take", "amount", "0,25").leads(t, "/operator/accounts/acme")
	w.wantAudit("acme", operator+" account credit -0.25 €")
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, "The credit is 99.75\u00a0€ now.", "Sign in as this account")
	for _, amount := range []string{"-5", "0", "", "x"} {
		b.post("/operator/accounts/acme/credit", "direction", "add", "amount", amount).wants(t, http.StatusUnprocessableEntity, `class="wrong"`)
	}
	b.post("/operator/accounts/acme/credit", "direction", "take", "amount", "1000").wants(t, http.StatusUnprocessableEntity, "can be taken")
	b.post("/operator/accounts/acme/plan", "plan", "custom", "per-minute", "7", "per-second", "0").leads(t, "/operator/accounts/acme")
	w.wantAudit("acme", operator+" account set per-minute=7 per-second=0")
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, "7 a minute, any number a second")
	b.post("/operator/accounts/acme/plan", "plan", "gold").wants(t, http.StatusUnprocessableEntity)
	b.post("/operator/accounts/acme/password").wants(t, http.StatusOK, "The new password", "shown once")
	w.wantAudit("acme", operator+" account password user acme")
	b.post("/operator/accounts/acme/suspend", "confirm", "acm").wants(t, http.StatusUnprocessableEntity, "must be the name of the account")
	b.post("/operator/accounts/acme/suspend", "confirm", "acme").leads(t, "/operator/accounts/acme")
	w.wantAudit("acme", operator+" account suspend")
	if !w.account("acme").Suspended {
		t.Error("it is not suspended")
	}
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, "End the suspension")
	b.post("/operator/accounts/acme/resume").leads(t, "/operator/accounts/acme")
	w.wantAudit("acme", operator+" account resume")
}

func TestAccountSettings(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	values := func(changed ...string) []string {
		form := []string{"uncertain", "resend", "charge", "submitted", "senders", "free", "routing", "priority", "receipt-overdue", "unknown", "transliterate", "false",
			"max-parts", "10", "retention", "90d", "redact-after", "off", "inbound", "webhook", "max-binds", "4", "smpp-throughput", "0", "smpp-window", "500", "smpp-deliver", "10", "smpp-charset", "gsm"}
		for i := 0; i < len(form); i += 2 {
			if form[i] == changed[0] {
				form[i+1] = changed[1]
			}
		}
		return form
	}
	b.post("/operator/accounts/acme/settings", values("retention", "30d")...).leads(t, "/operator/accounts/acme")
	w.wantAudit("acme", operator+" account set retention=30d") // and nothing that stayed
	b.post("/operator/accounts/acme/settings", values("retention", "30d")...).leads(t, "/operator/accounts/acme")
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, "Nothing was changed.", `value="30d"`)
	b.post("/operator/accounts/acme/settings", values("max-parts", "0")...).wants(t, http.StatusUnprocessableEntity, `id="set-max-parts-error"`, "must be 1 to 255")
}

func TestCarrierPages(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/carriers").wants(t, http.StatusOK, "There is no carrier yet.")
	add := []string{"do", "add", "name", "north", "kind", "smpp", "host", "smsc.example.net", "system_id", "me", "password", "hid:d/en", "tls", "true"}
	b.post("/operator/carriers", add...).leads(t, "/operator/carriers/north")
	w.wantAudit("north", operator+" carrier add smpps://me@smsc.example.net:3550")
	b.post("/operator/carriers", add...).wants(t, http.StatusUnprocessableEntity, "is taken")
	b.post("/operator/carriers", "do", "add", "name", "x", "kind", "smpp", "host", "a/b", "system_id", "me").wants(t, http.StatusUnprocessableEntity, "must be host or host:port")
	b.get("/operator/carriers").wants(t, http.StatusOK, "No carrier is the default", "/operator/carriers/north")
	page := b.get("/operator/carriers/north")
	page.wants(t, http.StatusOK, `value="smsc.example.net:3550"`, "empty: it stays as it is", `value="100"`)
	change := func(pairs ...string) answer {
		form := map[string]string{"host": "smsc.example.net:3550", "system_id": "me", "tls": "true", "bind": "transceiver", "window": "100", "sessions": "1", "throughput": "0", "session_throughput": "0", "others": ""}
		for i := 0; i < len(pairs); i += 2 {
			form[pairs[i]] = pairs[i+1]
		}
		var list []string
		for k, v := range form {
			if v != "" || k == "others" {
				list = append(list, k, v)
			}
		}
		return b.post("/operator/carriers/north", list...)
	}
	change("window", "7", "others", "enquire_link=15s\ncodes=021:no such number").leads(t, "/operator/carriers/north")
	if got := w.lastDeed("north"); !strings.Contains(got, "window=7") || !strings.Contains(got, "enquire_link=15s") || strings.Contains(got, "host=") {
		t.Errorf("the audit log says %q", got)
	}
	b.get("/operator/carriers/north").wants(t, http.StatusOK, "its sessions bind anew", "enquire_link=15s", "codes=21:no such number")
	change("window", "7", "default", "true", "others", "enquire_link=15s\ncodes=21:no such number").leads(t, "/operator/carriers/north")
	w.wantAudit("north", operator+" carrier set default=true")
	change("window", "7", "default", "true", "password", "other secret", "others", "enquire_link=15s").leads(t, "/operator/carriers/north")
	w.wantAudit("north", operator+" carrier set codes= another password")
	change("window", "0").wants(t, http.StatusUnprocessableEntity, "must be a whole number from 1")
	change("others", "windw=1").wants(t, http.StatusUnprocessableEntity, "windw is none")
	if stored, err := w.store.Carriers(t.Context()); err != nil || len(stored) != 1 || stored[0].Secret != "other secret" {
		t.Errorf("%+v, %v", stored, err)
	}
	for _, path := range []string{"/operator/carriers", "/operator/carriers/north"} {
		if body := b.get(path).body; strings.Contains(body, "secret") || strings.Contains(body, "hid:d") {
			t.Errorf("%s shows a password", path)
		}
	}
	if text := w.log.String(); strings.Contains(text, "secret") || strings.Contains(text, "hid:d") {
		t.Error("the log has a password")
	}
	b.get("/operator/carriers/nobody").wants(t, http.StatusNotFound)
}

func TestCarrierOrdersFromThePage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.post("/operator/carriers", "do", "add", "name", "try", "kind", "practice", "default", "true").leads(t, "/operator/carriers/try")
	for state, action := range map[string]string{"draining": "carrier drain", "disabled": "carrier disable", "active": "carrier enable"} {
		b.post("/operator/carriers/try/state", "state", state).leads(t, "/operator/carriers/try")
		if got := w.lastDeed("try"); !strings.HasPrefix(got, operator+" "+action) {
			t.Errorf("the audit log says %q", got)
		}
	}
	b.post("/operator/carriers/try/state", "state", "asleep").wants(t, http.StatusUnprocessableEntity)
	b.post("/operator/carriers/try/test").wants(t, http.StatusUnprocessableEntity, "practice carrier")
	b.post("/operator/routes", "carrier", "try", "prefix", "+39", "priority", "1", "weight", "1").leads(t, "/operator/routes")
	b.get("/operator/carriers/try").wants(t, http.StatusOK, "prefix +39")
	b.post("/operator/carriers/try/remove", "confirm", "no").wants(t, http.StatusUnprocessableEntity, "must be the name of the carrier")
	b.post("/operator/carriers/try/remove", "confirm", "try").leads(t, "/operator/carriers")
	b.get("/operator/routes").wants(t, http.StatusOK, "There is no route.")
	b.get("/operator/carriers/try").wants(t, http.StatusNotFound)
}

// TestCarrierTestFromThePage: the form for a new carrier tries the address out before anything is stored.
func TestCarrierTestFromThePage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	got := b.post("/operator/carriers", "do", "test", "name", "north", "kind", "smpp", "host", "127.0.0.1:1", "system_id", "me", "password", "hidden word")
	got.wants(t, http.StatusOK, "The carrier cannot be used so.", "Nobody listens on this port", `value="north"`, `value="127.0.0.1:1"`)
	if strings.Contains(got.body, "hidden word") {
		t.Error("the page shows the password")
	}
	w.wantAudit("smpp://me@127.0.0.1:1", operator+" carrier test connect of 127.0.0.1:1: refused")
	if all, _ := w.store.Carriers(t.Context()); len(all) != 0 {
		t.Error("the carrier was stored")
	}
	b.post("/operator/carriers", "do", "test", "name", "north", "kind", "smpp", "host", "127.0.0.1:1", "system_id", "me").wants(t, http.StatusTooManyRequests)
}

func TestRoutesPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/routes").wants(t, http.StatusOK, "Add a carrier first.")
	b.post("/operator/carriers", "do", "add", "name", "north", "kind", "practice")
	add := []string{"carrier", "north", "prefix", "+39", "account", "acme", "priority", "10", "weight", "2", "cost", "0,02"}
	b.post("/operator/routes", add...).leads(t, "/operator/routes")
	w.wantAudit("north", operator+" route add account acme, prefix +39: priority 10, weight 2, cost 0.02 €")
	b.post("/operator/routes", add...).wants(t, http.StatusUnprocessableEntity, "leads the same messages to the same carrier")
	b.get("/operator/routes").wants(t, http.StatusOK, "account acme, prefix +39", "0.02\u00a0€")
	b.get("/operator/routes?destination=%2B393401234567&account=acme").wants(t, http.StatusOK, "is a number of IT.", "route 1: account acme, prefix +39, priority 10, weight 2, cost 0.02\u00a0€", "The message would go by north")
	b.get("/operator/routes?destination=%2B4915112345678").wants(t, http.StatusOK, "No carrier takes it: the message would be refused with NO_ROUTE.")
	b.get("/operator/routes?destination=12").wants(t, http.StatusUnprocessableEntity, `id="ask-destination-error"`)
	b.get("/operator/routes?destination=%2B393401234567&account=nobody").wants(t, http.StatusUnprocessableEntity, "there is no such account")
	for field, value := range map[string]string{"weight": "0", "priority": "x", "country": "XX", "prefix": "x", "account": "nobody"} {
		form := []string{"carrier", "north", "priority", "1", "weight", "1", field, value}
		if field == "weight" || field == "priority" {
			form = []string{"carrier", "north", "priority", "1", "weight", "1"}
			for i := range form {
				if form[i] == field {
					form[i+1] = value
				}
			}
		}
		b.post("/operator/routes", form...).wants(t, http.StatusUnprocessableEntity, `class="wrong"`)
	}
	b.post("/operator/routes/1/remove").leads(t, "/operator/routes")
	b.post("/operator/routes/1/remove").wants(t, http.StatusNotFound)
	b.post("/operator/routes/x/remove").wants(t, http.StatusNotFound)
}

func TestPricesPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/prices").wants(t, http.StatusOK, "There is no price.")
	b.post("/operator/prices", "prefix", "+39", "price", "0,035").leads(t, "/operator/prices")
	w.wantAudit("general list", operator+" price set prefix +39: 0.035 €")
	b.post("/operator/prices", "prefix", "x", "price", "1").wants(t, http.StatusUnprocessableEntity, "must be how numbers begin")
	b.post("/operator/prices", "prefix", "39").wants(t, http.StatusUnprocessableEntity, "is missing")
	b.post("/operator/prices", "account", "acme", "prefix", "all", "price", "0.000001").leads(t, "/operator/prices?account=acme")
	b.get("/operator/prices?account=acme").wants(t, http.StatusOK, "all numbers", "0.000001\u00a0€")
	b.get("/operator/prices?account=nobody").wants(t, http.StatusNotFound)

	preview := b.post("/operator/prices/import", "text", "prefix,price\n39,0.04\n41,0.05\n")
	preview.wants(t, http.StatusOK, "1 added", "1 changed", "Nothing has changed yet", "0.035\u00a0€", "0.04\u00a0€")
	if strings.Contains(preview.body, "1 removed") {
		t.Error("something would be removed")
	}
	_, rest, _ := strings.Cut(preview.body, `name="seen" value="`)
	seen, _, _ := strings.Cut(rest, `"`)
	b.post("/operator/prices", "prefix", "49", "price", "1")
	b.post("/operator/prices/import", "text", "39,0.04\n41,0.05\n", "seen", seen).wants(t, http.StatusOK, "The list was changed meanwhile", "1 removed")
	preview = b.post("/operator/prices/import", "text", "39,0.04\n41,0.05\n")
	_, rest, _ = strings.Cut(preview.body, `name="seen" value="`)
	seen, _, _ = strings.Cut(rest, `"`)
	b.post("/operator/prices/import", "text", "39,0.04\n41,0.05\n", "seen", seen).leads(t, "/operator/prices")
	w.wantAudit("general list", operator+" price import 1 added, 1 changed, 1 removed")
	file := b.get("/operator/prices.csv")
	if file.body != "prefix,price\n+39,0.04\n+41,0.05\n" || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%q, %s", file.body, file.Header.Get("Content-Type"))
	}
	b.post("/operator/prices/import", "text", "x,1\n").wants(t, http.StatusUnprocessableEntity, "mend these lines first", "must be how numbers begin")
	b.post("/operator/prices/import", "text", " ").wants(t, http.StatusUnprocessableEntity, "choose a file first")
	b.post("/operator/prices/remove", "prefix", "+41").leads(t, "/operator/prices")
	b.post("/operator/prices/remove", "prefix", "+41").wants(t, http.StatusNotFound)
}

func TestQueueAndNodesPages(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/queue").wants(t, http.StatusOK, "Nothing waits for a carrier.")
	b.post("/operator/carriers", "do", "add", "name", "north", "kind", "practice", "default", "true")
	for _, scheduled := range []string{"", "", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)} {
		if _, err := admin.Send.Do(t.Context(), w.admin.Local("test"), admin.SendRequest{Account: "acme", Destination: "+393401234567", Sender: "ACME", Body: "hello", Scheduled: scheduled}); err != nil {
			t.Fatal(err)
		}
	}
	b.get("/operator/queue").wants(t, http.StatusOK, `href="/operator/carriers/north"`, `href="/operator/accounts/acme"`, `<td class="number">2</td>`, "the next at")
	b.get("/operator/nodes").wants(t, http.StatusOK, "this one", "test")
}

func TestSenderRulesPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/sender-rules").wants(t, http.StatusOK, "There is no rule.")
	b.post("/operator/sender-rules", "country", "it", "rule", "registered", "note", "AGCOM").leads(t, "/operator/sender-rules")
	w.wantAudit("IT", operator+" sender-rule set registered AGCOM")
	b.get("/operator/sender-rules").wants(t, http.StatusOK, "AGCOM", "senders must be on the account")
	b.post("/operator/sender-rules", "country", "x", "rule", "registered").wants(t, http.StatusUnprocessableEntity, `id="country-error"`)
	b.post("/operator/sender-rules/import", "text", "country,rule,note\nFR,registered\nDE,never\n").wants(t, http.StatusUnprocessableEntity, "Line 3:")
	b.post("/operator/sender-rules/import", "text", "FR,registered\nDE,numeric\n").leads(t, "/operator/sender-rules")
	b.post("/operator/sender-rules/remove", "country", "FR").leads(t, "/operator/sender-rules")
	b.post("/operator/sender-rules/remove", "country", "FR").wants(t, http.StatusNotFound)
}

// TestOperatorsPagesAreNobodyElses: an owner hears of each that there is none, and nothing happens.
func TestOperatorsPagesAreNobodyElses(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOwner)
	for _, r := range operatorRoutes {
		if r.needs != operate {
			t.Errorf("%s %s needs %q", r.method, r.path, r.needs)
		}
		b.call(r).wants(t, http.StatusNotFound, "there is no such page")
	}
	b.post("/operator/accounts/acme/credit", "direction", "add", "amount", "1000").wants(t, http.StatusNotFound)
	if balance, err := w.store.Balance(t.Context(), w.account("acme").ID); err != nil || balance.Credit != 100*sms.Euro {
		t.Errorf("the credit is %v, %v", balance.Credit, err)
	}
}

// TestSignInAs: from the page of an account an operator works in it.
func TestSignInAs(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, `action="/operator/act"`, `name="account" value="acme"`)
	b.post("/operator/act", "account", "acme").leads(t, "/")
	b.get("/operator/accounts/acme").wants(t, http.StatusOK, "You work in the account acme as an operator.")
}

// fleet is how the carriers of a server do.
type fleet []carrier.State

func (f fleet) States() []carrier.State { return f }

func (fleet) Figures(id sms.CarrierID) dispatch.Figures {
	if id != 1 {
		return dispatch.Figures{}
	}
	return dispatch.Figures{PerSecond: 94.5, Answers: 12_000, Measured: 11_900, Median: 4200 * time.Microsecond, P95: 31 * time.Millisecond, Refusals: []dispatch.Refusal{
		{Verdict: dispatch.Throttled, Code: "0x00000058", Reason: "the carrier wants fewer messages a second", Parts: 120},
		{Verdict: dispatch.Permanent, Code: "0x0000000b", Reason: "the carrier refused the destination", Parts: 30},
		{Verdict: dispatch.Uncertain, Reason: "the carrier did not answer in time", Parts: 2}}}
}

// serving makes the world one of a server that has carriers.
func (w *world) serving(states ...carrier.State) {
	parts := w.admin.Parts
	parts.Carriers = fleet(states)
	w.admin = admin.New(parts)
}

func TestCarrierFigures(t *testing.T) {
	w := open(t, func(w *world) {
		w.serving(carrier.State{ID: 1, Name: "north", Bound: 2, Since: time.Now().Add(-time.Hour), InFlight: 37, Window: 50, Held: 10_000, More: true, Pace: dispatch.Pace{Limit: 100, Slowed: true}},
			carrier.State{ID: 2, Name: "south", LastError: "BIND REFUSED, check system_id, password and system_type", Refused: true})
	})
	b := w.as(sms.RoleOperator)
	for _, name := range []string{"north", "south"} {
		if _, err := admin.AddCarrier.Do(t.Context(), w.admin.Local("test"), admin.CarrierRequest{Name: name, Address: "smpp://me@" + name + ".example.net?sessions=2", Default: true}); err != nil {
			t.Fatal(err)
		}
	}
	b.get("/operator/carriers").wants(t, http.StatusOK, "bound", "2 of 2", "94.5/s of 100/s", "37 of 100", "4.2\u00a0ms", "1.3\u00a0%", "more than 10,000", "slowed", "bind refused", "BIND REFUSED, check system_id")
	b.get("/operator/carriers/north").wants(t, http.StatusOK, "0x00000058", "the carrier wants fewer messages a second", "too fast: it is tried again, slower", "no answer in time", "95 % in 31\u00a0ms")
	it := w.as(sms.RoleOperator)
	it.give(languageCookie, "it")
	it.get("/operator/carriers/north").wants(t, http.StatusOK, "94,5/s di 100/s", "Rifiuti degli ultimi cinque minuti")
}

func TestAuditLogPage(t *testing.T) {
	w := open(t, nil)
	b := w.as(sms.RoleOperator)
	for range 51 {
		b.post("/operator/accounts/acme/credit", "direction", "add", "amount", "1")
	}
	b.post("/operator/carriers", "do", "add", "name", "north", "kind", "practice")
	first := b.get("/operator/audit")
	first.wants(t, http.StatusOK, operator, "carrier add", "north", "+1 €", `rel="next"`)
	_, rest, _ := strings.Cut(first.body, "/operator/audit?account=")
	next, _, _ := strings.Cut(rest, `"`)
	b.get("/operator/audit?account="+strings.ReplaceAll(next, "&amp;", "&")).wants(t, http.StatusOK, "account create")
	got := b.get("/operator/audit?action=carrier&actor=OPERATOR")
	got.wants(t, http.StatusOK, "carrier add")
	if strings.Contains(got.body, "account credit") {
		t.Error("the search by action finds others")
	}
	b.get("/operator/audit?actor=nobody").wants(t, http.StatusOK, "Nothing was found.")
	b.get("/operator/audit?account=acme").wants(t, http.StatusOK, "account credit")
	b.get("/operator/audit?account=nobody").wants(t, http.StatusNotFound)
	b.get("/operator/audit?cursor=x").wants(t, http.StatusUnprocessableEntity)
}
