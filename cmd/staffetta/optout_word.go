package main

import (
	"fmt"
	"io"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/sms"
)

type optOutWord struct {
	Account  string           `arg:"" help:"Name of the account, or - for all accounts."`
	Word     string           `arg:"" help:"The word; its case does not matter."`
	Action   sms.OptOutAction `arg:"" optional:"" help:"stop, stop-all, start, help, or none when it has another meaning; nothing forgets the word."`
	Number   string           `placeholder:"NUMBER" help:"Only at this number; default at every one."`
	Language string           `placeholder:"LANGUAGE" help:"In which language to answer, such as it."`
}

func (optOutWord) Help() string {
	return `STOP, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT end the messages of the sender that they are sent to, STOPALL those of all
senders of the account; START and UNSTOP bring them back; HELP is answered. Other words, and other meanings, are said here. A
word counts when it is the whole text.

Examples:

    staffetta opt-out word - BASTA stop --language it
    staffetta opt-out word acme CANCEL none --number 48123`
}

func (c optOutWord) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SetOptOutWord, admin.OptOutWord{Account: c.Account, Number: c.Number, Word: c.Word, Action: c.Action, Language: c.Language})
	return err
}

type optOutReply struct {
	accountName
	Action   sms.OptOutAction `arg:"" help:"stop, start or help."`
	Text     string           `arg:"" optional:"" help:"What to answer; nothing: no answer any more."`
	Language string           `placeholder:"LANGUAGE" help:"Only to words of this language; default to all that have no answer of their own."`
}

func (optOutReply) Help() string {
	return `The answer is a message of the account, at its price, from the number that the word was sent to. It is sent when the word changed
something, so that STOP twice is answered once; help is answered each time. Without this command nothing is answered.

Example:

    staffetta opt-out reply acme stop "You will get no more messages from us."`
}

func (c optOutReply) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SetOptOutReply, admin.OptOutReply{Account: c.Account, Action: c.Action, Language: c.Language, Text: c.Text})
	return err
}

type optOutAlias struct {
	accountName
	Number  string   `arg:"" help:"The number that words are sent to."`
	Senders []string `arg:"" optional:"" help:"Senders for which it stands beside itself; none: for no other."`
}

func (optOutAlias) Help() string {
	return `Nobody can answer to a sender of letters. A text that names a number for that ("STOP to 48123") needs this: who writes STOP to the
number opts out of these senders too.

Example:

    staffetta opt-out alias acme 48123 MyCompany MyShop`
}

func (c optOutAlias) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SetOptOutAlias, admin.OptOutAlias{Account: c.Account, Number: c.Number, Senders: c.Senders})
	return err
}

type optOutSettings struct {
	accountName
	output
}

func (optOutSettings) Help() string {
	return `Example:

    staffetta opt-out settings acme`
}

func (c optOutSettings) Run(t *terminal) error {
	all, err := ask(t, existing, admin.ShowOptOutSettings, c.named())
	if err != nil {
		return err
	}
	return c.print(t, all, func(w io.Writer) {
		for _, word := range all.Words {
			fmt.Fprintf(w, "word\t%s\t%s\t%s\t%s\n", word.Word, word.Action, orAny(word.Number), word.Language)
		}
		for _, reply := range all.Replies {
			fmt.Fprintf(w, "reply\t%s\t%s\t%s\n", reply.Action, orAny(reply.Language), reply.Text)
		}
		for _, alias := range all.Aliases {
			fmt.Fprintf(w, "alias\t%s\t%v\n", alias.Number, alias.Senders)
		}
	})
}
