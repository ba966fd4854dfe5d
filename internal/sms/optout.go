package sms

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// OptOut is the wish of a recipient not to get messages of an account.
type OptOut struct {
	Number  Number
	Sender  string // a sender's Key; empty: of any sender
	Allowed bool   // messages of this sender are wanted, though not those of any other
	Source  string // the word that was sent, or who entered it
	At      time.Time
}

// Key is a sender in the one form by which senders are compared: digits without "+", letters without their case.
func (s Sender) Key() string {
	if digits, ok := s.Numeric(); ok {
		return digits
	}
	return strings.ToLower(string(s))
}

// OptOutAction is what a word in a message from a handset asks for.
type OptOutAction string

// The actions.
const (
	Stop    OptOutAction = "stop"     // no more messages of the sender that it was sent to
	StopAll OptOutAction = "stop-all" // no more messages of this account
	Start   OptOutAction = "start"    // messages of that sender again
	Help    OptOutAction = "help"     // an answer, if the account has one
	Ignore  OptOutAction = "none"     // nothing: the word has another meaning here
)

// OptOutActions are all of them.
var OptOutActions = []OptOutAction{Stop, StopAll, Start, Help, Ignore}

// OptOutWords are the words that everybody knows.
var OptOutWords = map[string]OptOutAction{
	"STOP": Stop, "UNSUBSCRIBE": Stop, "CANCEL": Stop, "END": Stop, "QUIT": Stop, "REVOKE": Stop, "OPTOUT": Stop,
	"STOPALL": StopAll, "START": Start, "UNSTOP": Start, "HELP": Help,
}

// longestWord bounds a text that may be such a word, in octets.
const longestWord = 60

// OptOutWord is a text as words are compared: in capitals, letters and digits alone, so that "Stop." and "opt-out" are
// words too. Empty: it is too long to be one, or has nothing in it.
func OptOutWord(text string) string {
	if len(text) > longestWord || !utf8.ValidString(text) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}

// OptOutRule is what a word means at a number.
type OptOutRule struct {
	Everyone bool         // of every account
	Number   string       // a sender's Key; empty: wherever it was sent to
	Word     string       // as OptOutWord has it
	Action   OptOutAction // empty: there is no such rule
	Language string       // of the answer, such as "it"; empty: any
}

// OptOutReply is what is answered to an action.
type OptOutReply struct {
	Action         OptOutAction // Stop, Start or Help
	Language, Text string
}

// OptOutAlias is the senders for which a number stands beside itself: who writes STOP to it opts out of them too.
type OptOutAlias struct {
	Number  string
	Senders []string // their Keys
}

// OptOutSettings is how an account treats words.
type OptOutSettings struct {
	Words   []OptOutRule
	Replies []OptOutReply
	Aliases []OptOutAlias
}

// OptOutAnswer is an answer that shall become a message of the account.
type OptOutAnswer struct {
	ID      int64
	Account AccountID
	Number  Number
	Sender  string // the number that the word was sent to
	Text    string
	At      time.Time
}
