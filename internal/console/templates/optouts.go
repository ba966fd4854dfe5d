package templates

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// OptOutRow is a recipient who does not want messages.
type OptOutRow struct {
	Number  string
	Sender  string // empty: of any sender
	Allowed bool   // messages of this sender are wanted, though not those of others
	Source  string
	At      time.Time
}

// OptOutsView is a page of them.
type OptOutsView struct {
	List                       []OptOutRow
	First, Next                string
	SearchNumber, SearchSender string
	Number, Sender             string // of the form that adds one
	MayChange, MayDevelop      bool
	Errors                     Errors
}

func (v OptOutsView) searched() bool {
	return v.SearchNumber != "" || v.SearchSender != "" || v.First != ""
}

// ImportView is what came of a file of which some lines could not be read.
type ImportView struct {
	Added, Known, Failed int64
	Wrong                []WrongLine
}

// WrongLine is one of them.
type WrongLine struct {
	Line int64
	Text string
}

// WordsView is what words mean and what is answered to them.
type WordsView struct {
	Words      []sms.OptOutRule
	Replies    []sms.OptOutReply
	Aliases    []sms.OptOutAlias
	Word       sms.OptOutRule  // of the form
	Reply      sms.OptOutReply // of the form
	MayDevelop bool
	Errors     Errors
}

// action is what the form for a word offers first.
func (v WordsView) action() string {
	if v.Word.Word == "" {
		return string(sms.Stop)
	}
	return string(v.Word.Action)
}

func actionText(f *Frame, a sms.OptOutAction) string {
	switch a {
	case sms.Stop:
		return f.T("No more messages of this sender")
	case sms.StopAll:
		return f.T("No more messages of the account")
	case sms.Start:
		return f.T("Messages of this sender again")
	case sms.Help:
		return f.T("An answer only")
	case sms.Ignore:
		return f.T("Nothing: it has another meaning here")
	}
	return f.T("As it was before")
}

func wordOptions(f *Frame) (options []Option) {
	for _, a := range append(slices.Clone(sms.OptOutActions), "") {
		options = append(options, Option{string(a), actionText(f, a)})
	}
	return options
}

func replyOptions(f *Frame) []Option {
	return []Option{{string(sms.Stop), f.T("who opts out")}, {string(sms.Start), f.T("who opts in again")}, {string(sms.Help), f.T("who asks for help")}}
}

// known is a meaning and the words that everybody knows by it.
type known struct {
	action sms.OptOutAction
	words  []string
}

func knownWords() (all []known) {
	by := map[sms.OptOutAction][]string{}
	for word, action := range sms.OptOutWords {
		by[action] = append(by[action], word)
	}
	for _, action := range slices.SortedFunc(maps.Keys(by), func(a, b sms.OptOutAction) int {
		return cmp.Compare(slices.Index(sms.OptOutActions, a), slices.Index(sms.OptOutActions, b))
	}) {
		slices.Sort(by[action])
		all = append(all, known{action, by[action]})
	}
	return all
}
