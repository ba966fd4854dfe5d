package powerloss

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	_ "modernc.org/sqlite"
)

// sqliteChild has the arguments FILE SYNCHRONOUS MOST CHECKPOINT LENGTH. It opens a database, says what it finds in it
// ("found COUNT HIGHEST CHECK"), and then commits one transaction after the other until it is killed or has made MOST;
// after each commit it prints the transaction's number. A transaction is a row with its number and up to LENGTH
// octets, and three rows elsewhere changed to that number. The log is written back every CHECKPOINT pages: with few of
// them, many checkpoints are cut too.
func sqliteChild(args []string) error {
	most, _ := strconv.Atoi(args[2])
	length, _ := strconv.Atoi(args[4])
	db, err := openSQLite(args[0], args[1], args[3])
	if err != nil {
		return err
	}
	defer db.Close()
	highest, err := examine(db)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for n := highest + 1; n <= highest+most; n++ {
		if err := commit(ctx, db, n, length); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(os.Stdout, n)
	}
	return nil
}

func openSQLite(file, synchronous, checkpoint string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
		"&_pragma=cache_size(-256)&_pragma=wal_autocheckpoint("+checkpoint+")&_pragma=synchronous("+synchronous+")")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2) // so that the index is shared, not only kept
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY, text TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS cell (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, text TEXT NOT NULL);
		CREATE INDEX IF NOT EXISTS cell_n ON cell (n)`)
	return db, err
}

// examine prints what is there.
func examine(db *sql.DB) (highest int, err error) {
	var count, cells int
	if err := db.QueryRow(`SELECT COUNT(*), COALESCE(MAX(n), 0) FROM row`).Scan(&count, &highest); err != nil {
		return 0, err
	}
	if err := db.QueryRow(`SELECT COALESCE(MAX(n), 0) FROM cell`).Scan(&cells); err != nil {
		return 0, err
	}
	var check string
	if err := db.QueryRow(`PRAGMA integrity_check(1)`).Scan(&check); err != nil {
		return 0, err
	}
	if cells != highest {
		check = fmt.Sprintf("half a transaction: %d and %d", highest, cells)
	}
	_, err = fmt.Printf("found %d %d %s\n", count, highest, strings.ReplaceAll(check, "\n", "; "))
	return highest, err
}

func commit(ctx context.Context, db *sql.DB, n, length int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	chance := rand.New(rand.NewPCG(uint64(n), 0))
	text := strings.Repeat("x", chance.IntN(length))
	if _, err := tx.Exec(`INSERT INTO row VALUES (?, ?)`, n, text); err != nil {
		return err
	}
	for range 3 {
		if _, err := tx.Exec(`INSERT OR REPLACE INTO cell VALUES (?, ?, ?)`, chance.IntN(500), n, text[:len(text)/3]); err != nil {
			return err
		}
	}
	return tx.Commit()
}
