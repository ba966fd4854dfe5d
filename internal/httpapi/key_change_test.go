package httpapi

import (
	"strings"
	"testing"
	"time"
)

// A key may have an end and addresses of its own, from the start or later.
func TestAKeyWithAnEndAndAddresses(t *testing.T) {
	p := openPlatform(t)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	a := p.ask("POST", keysPath, `{"name":"shop","expiresAt":"`+until+`","allowList":{"entries":[{"cidr":"203.0.113.0/24","note":"office"}]}}`)
	made := decodeTo[shownKey](t, a, 201)
	if made.ExpiresAt == nil || !strings.HasPrefix(*made.ExpiresAt, until[:19]) || !strings.Contains(a.body, `"allowList":{"enabled":true,"entries":[{"cidr":"203.0.113.0/24","note":"office"}]}`) {
		t.Fatalf("%s", a.body)
	}
	with := []string{"X-Api-Key", made.APIKey}
	if a := p.ask("GET", keysPath, "", with...); a.status != 403 {
		t.Errorf("from elsewhere: %d", a.status)
	}
	if a := p.ask("PATCH", keysPath+"/"+made.ID, `{"allowList":{"enabled":true,"entries":[{"cidr":"192.0.2.0/24"}]}}`); a.status != 200 || !strings.Contains(a.body, `"expiresAt":"`+until[:19]) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := p.ask("GET", keysPath, "", with...); a.status != 200 {
		t.Errorf("from there: %d %s", a.status, a.body)
	}
	// It cannot shut itself out by mistake.
	shut := `{"allowList":{"enabled":true,"entries":[]}`
	if a := p.ask("PATCH", keysPath+"/"+made.ID, shut+"}", with...); a.status != 409 {
		t.Errorf("by mistake: %d %s", a.status, a.body)
	}
	if a := p.ask("PATCH", keysPath+"/"+made.ID, `{"expiresAt":null,"allowList":null}`); a.status != 200 || !strings.Contains(a.body, `"expiresAt":null`) || !strings.Contains(a.body, `"allowList":{"enabled":false,"entries":[]}`) {
		t.Errorf("without: %d %s", a.status, a.body)
	}
	if a := p.ask("PATCH", keysPath+"/"+made.ID, shut+`,"force":true}`, with...); a.status != 200 {
		t.Errorf("by force: %d %s", a.status, a.body)
	}
	for _, test := range []struct{ body, field string }{
		{`{"expiresAt":"tomorrow"}`, "expiresAt"}, {`{"expiresAt":"2001-02-03T04:05:06Z"}`, "expiresAt"}, {`{"expiresAt":7}`, "expiresAt"},
		{`{"allowList":{"entries":[{"cidr":"x"}]}}`, "entries[0].cidr"}, {`{"allowList":[]}`, "allowList"},
	} {
		for method, path := range map[string]string{"PATCH": keysPath + "/" + made.ID, "POST": keysPath} {
			if a := p.ask(method, path, test.body); a.status != 400 || !strings.Contains(a.body, test.field) {
				t.Errorf("%s %s: %d %s", method, test.body, a.status, a.body)
			}
		}
	}
	if a := p.ask("PATCH", keysPath+"/"+p.theirs.ID, `{"expiresAt":null}`); a.status != 404 {
		t.Errorf("a key of another account: %d", a.status)
	}
	if a := p.ask("DELETE", keysPath+"/"+made.ID, ""); a.status != 204 {
		t.Errorf("%d", a.status)
	}
	if a := p.ask("PATCH", keysPath+"/"+made.ID, `{"expiresAt":null}`); a.status != 409 {
		t.Errorf("a revoked key: %d", a.status)
	}
}
