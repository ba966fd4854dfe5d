package people

import (
	"context"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// SignOnOptions is a provider of single sign-on, OpenID Connect Core 1.0.
type SignOnOptions struct {
	Issuer, ClientID, ClientSecret string
	Name                           string       // as people call it
	Client                         *http.Client // nil: one with a limit of time
}

// How long somebody may be at the provider, and how long the provider may take for an answer.
const (
	signOnLife     = 10 * time.Minute
	signOnPatience = 10 * time.Second
	signOnPause    = 10 * time.Second // after it did not answer, in which nobody else waits for it
)

// signOn is the provider. It is asked for its endpoints when it is needed first, so that a provider that is away keeps no server from
// starting.
type signOn struct {
	SignOnOptions
	mu       sync.Mutex
	provider *oidc.Provider // nil: not asked yet, or it did not answer
	failed   error          // how it did not
	again    time.Time      // when it is asked again
}

func newSignOn(options SignOnOptions) *signOn {
	if options.Client == nil {
		options.Client = &http.Client{Timeout: signOnPatience}
	}
	return &signOn{SignOnOptions: options}
}

// begun is what the browser keeps while somebody is at the provider.
type begun struct{ State, Nonce, Verifier string }

// SignOnName is how the provider of single sign-on is called; empty: there is none.
func (s *Service) SignOnName() string {
	if s.signOn == nil {
		return ""
	}
	return s.signOn.Name
}

// StartSignOn answers where to send somebody to sign in, and what their browser keeps until they are back: ten minutes. The error of a
// provider that does not answer is sms.Unavailable; without one sms.NotFound.
func (s *Service) StartSignOn(ctx context.Context) (url, state string, err error) {
	provider, config, err := s.signOnConfig(ctx)
	if err != nil || provider == nil {
		return "", "", err
	}
	b := begun{newToken(), newToken(), oauth2.GenerateVerifier()}
	url = config.AuthCodeURL(b.State, oidc.Nonce(b.Nonce), oauth2.S256ChallengeOption(b.Verifier))
	return url, seal(s.tokens, "sign-on", b, s.now().Add(signOnLife)), nil
}

// signOnConfig asks the provider for its endpoints, once; one that does not answer not again for some seconds.
func (s *Service) signOnConfig(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o := s.signOn
	if o == nil || s.URL == "" {
		return nil, nil, sms.Errorf(sms.NotFound, "there is no single sign-on")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider == nil && !s.now().Before(o.again) {
		// The provider keeps this context for its keys: it must outlive the request.
		o.provider, o.failed = oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.Client), o.Issuer)
		o.again = s.now().Add(signOnPause)
	}
	if o.failed != nil {
		return nil, nil, &sms.Error{Code: sms.Unavailable, Message: "the provider of the sign-in does not answer", RetryAfter: time.Minute, Cause: o.failed}
	}
	return o.provider, &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: o.provider.Endpoint(),
		RedirectURL: s.link("/oidc/callback"), Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, nil
}

// FinishSignOn takes what the provider sent somebody back with. Who is known by issuer and subject enters; who is not, the first time by
// the verified address of a person that is there. Nobody is made: the error of anybody else is sms.Forbidden. The second factor is the
// provider's to ask for.
func (s *Service) FinishSignOn(ctx context.Context, state string, answer SignOnAnswer, from From) (Entry, error) {
	b, err := open[begun](s.tokens, "sign-on", state, s.now())
	if err != nil {
		return Entry{}, err
	}
	if subtle.ConstantTimeCompare([]byte(b.State), []byte(answer.State)) != 1 {
		return Entry{}, sms.Errorf(sms.Unauthenticated, "this sign-in was not begun in this browser: try again")
	}
	if answer.Error != "" || answer.Code == "" {
		return Entry{}, sms.Errorf(sms.Unauthenticated, "the provider of the sign-in did not sign you in")
	}
	token, err := s.exchange(ctx, b, answer.Code)
	if err != nil {
		return Entry{}, err
	}
	p, err := s.identified(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	return s.begin(ctx, p, s.SignOnName(), from)
}

// exchange redeems the code and verifies the ID token: signature, issuer, audience, time, and the nonce of this sign-in.
func (s *Service) exchange(ctx context.Context, b begun, code string) (*oidc.IDToken, error) {
	provider, config, err := s.signOnConfig(ctx)
	if err != nil {
		return nil, err
	}
	refused := func(cause error) error {
		return &sms.Error{Code: sms.Unauthenticated, Message: "what the provider of the sign-in answered cannot be taken: try again", Cause: cause}
	}
	ctx = oidc.ClientContext(ctx, s.signOn.Client)
	answer, err := config.Exchange(ctx, code, oauth2.VerifierOption(b.Verifier))
	if err != nil {
		return nil, refused(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil {
		return nil, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(b.Nonce)) != 1 {
		return nil, refused(nil)
	}
	return token, nil
}

// identified finds whose identity it is.
func (s *Service) identified(ctx context.Context, token *oidc.IDToken) (sms.Person, error) {
	who := sms.Identity{Issuer: token.Issuer, Subject: token.Subject}
	p, err := s.Store.PersonIdentified(ctx, who)
	if sms.CodeOf(err) != sms.NotFound {
		return p, err
	}
	stranger := sms.Errorf(sms.Forbidden, "nobody here is known by this sign-in: ask for an invitation")
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some providers write a text
	}
	if err := token.Claims(&claims); err != nil || claims.Verified != true && claims.Verified != "true" {
		return sms.Person{}, stranger
	}
	email, ok := sms.CleanEmail(claims.Email)
	if !ok {
		return sms.Person{}, stranger
	}
	p, err = s.Store.PersonAt(ctx, email)
	if sms.CodeOf(err) == sms.NotFound || err == nil && s.mayEnter(p) != nil {
		return sms.Person{}, stranger
	}
	if err != nil {
		return sms.Person{}, err
	}
	_, err = s.Store.ChangePerson(ctx, s.deed(p.Email, "console single sign-on", p, "known to "+s.SignOnName()), store.PersonChange{Person: p.ID, Identity: &who})
	if sms.CodeOf(err) == sms.Conflict {
		return sms.Person{}, stranger
	}
	return p, err
}
