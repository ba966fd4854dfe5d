package main

import (
	"context"
	"fmt"
	"time"

	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/mail"
	"github.com/staffetta/staffetta/internal/people"
)

// newPeople makes the service of who may sign in to the console, with mail and single sign-on as they are set up.
func newPeople(cfg *config.Config, s *server, secret []byte) (*people.Service, error) {
	parts := people.Parts{Store: s.store, Accounts: s.directory, Passwords: s.who.Passwords(), Secret: secret, URL: cfg.Console.URL, Log: s.log}
	if cfg.Mail.SMTP != "" {
		password, err := cfg.Mail.Password()
		if err != nil {
			return nil, err
		}
		sender, err := mail.New(mail.Options{Server: cfg.Mail.SMTP, From: cfg.Mail.From, Username: cfg.Mail.Username, Password: password, TLS: cfg.Mail.TLS == "tls"})
		if err != nil {
			return nil, err
		}
		parts.Mail = sender
	}
	if cfg.OIDC.Issuer != "" {
		secret, err := cfg.OIDC.ClientSecret()
		if err != nil {
			return nil, err
		}
		parts.SignOn = &people.SignOnOptions{Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID, ClientSecret: secret, Name: cfg.OIDC.Name}
	}
	return people.New(parts)
}

// inviteSetUp says, while there is nobody who could sign in, how the first operator is made.
// It is said even when the server is stopped at once: a token that was made is told.
func inviteSetUp(t *terminal, s *server, url string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t), 5*time.Second)
	defer cancel()
	token, err := s.people.NewSetUp(ctx)
	if err != nil || token == "" {
		return err
	}
	fmt.Fprintf(t.out, setUpText, url, token, program(), t.where(s.config))
	return nil
}

const setUpText = `
Nobody can sign in to the console yet. Set it up at %[1]s/setup with this token, good for 24 hours:

  %[2]s

or make an operator by command:  %[3]s user create you@example.com --operator%[4]s

`
