package admin

import (
	"fmt"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/sms"
)

// OptOutRequest is about one opt-out; without a sender it is one of all senders.
type OptOutRequest struct {
	Account string `json:"account"`
	Number  string `json:"number"`
	Sender  string `json:"sender"`
}

// OptOutQuery asks for a page of opt-outs.
type OptOutQuery struct {
	OptOutRequest
	Cursor string `json:"cursor"`
	Limit  int    `json:"limit"`
}

// OptOut is one of them.
type OptOut struct {
	Number    string    `json:"number"`
	Sender    string    `json:"sender,omitempty"` // empty: all
	Allowed   bool      `json:"allowed,omitempty"`
	Source    string    `json:"source"`
	CreatedAt time.Time `json:"createdAt"`
}

// OptOutPage is a page; Next is the cursor of the one behind it.
type OptOutPage struct {
	OptOuts []OptOut `json:"optOuts"`
	Next    string   `json:"next,omitempty"`
}

// CSVPart is some lines of CSV.
type CSVPart struct {
	Account string `json:"account"`
	Text    string `json:"text"`
}

// Imported is what came of an import.
type Imported struct {
	Added  int64     `json:"added"`
	Known  int64     `json:"known"`
	Failed int64     `json:"failed"`
	Errors []CSVLine `json:"errors"`
}

// CSVLine says what is wrong with a line.
type CSVLine struct {
	Line    int64  `json:"line"`
	Message string `json:"message"`
}

func (c call) optOutBy(source string) optout.By { return optout.By{Actor: c.actor, Source: source} }

func (s *Service) listOptOuts(c call, in OptOutQuery) (OptOutPage, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return OptOutPage{}, err
	}
	list, next, err := s.optOuts.List(c, account, optout.Query{Number: in.Number, Sender: in.Sender, Cursor: in.Cursor, Limit: in.Limit})
	page := OptOutPage{OptOuts: []OptOut{}, Next: next}
	for _, o := range list {
		page.OptOuts = append(page.OptOuts, shownOptOut(o))
	}
	return page, err
}

func shownOptOut(o sms.OptOut) OptOut {
	return OptOut{o.Number.String(), o.Sender, o.Allowed, o.Source, o.At}
}

func (s *Service) addOptOut(c call, in OptOutRequest) (OptOut, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return OptOut{}, err
	}
	o, _, err := s.optOuts.Add(c, c.optOutBy("command"), account, in.Number, in.Sender)
	return shownOptOut(o), s.settled(c, err)
}

func (s *Service) removeOptOut(c call, in OptOutRequest) (Nothing, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.settled(c, s.optOuts.Remove(c, c.optOutBy("command"), account, in.Number, in.Sender))
}

func (s *Service) importOptOuts(c call, in CSVPart) (Imported, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Imported{}, err
	}
	result, err := s.optOuts.Import(c, c.optOutBy("import"), account, strings.NewReader(in.Text))
	done := Imported{Added: result.Added, Known: result.Known, Failed: result.Failed, Errors: []CSVLine{}}
	for _, wrong := range result.Wrong {
		done.Errors = append(done.Errors, CSVLine(wrong))
	}
	return done, s.settled(c, err)
}

// OptOutWord says what a word means.
type OptOutWord struct {
	Account  string           `json:"account"` // EveryAccount: all of them
	Number   string           `json:"number"`  // where it is sent to; empty: anywhere
	Word     string           `json:"word"`
	Action   sms.OptOutAction `json:"action"` // empty: as it was before anybody said anything
	Language string           `json:"language"`
}

// EveryAccount stands for all accounts where a word is set.
const EveryAccount = "-"

// OptOutReply is what is answered to an action.
type OptOutReply struct {
	Account  string           `json:"account"`
	Action   sms.OptOutAction `json:"action"`
	Language string           `json:"language"`
	Text     string           `json:"text"` // empty: nothing
}

// OptOutAlias is the senders for which a number stands beside itself.
type OptOutAlias struct {
	Account string   `json:"account"`
	Number  string   `json:"number"`
	Senders []string `json:"senders"` // none: it stands for itself alone
}

// OptOutSettings is how an account treats words.
type OptOutSettings struct {
	Words   []OptOutWord  `json:"words"`
	Replies []OptOutReply `json:"replies"`
	Aliases []OptOutAlias `json:"aliases"`
}

func (s *Service) setOptOutWord(c call, in OptOutWord) (Nothing, error) {
	var account *sms.Account // nil: every one
	if in.Account != EveryAccount {
		found, err := s.account(in.Account)
		if err != nil {
			return Nothing{}, err
		}
		account = found
	}
	return Nothing{}, s.optOuts.SetWord(c, c.optOutBy("command"), account,
		sms.OptOutRule{Number: in.Number, Word: in.Word, Action: in.Action, Language: in.Language})
}

func (s *Service) setOptOutReply(c call, in OptOutReply) (Nothing, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Nothing{}, err
	}
	return Nothing{}, s.optOuts.SetReply(c, c.optOutBy("command"), account, sms.OptOutReply{Action: in.Action, Language: in.Language, Text: in.Text})
}

func (s *Service) setOptOutAlias(c call, in OptOutAlias) (Nothing, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Nothing{}, err
	}
	if in.Number == "" {
		return Nothing{}, sms.InvalidField("number", "is missing")
	}
	if _, err := sms.ParseSender(in.Number); err != nil {
		return Nothing{}, sms.InvalidField("number", "%s", err)
	}
	var keys []string
	for _, text := range in.Senders {
		sender, err := sms.ParseSender(text)
		if err != nil {
			return Nothing{}, sms.InvalidField("sender", "%q %s", text, err)
		}
		keys = append(keys, sender.Key())
	}
	deed := c.deed("opt-out alias", in.Account, fmt.Sprintf("%s: %s", in.Number, strings.Join(keys, ", ")))
	return Nothing{}, s.Store.SetOptOutAlias(c, deed, account.ID, sms.Sender(in.Number).Key(), keys)
}

func (s *Service) showOptOutSettings(c call, in Named) (OptOutSettings, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return OptOutSettings{}, err
	}
	stored, err := s.Store.OptOutSettings(c, account.ID)
	all := OptOutSettings{Words: []OptOutWord{}, Replies: []OptOutReply{}, Aliases: []OptOutAlias{}}
	for _, w := range stored.Words {
		name := in.Account
		if w.Everyone {
			name = EveryAccount
		}
		all.Words = append(all.Words, OptOutWord{name, w.Number, w.Word, w.Action, w.Language})
	}
	for _, r := range stored.Replies {
		all.Replies = append(all.Replies, OptOutReply{in.Account, r.Action, r.Language, r.Text})
	}
	for _, a := range stored.Aliases {
		all.Aliases = append(all.Aliases, OptOutAlias{in.Account, a.Number, a.Senders})
	}
	return all, err
}
