-- +goose Up

-- Where an account wants its events; one per account. A removed one stays as a row, so that every node learns of it.
CREATE TABLE webhook (
    account_id    BIGINT PRIMARY KEY,
    id            TEXT NOT NULL,
    url           TEXT NOT NULL,
    secret        BYTEA NOT NULL,              -- sealed under the server's secret
    old_secret    BYTEA,                       -- likewise; signs too until old_until
    old_until     BIGINT,
    interim       BIGINT NOT NULL DEFAULT 0, -- states that are not final too
    created_at    BIGINT NOT NULL,
    failing_since BIGINT,                    -- nothing has come through since; NULL: the last event did
    disabled_at   BIGINT,
    removed       BIGINT NOT NULL DEFAULT 0,
    version       BIGINT NOT NULL
);
CREATE INDEX webhook_version ON webhook (version);

-- What an account shall be told: written in the transaction of the status that it reports.
CREATE TABLE event (
    id         BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    part       BIGINT NOT NULL,              -- from 0; -1: the message as a whole
    state      BIGINT NOT NULL,
    seen       BIGINT NOT NULL,              -- state 4: the carrier reported it on its way
    code       TEXT NOT NULL,                 -- the carrier's
    reason     TEXT NOT NULL,
    price      BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    stage      BIGINT NOT NULL DEFAULT 0,    -- 0 waiting, 1 delivered, 2 failed
    attempts   BIGINT NOT NULL DEFAULT 0,    -- how often it was taken to be sent
    tries      BIGINT NOT NULL DEFAULT 0,    -- the same since it was last replayed
    due_at     BIGINT,                       -- while it is being sent: when another may take it; NULL: it has ended
    ended_at   BIGINT
);
CREATE INDEX event_due ON event (account_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX event_account ON event (account_id, id);
CREATE INDEX event_ended ON event (ended_at) WHERE ended_at IS NOT NULL;

-- What came of each attempt to send an event.
CREATE TABLE attempt (
    event_id BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    duration BIGINT NOT NULL,                -- milliseconds
    status   BIGINT NOT NULL,                -- of HTTP; 0: no answer
    error    TEXT NOT NULL,                   -- why it failed; empty: it did not
    response BYTEA NOT NULL,                   -- the first octets of the answer
    PRIMARY KEY (event_id, number)
);
