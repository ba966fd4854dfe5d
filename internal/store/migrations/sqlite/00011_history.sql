-- +goose Up

-- The messages of an account by age, and by state (docs/decisions/0004).
CREATE INDEX message_account ON message (account_id, state, id);

-- Messages of an account as a file. What it asks for never changes; what it has so far is written with each chunk.
CREATE TABLE export (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    first_id   INTEGER NOT NULL,           -- of the messages, both included
    last_id    INTEGER NOT NULL,
    end_at     INTEGER NOT NULL,           -- as it was asked for: last_id is not later than the export
    sender     TEXT NOT NULL,              -- empty: any
    recipient  INTEGER NOT NULL,           -- 0: any
    status     TEXT NOT NULL,              -- of the contract; empty: any
    stage      INTEGER NOT NULL DEFAULT 0, -- 0 pending, 1 completed, 2 failed, 3 expired
    next_id    INTEGER NOT NULL,           -- the first message that is not looked at yet
    rows       INTEGER NOT NULL DEFAULT 0,
    octets     INTEGER NOT NULL DEFAULT 0, -- of the file
    made_at    INTEGER NOT NULL,           -- when it was asked for, the last time
    busy_until INTEGER,                        -- a process works on it; later another may
    ended_at   INTEGER                     -- NULL: pending
);
CREATE INDEX export_account ON export (account_id, id);
CREATE INDEX export_pending ON export (id) WHERE stage = 0;
CREATE INDEX export_ended ON export (ended_at) WHERE ended_at IS NOT NULL;

-- The file, in pieces that follow each other.
CREATE TABLE export_chunk (
    export_id INTEGER NOT NULL,
    start     INTEGER NOT NULL,            -- where it begins in the file, in octets
    size      INTEGER NOT NULL,
    packed    BLOB NOT NULL,               -- gzip
    PRIMARY KEY (export_id, start)
);
