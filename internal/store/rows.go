package store

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// rows is how members read and write what changes with every message. SQLite does each at once (rows_sqlite.go);
// PostgreSQL reads for a whole group before the first member is applied and writes for all of it at the end, one
// statement for each kind (rows_postgres.go). Within a transaction, what was written is what is read.
type rows interface {
	// foresee begins the transaction, where that is not done, and reads what the members will ask for.
	foresee(members []member) error

	balance(account sms.AccountID) (sms.Balance, error)
	saveBalance(account sms.AccountID, b sms.Balance) error

	// record reads a message; sql.ErrNoRows when there is none.
	record(id sms.ID) (*sms.Record, error)
	insert(m *sms.Message, node int) error
	// flush writes what is kept, for a statement that must see it.
	flush() error
	// reread forgets what was read of a message: a statement has changed it, and it is in this state now.
	reread(id sms.ID, state sms.State)
	// callerID answers the message of a caller's id; sql.ErrNoRows when there is none.
	callerID(account sms.AccountID, id string) (sms.ID, error)
	setCallerID(account sms.AccountID, id string, message sms.ID) error

	// writeOutcome writes the outcome of a message that is still queued, and of which, when fresh is true, nothing had left
	// before; false when it is not.
	writeOutcome(o sms.Outcome, fresh bool) (bool, error)
	writeReport(r *sms.Record, state sms.State, final time.Time, parts []sms.Part) error

	// addEvent writes what an account shall be told, addAttempt what came of telling it.
	addEvent(e newEvent) error
	addAttempt(a sms.Attempt) error

	expect(ref openRef) error
	forget(ref openRef) error
	// awaited are the parts whose receipts are awaited under a carrier's id, the newest message first; of the messages,
	// what a report needs.
	awaited(carrier sms.CarrierID, ref string) ([]awaitedPart, error)

	// optedOut reports whether a recipient does not want messages of a sender; forgetOptOuts says that what was read about
	// that may be old.
	optedOut(key optOutKey) (bool, error)
	forgetOptOuts()

	// parkedElsewhere reports whether receipts may be parked that this process does not know of.
	parkedElsewhere() bool

	// later runs a statement of which nobody waits for the result, at the latest with the commit.
	later(query string, args ...any) error
	// commit writes what is not written yet and commits.
	commit() error
}

// openRef is one part whose receipt is awaited.
type openRef struct {
	Carrier sms.CarrierID
	Ref     string
	Message sms.ID
	Part    int
}

// needs is what members say that they will read.
type needs struct {
	accounts []sms.AccountID
	callers  []callerKey
	outcomes []sms.ID
	messages []sms.ID
	reports  []refKey
	optOuts  []optOutKey
}

type callerKey struct {
	account sms.AccountID
	id      string
}

type refKey struct {
	carrier sms.CarrierID
	ref     string
}

// foreseer is a member that knows what it will read.
type foreseer interface{ needs(n *needs) }

func (a *acceptMember) needs(n *needs) {
	for _, admission := range a.admissions {
		m := admission.Message
		n.accounts = append(n.accounts, m.Account)
		if m.CallerID != "" {
			n.callers = append(n.callers, callerKey{m.Account, m.CallerID})
		}
		a.store.foreseeOptOuts(n, m)
	}
}

func (o *outcomeMember) needs(n *needs) {
	n.accounts = append(n.accounts, o.outcome.Message.Account)
	n.outcomes = append(n.outcomes, o.outcome.Message.ID)
}

func (m *markMember) needs(n *needs) {
	for _, message := range m.messages {
		m.store.foreseeOptOuts(n, message)
	}
}

func (r *reportMember) needs(n *needs) {
	n.reports = append(n.reports, refKey{r.report.Carrier, r.report.Ref})
}
