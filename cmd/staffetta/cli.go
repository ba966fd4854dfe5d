package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/staffetta/staffetta/internal/config"
)

// cli is the grammar of the command line: one field, one file.
type cli struct {
	place

	Serve           serveCommand           `cmd:"" help:"Run the server."`
	Account         accountCommands        `cmd:"" help:"Accounts: who sends, and who pays."`
	Key             keyCommands            `cmd:"" help:"API keys of an account."`
	User            userCommands           `cmd:"" help:"Who may sign in to the console."`
	AllowList       allowListCommands      `cmd:"" name:"allow-list" help:"Addresses from which an account may be used."`
	Price           priceCommands          `cmd:"" help:"What one part of a message costs."`
	Carrier         carrierCommands        `cmd:"" help:"Carriers: the ways out."`
	Sender          senderCommands         `cmd:"" help:"Senders that an account may use, when not all."`
	SenderRule      senderRuleCommands     `cmd:"" name:"sender-rule" help:"What countries ask of senders."`
	Lookup          lookupCommands         `cmd:"" help:"In which network a number is."`
	OptOut          optOutCommands         `cmd:"" name:"opt-out" help:"Recipients who do not want messages of an account."`
	Route           routeCommands          `cmd:"" help:"Routes: which messages go by which carrier."`
	Queue           queueCommands          `cmd:"" help:"What waits for carriers and dates."`
	Node            nodeCommands           `cmd:"" help:"Servers that share a database."`
	SMPP            smppCommands           `cmd:"" name:"smpp" help:"Customers that are bound by SMPP."`
	Webhook         webhookCommands        `cmd:"" help:"Webhooks of accounts, and what came of sending to them."`
	Number          numberCommands         `cmd:"" help:"Numbers to which people write, and whose they are."`
	Inbound         inboundCommands        `cmd:"" help:"Messages from handsets."`
	Message         messageCommands        `cmd:"" help:"Messages and what became of them."`
	Audit           auditCommands          `cmd:"" help:"Who did what: the audit log."`
	Send            sendCommand            `cmd:"" help:"Send one message in the name of an account."`
	Backup          backupCommand          `cmd:"" help:"Write everything that is stored into one file, while the server runs."`
	Restore         restoreCommand         `cmd:"" help:"Make a data folder of a backup."`
	Move            moveCommand            `cmd:"" help:"Move a data folder into a PostgreSQL database."`
	PracticeCarrier practiceCarrierCommand `cmd:"" name:"practice-carrier" help:"Run a carrier that sends nothing to anybody, to practise on."`
	Version         versionCommand         `cmd:"" help:"Print the version."`
}

// place says which server a command is about.
type place struct {
	Config     string `placeholder:"FILE" group:"place" help:"Configuration file, TOML ($$STAFFETTA_CONFIG)."`
	Data       string `placeholder:"DIR" group:"place" help:"Data folder; default ./data ($$STAFFETTA_DATA)."`
	Database   string `placeholder:"URL" group:"place" help:"PostgreSQL in place of the data folder, postgres://user@host/name; its servers see within 2 s what a command changes. A password stands better in $$STAFFETTA_DATABASE, which no list of processes shows."`
	SecretFile string `placeholder:"FILE" group:"place" help:"File with the server's secret; default DATA/secret, needed with a database ($$STAFFETTA_SECRET_FILE, or the secret itself in $$STAFFETTA_SECRET)."`
}

// streams is what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	env      []string
}

// Exit codes.
const (
	success  = 0
	failure  = 1
	badUsage = 2
)

// run is the whole program but for the process around it.
func run(args []string, to streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var grammar cli
	exit := -1
	parser, err := kong.New(&grammar, kong.Name("staffetta"), kong.Description(description), kong.Writers(to.out, to.err),
		kong.Exit(func(code int) { exit = code }), kong.WithHyphenPrefixedParameters(true),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120, NoExpandSubcommands: true}),
		kong.ExplicitGroups([]kong.Group{{Key: "place", Title: "Which server:"}}))
	if err != nil {
		fmt.Fprintln(to.err, "staffetta:", err)
		return failure
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(negativeAmountLast(args))
	if exit >= 0 { // --help was printed
		return exit
	}
	if err == nil {
		err = command.Run(&terminal{streams: to, Context: ctx, place: grammar.place})
	} else {
		err = &usageError{err}
	}
	return report(to.err, err)
}

const description = `A self-hosted message server: it takes messages over HTTP and SMPP from the people who have something to say, and brings
them to the carriers, with nothing lost on the way.`

// usageError is a command line that is not in the grammar.
type usageError struct{ error }

// Error says what is wrong and where the right form is described.
func (e *usageError) Error() string {
	command := "staffetta"
	if wrong, ok := errors.AsType[*kong.ParseError](e.error); ok && wrong.Context != nil {
		if selected := wrong.Context.Selected(); selected != nil {
			command = selected.FullPath()
		}
	}
	return fmt.Sprintf("%s; see %s --help", e.error, command)
}

// report says in one line what went wrong, and answers the exit code.
func report(to io.Writer, err error) int {
	if err == nil {
		return success
	}
	fmt.Fprintln(to, "staffetta:", explain(err))
	if _, ok := errors.AsType[*usageError](err); ok {
		return badUsage
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok && wrong.Flag {
		return badUsage
	}
	return failure
}

var negativeAmount = regexp.MustCompile(`^-[0-9]`)

// negativeAmountLast lets `account credit NAME -5` be written: the parser would take -5 for a flag.
func negativeAmountLast(args []string) []string {
	at := slices.Index(args, "credit")
	if at < 1 || args[at-1] != "account" || slices.Contains(args, "--") {
		return args
	}
	for i := at + 1; i < len(args); i++ {
		if negativeAmount.MatchString(args[i]) {
			return append(slices.Concat(args[:i], args[i+1:]), "--", args[i])
		}
	}
	return args
}
