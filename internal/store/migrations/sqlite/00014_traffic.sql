-- +goose Up

-- Messages counted by the hour in which they were accepted, and by where they stand now. The transaction that changes a
-- message changes the counts. Each process has rows of its own, so that none waits for another's; sums over the nodes are what
-- counts, and a single row may be negative. Rows of account 0 are the sums over all accounts; PostgreSQL adds them up when they
-- are read.
CREATE TABLE traffic (
    hour       INTEGER NOT NULL,              -- its beginning
    account_id INTEGER NOT NULL,
    carrier_id INTEGER NOT NULL,              -- whose queue they are in, or who took them last; 0: refused before that was known
    node       INTEGER NOT NULL,
    accepted   INTEGER NOT NULL DEFAULT 0,
    parts      INTEGER NOT NULL DEFAULT 0,
    refused    INTEGER NOT NULL DEFAULT 0,
    scheduled  INTEGER NOT NULL DEFAULT 0,
    failed     INTEGER NOT NULL DEFAULT 0,
    expired    INTEGER NOT NULL DEFAULT 0,
    cancelled  INTEGER NOT NULL DEFAULT 0,
    unknown    INTEGER NOT NULL DEFAULT 0,
    charged    INTEGER NOT NULL DEFAULT 0,
    sent       INTEGER NOT NULL DEFAULT 0,
    delivered  INTEGER NOT NULL DEFAULT 0,
    latency_0  INTEGER NOT NULL DEFAULT 0,
    latency_1  INTEGER NOT NULL DEFAULT 0,
    latency_2  INTEGER NOT NULL DEFAULT 0,
    latency_3  INTEGER NOT NULL DEFAULT 0,
    latency_4  INTEGER NOT NULL DEFAULT 0,
    latency_5  INTEGER NOT NULL DEFAULT 0,
    latency_6  INTEGER NOT NULL DEFAULT 0,
    latency_7  INTEGER NOT NULL DEFAULT 0,
    latency_8  INTEGER NOT NULL DEFAULT 0,
    latency_9  INTEGER NOT NULL DEFAULT 0,
    latency_10 INTEGER NOT NULL DEFAULT 0,
    latency_11 INTEGER NOT NULL DEFAULT 0,
    latency_12 INTEGER NOT NULL DEFAULT 0,
    latency_13 INTEGER NOT NULL DEFAULT 0,
    latency_14 INTEGER NOT NULL DEFAULT 0,
    latency_15 INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hour, account_id, carrier_id, node)
) WITHOUT ROWID;

-- What was accepted before is not counted, nor what becomes of it.
INSERT INTO setting (name, value) SELECT 'traffic_from', CAST(COALESCE(MAX(id), 0) + 1 AS TEXT) FROM message;
