package optout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

const longestReply = 1000

// WordStore is where words and answers live.
type WordStore interface {
	OptOutSettings(ctx context.Context, account sms.AccountID) (sms.OptOutSettings, error)
	SetOptOutWord(ctx context.Context, deed store.Deed, account sms.AccountID, w sms.OptOutRule) error
	SetOptOutReply(ctx context.Context, deed store.Deed, account sms.AccountID, r sms.OptOutReply) error
}

// Words is how an account treats words; those of every account are among them.
func (s *Service) Words(ctx context.Context, account *sms.Account) (sms.OptOutSettings, error) {
	return s.store.OptOutSettings(ctx, account.ID)
}

// SetWord says what a word means, as somebody wrote both; nil: for every account, which is the operators'. No action: as it
// was before anybody said anything. Errors: sms.Invalid names the field; sms.NotFound when there is nothing to forget.
func (s *Service) SetWord(ctx context.Context, by By, account *sms.Account, rule sms.OptOutRule) error {
	number, word := rule.Number, rule.Word
	rule.Number, rule.Word = sms.Sender(number).Key(), sms.OptOutWord(word)
	switch {
	case rule.Word == "":
		return sms.InvalidField("word", "must have letters or digits, and at most 60 octets")
	case rule.Action != "" && !slices.Contains(sms.OptOutActions, rule.Action):
		return sms.InvalidField("action", "must be one of %v", sms.OptOutActions)
	}
	if err := checkPlace(number, rule.Language); err != nil {
		return err
	}
	if account == nil {
		account = everyone
	}
	deed := by.deed("opt-out word", account, fmt.Sprintf("%s at %q: %s %s", rule.Word, rule.Number, rule.Action, rule.Language))
	return s.store.SetOptOutWord(ctx, deed, account.ID, rule)
}

// everyone stands for all accounts.
var everyone = &sms.Account{Name: "-"}

// SetReply says what is answered to an action; an empty text: nothing. Errors: sms.Invalid names the field; sms.NotFound when
// there is nothing to forget.
func (s *Service) SetReply(ctx context.Context, by By, account *sms.Account, r sms.OptOutReply) error {
	if !slices.Contains([]sms.OptOutAction{sms.Stop, sms.Start, sms.Help}, r.Action) {
		return sms.InvalidField("action", "must be stop, start or help")
	}
	if !utf8.ValidString(r.Text) || utf8.RuneCountInString(r.Text) > longestReply || strings.ContainsRune(r.Text, 0) {
		return sms.InvalidField("text", "must be at most %d characters", longestReply)
	}
	if err := checkPlace("", r.Language); err != nil {
		return err
	}
	return s.store.SetOptOutReply(ctx, by.deed("opt-out reply", account, fmt.Sprintf("%s %s: %s", r.Action, r.Language, r.Text)), account.ID, r)
}

// checkPlace checks the number that a word is sent to, and a language.
func checkPlace(number, language string) error {
	if number != "" {
		if _, err := sms.ParseSender(number); err != nil {
			return sms.InvalidField("number", "%s", err)
		}
	}
	if len(language) > 16 || strings.ContainsFunc(language, func(r rune) bool { return r > 'z' || r <= ' ' }) {
		return sms.InvalidField("language", "must be a short name such as it")
	}
	return nil
}
