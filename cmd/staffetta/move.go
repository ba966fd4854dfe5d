package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/store"
)

type moveCommand struct {
	To   string `placeholder:"URL" help:"The PostgreSQL database, postgres://user@host/name; default $$STAFFETTA_DATABASE."`
	Undo bool   `help:"Make the data folder usable again after a move, finished or not. Only when no server has run on the database."`
	output
}

func (moveCommand) Help() string {
	return `Copies everything that is stored from the data folder of a stopped server into an empty PostgreSQL database, 14 or later:
accounts, credit, keys, prices, carriers, messages and what is known of them. Ids and keys stay valid, under the same
secret. Then it reads both sides again and compares each table by the number of its rows and the sum of their hashes.
When it is interrupted, the same command goes on where it was; meanwhile no server starts on either side.

When all is equal, the folder is marked as moved and is not served any more: two servers with the same messages would
send all of them twice. What was leaving when the old server ended is decided by the first server that starts on the
database, as it would have been here: sent again or held, as the account chooses.

A password stands better in $STAFFETTA_DATABASE, $PGPASSWORD or ~/.pgpass than on a command line.

Examples:

    staffetta move --data /var/lib/staffetta --to postgres://staffetta@db.example.net/staffetta
    staffetta move --data /var/lib/staffetta --undo`
}

// Run moves, or takes the mark of a move away.
func (c moveCommand) Run(t *terminal) error {
	to, cfg, err := c.places(t)
	if err != nil {
		return err
	}
	if c.Undo {
		if err := store.UndoMove(t, cfg.Data); err != nil {
			return err
		}
		t.say("%s can be served again. Do not serve the database: both would send the same messages.", cfg.Data)
		return nil
	}
	secret, err := cfg.Secret()
	if err != nil {
		return err
	}
	moved, err := store.Move(t, store.MoveOptions{Dir: cfg.Data, URL: to, Secret: secret, Progress: t.progress()})
	if moved == nil || err != nil && !errors.Is(err, store.ErrMoveDiffers) {
		return err
	}
	if failure := c.print(t, moved, func(w io.Writer) { printMoved(w, moved) }); failure != nil {
		return failure
	}
	if err != nil {
		return fmt.Errorf("%w; run staffetta move --undo, make the database empty, and move again", err)
	}
	c.sayHowToServe(t, cfg, moved)
	return nil
}

// places finds the data folder, which has data in it, and the database.
func (c moveCommand) places(t *terminal) (to string, cfg *config.Config, err error) {
	if t.Database != "" {
		return "", nil, &config.Error{Where: "--database", Flag: true, Message: "move wants the database as --to, and the data folder as --data"}
	}
	from, to := *t, c.To
	from.env = nil
	for _, variable := range t.env {
		if value, ok := strings.CutPrefix(variable, "STAFFETTA_DATABASE="); ok { // where it goes, not where it comes from
			if to == "" {
				to = value
			}
			continue
		}
		from.env = append(from.env, variable)
	}
	if cfg, err = from.config(nil); err != nil {
		return "", nil, err
	}
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return "", nil, err
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, store.FileName)); err != nil || cfg.Database != "" {
		return "", nil, fmt.Errorf("there is no data in %s: name the folder with --data", cfg.Data)
	}
	if u, err := url.Parse(to); !c.Undo && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql") { // err holds the password
		return "", nil, &config.Error{Where: "--to", Flag: true, Message: "must be a URL such as postgres://user@host/name"}
	}
	return to, cfg, nil
}

func printMoved(w io.Writer, moved *store.Moved) {
	fmt.Fprintln(w, "TABLE\tROWS\tCHECKSUM\tOK")
	for _, table := range moved.Tables {
		if table.OK {
			fmt.Fprintf(w, "%s\t%d\t%s\tyes\n", table.Table, table.Source.Rows, table.Source.Checksum)
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%s\tNO: the folder\n", table.Table, table.Source.Rows, table.Source.Checksum)
		fmt.Fprintf(w, "\t%d\t%s\tNO: the database\n", table.Target.Rows, table.Target.Checksum)
	}
	fmt.Fprintf(w, "credit €\t%s\t\t%s\n", moved.Source.Credit, yes(moved.Source.Credit == moved.Target.Credit))
	fmt.Fprintf(w, "reserved €\t%s\t\t%s\n", moved.Source.Reserved, yes(moved.Source.Reserved == moved.Target.Reserved))
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "NO"
}

func (c moveCommand) sayHowToServe(t *terminal, cfg *config.Config, moved *store.Moved) {
	if moved.Replaced > 0 {
		t.say("%d texts had octets that PostgreSQL does not store (no UTF-8, or NUL); U+FFFD stands in their place.", moved.Replaced)
	}
	secret := ""
	switch {
	case cfg.OwnSecret():
		secret = " --secret-file " + filepath.Join(cfg.Data, config.SecretName)
	case cfg.SecretFile != "":
		secret = " --secret-file " + cfg.SecretFile
	}
	t.say("Moved. Keys and ids are valid under the same secret only: keep it, and give it to every server.\n\n"+
		"    staffetta serve --database '%s'%s\n\n%s is not served any more. As long as no server has run on the database,\n"+
		"staffetta move --undo --data %s makes it usable again.", moved.To, secret, cfg.Data, cfg.Data)
}

// progress shows on a terminal, in one line, how far something has come; elsewhere it is nil.
func (t *terminal) progress() func(step string, done, of int64) {
	screen, ok := t.err.(*os.File)
	if !ok {
		return nil
	}
	if info, err := screen.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return progressOn(screen)
}

// progressOn writes over its line at most ten times a second, and at the end of each step.
func progressOn(screen io.Writer) func(step string, done, of int64) {
	const width = 60
	var shown time.Time
	return func(step string, done, of int64) {
		if done < of && time.Since(shown) < 100*time.Millisecond {
			return
		}
		shown = time.Now()
		fmt.Fprintf(screen, "\r%-*s\r", width, fmt.Sprintf("%s: %d of %d", step, done, of))
	}
}
