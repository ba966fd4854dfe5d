package people

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// Mailer sends one mail in plain text.
type Mailer interface {
	Send(ctx context.Context, to, subject, text string) error
}

// mostResets is how many requests for a reset may wait; more are dropped, which nobody is told.
const mostResets = 100

// mailPatience is how long a mail may take to be handed over.
const mailPatience = 15 * time.Second

// Mails reports whether links are sent by mail.
func (s *Service) Mails() bool { return s.Mail != nil && s.URL != "" }

// RequestReset has a link sent to whoever has this address, if anybody has. The answer is the same and takes the same time in any
// case: nothing is looked up before it. The error is that of a text that is no address, or sms.Limited.
func (s *Service) RequestReset(_ context.Context, email string, from From) error {
	clean, ok := sms.CleanEmail(email)
	if !ok {
		return sms.InvalidField("email", "must be an email address")
	}
	if err := s.guard.enter(from.Address, "reset "+clean, s.now()); err != nil {
		return err
	}
	select {
	case s.resets <- clean:
	default:
	}
	return nil
}

// Run mails what was asked for until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case email := <-s.resets:
			if err := s.mailReset(ctx, email); err != nil {
				s.Log.Warn("a link to set another password could not be sent", "error", err)
			}
		}
	}
}

// mailReset sends a link to who has an address and may sign in.
func (s *Service) mailReset(ctx context.Context, email string) error {
	p, err := s.Store.PersonAt(ctx, email)
	if sms.CodeOf(err) == sms.NotFound || err == nil && (p.Disabled || !s.Mails()) {
		return nil
	}
	if err != nil {
		return err
	}
	kind := sms.LinkReset
	if p.Hash == "" {
		kind = sms.LinkInvite
	}
	token, link := s.newLink(kind)
	link.Person = p.ID
	if err := s.Store.SaveLink(ctx, s.deed(p.Email, "user link", p, string(kind)+", asked for by mail"), link); err != nil {
		return err
	}
	return s.mail(ctx, s.shown(p, token, link), kind)
}

// handOver mails a link that somebody in the console made; when that fails, or a command made it, it is shown.
func (s *Service) handOver(ctx context.Context, by By, link Link, kind sms.LinkKind) Link {
	if by.Person == 0 || !s.Mails() {
		return link
	}
	if err := s.mail(ctx, link, kind); err != nil {
		s.Log.Warn("a link could not be sent by mail: it is shown", "error", err)
		return link
	}
	link.Token, link.Path, link.URL, link.Mailed = "", "", "", true
	return link
}

func (s *Service) mail(ctx context.Context, link Link, kind sms.LinkKind) error {
	ctx, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	text := mailTexts[link.Person.Language][kind]
	if text.subject == "" {
		text = mailTexts["en"][kind]
	}
	host := s.URL
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		host = u.Host
	}
	body := fmt.Sprintf(text.body, host, link.URL, link.Expires.UTC().Format("2006-01-02 15:04 UTC"))
	return s.Mail.Send(ctx, link.Person.Email, fmt.Sprintf(text.subject, host), body)
}

// mailText has the host of the console in its subject, and host, link and end of the link in its body.
type mailText struct{ subject, body string }

var mailTexts = map[string]map[sms.LinkKind]mailText{
	"en": {
		sms.LinkInvite: {"Your invitation to %s", `Hello,

you are invited to the console of %[1]s. Choose your password here:

%[2]s

The link works once, until %[3]s. If you do not expect this mail, ignore it.
`},
		sms.LinkReset: {"Another password for %s", `Hello,

somebody asked for another password for your access to %[1]s. If it was you, choose it here:

%[2]s

The link works once, until %[3]s. If it was not you, ignore this mail: your password stays as it is.
`},
	},
	"it": {
		sms.LinkInvite: {"Invito a %s", `Ciao,

hai ricevuto un invito alla console di %[1]s. Scegli qui la tua password:

%[2]s

Il link funziona una volta sola, fino al %[3]s. Se non aspettavi questo messaggio, ignoralo.
`},
		sms.LinkReset: {"Nuova password per %s", `Ciao,

è stata richiesta una nuova password per il tuo accesso a %[1]s. Se la richiesta è tua, sceglila qui:

%[2]s

Il link funziona una volta sola, fino al %[3]s. Se non l'hai chiesta tu, ignora questo messaggio: la password resta quella di prima.
`},
	},
}
