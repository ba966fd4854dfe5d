-- +goose Up

-- Where an account wants its events; one per account. A removed one stays as a row, so that every node learns of it.
CREATE TABLE webhook (
    account_id    INTEGER PRIMARY KEY,
    id            TEXT NOT NULL,
    url           TEXT NOT NULL,
    secret        BLOB NOT NULL,              -- sealed under the server's secret
    old_secret    BLOB,                       -- likewise; signs too until old_until
    old_until     INTEGER,
    interim       INTEGER NOT NULL DEFAULT 0, -- states that are not final too
    created_at    INTEGER NOT NULL,
    failing_since INTEGER,                    -- nothing has come through since; NULL: the last event did
    disabled_at   INTEGER,
    removed       INTEGER NOT NULL DEFAULT 0,
    version       INTEGER NOT NULL
);
CREATE INDEX webhook_version ON webhook (version);

-- What an account shall be told: written in the transaction of the status that it reports.
CREATE TABLE event (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    part       INTEGER NOT NULL,              -- from 0; -1: the message as a whole
    state      INTEGER NOT NULL,
    seen       INTEGER NOT NULL,              -- state 4: the carrier reported it on its way
    code       TEXT NOT NULL,                 -- the carrier's
    reason     TEXT NOT NULL,
    price      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    stage      INTEGER NOT NULL DEFAULT 0,    -- 0 waiting, 1 delivered, 2 failed
    attempts   INTEGER NOT NULL DEFAULT 0,    -- how often it was taken to be sent
    tries      INTEGER NOT NULL DEFAULT 0,    -- the same since it was last replayed
    due_at     INTEGER,                       -- while it is being sent: when another may take it; NULL: it has ended
    ended_at   INTEGER
);
CREATE INDEX event_due ON event (account_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX event_account ON event (account_id, id);
CREATE INDEX event_ended ON event (ended_at) WHERE ended_at IS NOT NULL;

-- What came of each attempt to send an event.
CREATE TABLE attempt (
    event_id INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    duration INTEGER NOT NULL,                -- milliseconds
    status   INTEGER NOT NULL,                -- of HTTP; 0: no answer
    error    TEXT NOT NULL,                   -- why it failed; empty: it did not
    response BLOB NOT NULL,                   -- the first octets of the answer
    PRIMARY KEY (event_id, number)
) WITHOUT ROWID;
