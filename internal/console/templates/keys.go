package templates

import (
	"slices"
	"strings"
	"time"
)

// KeyRow is what is known of a key; never its value.
type KeyRow struct {
	ID, Name, Description string
	Prefix                string // the part of the value that may be shown
	Operations            []string
	Status                string // ACTIVE, EXPIRED or REVOKED
	Created               time.Time
	Expires               time.Time // zero: never
	Revoked               time.Time // zero: not
	OldUntil              time.Time // the value before is valid until then; zero: it is not
	LastUsed              time.Time // zero: never
	LastFrom              string
	Addresses             string // from where it may be used, one on each line; empty: from everywhere
}

func (k KeyRow) path() string { return "/settings/keys/" + k.ID }

func (k KeyRow) active() bool { return k.Status == "ACTIVE" }

// KeysView is the keys of an account and its username.
type KeysView struct {
	Active, Ended []KeyRow
	Username      string // empty: there is none
	PasswordSince time.Time
	SMPP          bool // there is a password of eight characters
	Errors        Errors
}

// NewKeyView is the form for a new key.
type NewKeyView struct {
	Name, Description string
	Operations        []string
	Lifetime          string
	Addresses         string
	From              string // the address of who looks
	Errors            Errors
}

func (v NewKeyView) has(operation string) bool { return slices.Contains(v.Operations, operation) }

// KeyForm is what was typed on the page of one key.
type KeyForm struct {
	Lifetime  string
	Addresses string
	Errors    Errors
}

// KeyView is one key.
type KeyView struct {
	Key  KeyRow
	Form KeyForm
	From string
}

// KeyMadeView is a key with its new value, which is shown this once.
type KeyMadeView struct {
	Key   KeyRow
	Value string
	Base  string // where the API is
	Again bool   // it was regenerated
}

// PasswordMadeView is a new password, which is shown this once.
type PasswordMadeView struct {
	Username, Password string
	SMPP               bool
	Base               string
}

// Program is a snippet in one language.
type Program struct{ Language, Text string }

type operationText struct{ name, title, text string }

func operationTexts(f *Frame) []operationText {
	return []operationText{
		{"SMS", f.T("SMS"), f.T("Send messages, ask what became of them, withdraw and move them, look numbers up.")},
		{"PLATFORM", f.T("Platform"), f.T("History and exports, webhook, opt-outs, allow-list, and these keys themselves. More than sending needs.")},
		{"RCS", f.T("RCS"), f.T("Part of the contract. This server sends no RCS.")},
		{"WHATSAPP", f.T("WhatsApp"), f.T("Part of the contract. This server sends no WhatsApp.")},
	}
}

func lifetimeOptions(f *Frame, asItIs bool) []Option {
	options := []Option{{"never", f.T("Never")}, {"1y", f.T("After a year")}, {"90d", f.T("After 90 days")}, {"30d", f.T("After 30 days")}}
	if asItIs {
		options = append([]Option{{"", f.T("As it is")}}, options...)
	}
	return options
}

func overlapOptions(f *Frame) []Option {
	return []Option{{"0", f.T("At once")}, {"1h", f.T("After an hour")}, {"24h", f.T("After 24 hours")}, {"7d", f.T("After 7 days")}}
}

// keySnippets send a first message with a key.
func keySnippets(base, key string) []Program {
	return fill(base, "$KEY", key, []Program{
		{"cURL", `curl -X POST "$BASE/api/message-server/sms/send" \
  -H "X-Api-Key: $KEY" \
  -H "Content-Type: application/json" \
  -d '{"destination": "+393401234567", "sender": "MyCompany", "body": "Hello world"}'`},
		{"Node.js", `const response = await fetch("$BASE/api/message-server/sms/send", {
  method: "POST",
  headers: { "X-Api-Key": "$KEY", "Content-Type": "application/json" },
  body: JSON.stringify({
    destination: "+393401234567",
    sender: "MyCompany",
    body: "Hello world",
  }),
});
console.log(await response.json());`},
		{"Python", `import requests

response = requests.post(
    "$BASE/api/message-server/sms/send",
    headers={"X-Api-Key": "$KEY"},
    json={
        "destination": "+393401234567",
        "sender": "MyCompany",
        "body": "Hello world",
    },
)
print(response.json())`},
		{"PHP", `$ch = curl_init();
curl_setopt_array($ch, [
    CURLOPT_URL => "$BASE/api/message-server/sms/send",
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_POST => true,
    CURLOPT_HTTPHEADER => [
        "X-Api-Key: $KEY",
        "Content-Type: application/json",
    ],
    CURLOPT_POSTFIELDS => json_encode([
        "destination" => "+393401234567",
        "sender" => "MyCompany",
        "body" => "Hello world",
    ]),
]);
echo curl_exec($ch);
curl_close($ch);`},
	})
}

// passwordSnippets send a first message with a username and its password.
func passwordSnippets(base, username, password string) []Program {
	codes := []Program{
		{"cURL", `curl -X POST "$BASE/api/message-server/sms/send" \
  -u "$USER:$PASSWORD" \
  -H "Content-Type: application/json" \
  -d '{"destination": "+393401234567", "sender": "MyCompany", "body": "Hello world"}'`},
		{"Node.js", `const response = await fetch("$BASE/api/message-server/sms/send", {
  method: "POST",
  headers: {
    Authorization: "Basic " + btoa("$USER:$PASSWORD"),
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    destination: "+393401234567",
    sender: "MyCompany",
    body: "Hello world",
  }),
});
console.log(await response.json());`},
		{"Python", `import requests

response = requests.post(
    "$BASE/api/message-server/sms/send",
    auth=("$USER", "$PASSWORD"),
    json={
        "destination": "+393401234567",
        "sender": "MyCompany",
        "body": "Hello world",
    },
)
print(response.json())`},
		{"PHP", `$ch = curl_init();
curl_setopt_array($ch, [
    CURLOPT_URL => "$BASE/api/message-server/sms/send",
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_POST => true,
    CURLOPT_USERPWD => "$USER:$PASSWORD",
    CURLOPT_HTTPHEADER => ["Content-Type: application/json"],
    CURLOPT_POSTFIELDS => json_encode([
        "destination" => "+393401234567",
        "sender" => "MyCompany",
        "body" => "Hello world",
    ]),
]);
echo curl_exec($ch);
curl_close($ch);`},
	}
	return fill(base, "$USER", username, fill(base, "$PASSWORD", password, codes))
}

func fill(base, name, value string, codes []Program) []Program {
	for i := range codes {
		codes[i].Text = strings.ReplaceAll(strings.ReplaceAll(codes[i].Text, "$BASE", base), name, value)
	}
	return codes
}
