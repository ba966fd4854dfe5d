-- +goose Up

-- A delivery of a carrier belongs to a message. 0: it came before there were such, and is taken up when a server starts.
ALTER TABLE inbound ADD COLUMN message_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbound ADD COLUMN place INTEGER NOT NULL DEFAULT 1;    -- among its parts, from 1
ALTER TABLE inbound ADD COLUMN alphabet INTEGER NOT NULL DEFAULT 0; -- what the carrier meant by data_coding 0
CREATE INDEX inbound_message_id ON inbound (message_id, place);

-- Messages from handsets, put together.
CREATE TABLE inbound_message (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL,             -- 0: nobody's
    carrier_id  INTEGER NOT NULL,
    source      TEXT NOT NULL,                -- "+" and digits, or as the carrier wrote it
    destination TEXT NOT NULL,
    key         INTEGER NOT NULL,             -- the same for all its parts, and for a repetition
    parts       INTEGER NOT NULL,
    came        INTEGER NOT NULL,             -- of them
    stage       INTEGER NOT NULL,             -- 0 parts are missing, 1 of a number that is nobody's, 2 its account's, 3 an odd receipt
    encoding    INTEGER NOT NULL DEFAULT 0,
    ports       INTEGER NOT NULL DEFAULT -1,
    text        TEXT NOT NULL DEFAULT '',
    redacted    INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL,             -- when the first part came
    until       INTEGER,                      -- stage 0: told as far as it came then; 1 and 3: removed then
    event_id    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX inbound_message_key ON inbound_message (key, id);
CREATE INDEX inbound_message_account ON inbound_message (account_id, id);
CREATE INDEX inbound_message_nobody ON inbound_message (destination, id) WHERE stage = 1;
CREATE INDEX inbound_message_until ON inbound_message (until) WHERE until IS NOT NULL;

-- Which account the messages to a number, or to a keyword of it, are for.
CREATE TABLE service_number (
    number     TEXT NOT NULL,
    keyword    TEXT NOT NULL,                 -- in small letters; empty: whatever no keyword takes
    account_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    removed    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL,
    PRIMARY KEY (number, keyword)
);
CREATE INDEX service_number_version ON service_number (version);

-- 0: what became of a message; 1: a message from a handset, and message_id is its.
ALTER TABLE event ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
