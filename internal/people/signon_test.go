package people

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// provider is a provider of single sign-on as OpenID Connect Core and Discovery 1.0 describe it: discovery, keys and tokens, RS256.
type provider struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	signer *rsa.PrivateKey // other than key: a forger's
	claims map[string]any  // beside those that are always there; they go before them
	begun  url.Values      // the last request for authorization
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, signer: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := p.server.URL
		p.write(w, map[string]any{"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": encoded(key.N.Bytes()),
			"e": encoded(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func encoded(octets []byte) string { return base64.RawURLEncoding.EncodeToString(octets) }

func (p *provider) write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		p.t.Error(err)
	}
}

// token redeems a code, RFC 6749 §4.1.3, with the proof of RFC 7636 §4.6.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if id != "staffetta" || secret != "s3cret" || r.PostFormValue("code") != "the code" || encoded(challenge[:]) != p.begun.Get("code_challenge") ||
		r.PostFormValue("redirect_uri") != p.begun.Get("redirect_uri") || r.PostFormValue("grant_type") != "authorization_code" {
		w.WriteHeader(http.StatusBadRequest)
		p.write(w, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.server.URL, "aud": "staffetta", "sub": "1", "nonce": p.begun.Get("nonce"), "iat": time.Now().Unix(),
		"exp": time.Now().Add(time.Hour).Unix(), "email": "ada@example.com", "email_verified": true}
	for name, value := range p.claims {
		claims[name] = value
	}
	p.write(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.signed(claims)})
}

func (p *provider) signed(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	text := encoded([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encoded(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.signer, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + encoded(signature)
}

// signOnWorld is a world with a provider.
func signOnWorld(t *testing.T) (*world, *provider) {
	w, p := newWorld(t), newProvider(t)
	w.Service = w.service(Parts{URL: "https://sms.example.com", SignOn: &SignOnOptions{Issuer: p.server.URL, ClientID: "staffetta", ClientSecret: "s3cret", Name: "Example ID"}})
	return w, p
}

// begin sends somebody to the provider.
func (p *provider) begin(w *world) (kept string) {
	p.t.Helper()
	to, kept, err := w.StartSignOn(p.t.Context())
	w.do(err)
	at, err := url.Parse(to)
	w.do(err)
	p.begun = at.Query()
	return kept
}

// signIn goes to the provider and comes back.
func (p *provider) signIn(w *world) (Entry, error) {
	p.t.Helper()
	kept := p.begin(w)
	return w.FinishSignOn(p.t.Context(), kept, SignOnAnswer{State: p.begun.Get("state"), Code: "the code"}, here)
}

func TestSignOn(t *testing.T) {
	w, p := signOnWorld(t)
	ada := w.person("ada@example.com", w.account, sms.RoleOwner)
	entry, err := p.signIn(w)
	w.do(err)
	if s := w.session(entry.Token); s.Person.ID != ada.ID {
		t.Errorf("%+v", s)
	}
	for name, want := range map[string]string{"response_type": "code", "client_id": "staffetta", "scope": "openid email profile", "code_challenge_method": "S256",
		"redirect_uri": "https://sms.example.com/oidc/callback"} {
		if got := p.begun.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	p.claims = map[string]any{"email": "moved@example.com", "email_verified": false} // it is by issuer and subject from now on
	if _, err := p.signIn(w); err != nil {
		t.Error(err)
	}
	w.person("bob@example.com", w.account, sms.RoleOwner)
	w.do(w.SetDisabled(t.Context(), everybody, ada.ID, true))
	_, err = p.signIn(w)
	wantCode(t, err, sms.Unauthenticated)
	if w.audit("console single sign-on", "acme", "ada@example.com") != 1 || w.audit("console sign in", "acme", "Example ID") != 2 {
		t.Error("it stands not in the audit log")
	}
}

// Who is nobody here, or is not surely who they say, stays out; nobody is made.
func TestSignOnOfStrangers(t *testing.T) {
	w, p := signOnWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	for name, claims := range map[string]map[string]any{
		"unknown":         {"email": "eve@example.com"},
		"not verified":    {"email_verified": false},
		"not said":        {"email_verified": nil},
		"no address":      {"email": ""},
		"another in text": {"email_verified": "false"},
	} {
		t.Run(name, func(t *testing.T) {
			p.claims = claims
			_, err := p.signIn(w)
			wantCode(t, err, sms.Forbidden)
		})
	}
	p.claims = map[string]any{"email_verified": "true"}
	if _, err := p.signIn(w); err != nil {
		t.Error(err)
	}
	p.claims = map[string]any{"sub": "2"} // the address has passed to somebody else at the provider
	_, err := p.signIn(w)
	wantCode(t, err, sms.Forbidden)
	if people, err := w.List(t.Context(), everybody); err != nil || len(people) != 1 {
		t.Errorf("%+v, error %v", people, err)
	}
}

func TestSignOnThatCannotBeTaken(t *testing.T) {
	w, p := signOnWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	for name, claims := range map[string]map[string]any{
		"another nonce":    {"nonce": "x"},
		"no nonce":         {"nonce": nil},
		"another audience": {"aud": "somebody"},
		"another issuer":   {"iss": "https://id.example.com"},
		"expired":          {"exp": time.Now().Add(-time.Minute).Unix()},
	} {
		t.Run(name, func(t *testing.T) {
			p.claims = claims
			_, err := p.signIn(w)
			wantCode(t, err, sms.Unauthenticated)
		})
	}
	p.claims = nil
	forger, err := rsa.GenerateKey(rand.Reader, 2048)
	w.do(err)
	p.signer = forger
	_, err = p.signIn(w)
	wantCode(t, err, sms.Unauthenticated)
	p.signer = p.key
	if _, err := p.signIn(w); err != nil {
		t.Errorf("without any of it: %v", err)
	}
}

func TestSignOnOfAnotherBrowser(t *testing.T) {
	w, p := signOnWorld(t)
	w.person("ada@example.com", w.account, sms.RoleOwner)
	ctx := t.Context()
	other := p.begin(w)
	kept := p.begin(w)
	good := SignOnAnswer{State: p.begun.Get("state"), Code: "the code"}
	for name, try := range map[string]struct {
		kept   string
		answer SignOnAnswer
	}{
		"begun elsewhere": {other, good},
		"no cookie":       {"", good},
		"no state":        {kept, SignOnAnswer{Code: "the code"}},
		"another code":    {kept, SignOnAnswer{State: good.State, Code: "x"}},
		"refused":         {kept, SignOnAnswer{State: good.State, Error: "access_denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.FinishSignOn(ctx, try.kept, try.answer, here)
			wantCode(t, err, sms.Unauthenticated)
		})
	}
	w.pass(signOnLife)
	_, err := w.FinishSignOn(ctx, kept, good, here)
	wantCode(t, err, sms.Unauthenticated)
}

func TestNoProvider(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.StartSignOn(t.Context())
	wantCode(t, err, sms.NotFound)
	if w.SignOnName() != "" {
		t.Error(w.SignOnName())
	}
	away := w.service(Parts{URL: "https://sms.example.com", SignOn: &SignOnOptions{Issuer: "http://127.0.0.1:1", ClientID: "x", Name: "Example ID"}})
	_, _, err = away.StartSignOn(t.Context())
	wantCode(t, err, sms.Unavailable)
}
