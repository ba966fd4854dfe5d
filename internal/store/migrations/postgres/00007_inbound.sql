-- +goose Up

-- A delivery of a carrier belongs to a message. 0: it came before there were such, and is taken up when a server starts.
ALTER TABLE inbound ADD COLUMN message_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inbound ADD COLUMN place BIGINT NOT NULL DEFAULT 1;    -- among its parts, from 1
ALTER TABLE inbound ADD COLUMN alphabet BIGINT NOT NULL DEFAULT 0; -- what the carrier meant by data_coding 0
CREATE INDEX inbound_message_id ON inbound (message_id, place);

-- Messages from handsets, put together.
CREATE TABLE inbound_message (
    id          BIGINT PRIMARY KEY,
    account_id  BIGINT NOT NULL,             -- 0: nobody's
    carrier_id  BIGINT NOT NULL,
    source      TEXT NOT NULL,                -- "+" and digits, or as the carrier wrote it
    destination TEXT NOT NULL,
    key         BIGINT NOT NULL,             -- the same for all its parts, and for a repetition
    parts       BIGINT NOT NULL,
    came        BIGINT NOT NULL,             -- of them
    stage       BIGINT NOT NULL,             -- 0 parts are missing, 1 of a number that is nobody's, 2 its account's, 3 an odd receipt
    encoding    BIGINT NOT NULL DEFAULT 0,
    ports       BIGINT NOT NULL DEFAULT -1,
    text        TEXT NOT NULL DEFAULT '',
    redacted    BIGINT NOT NULL DEFAULT 0,
    at          BIGINT NOT NULL,             -- when the first part came
    until       BIGINT,                      -- stage 0: told as far as it came then; 1 and 3: removed then
    event_id    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inbound_message_key ON inbound_message (key, id);
CREATE INDEX inbound_message_account ON inbound_message (account_id, id);
CREATE INDEX inbound_message_nobody ON inbound_message (destination, id) WHERE stage = 1;
CREATE INDEX inbound_message_until ON inbound_message (until) WHERE until IS NOT NULL;

-- Which account the messages to a number, or to a keyword of it, are for.
CREATE TABLE service_number (
    number     TEXT NOT NULL,
    keyword    TEXT NOT NULL,                 -- in small letters; empty: whatever no keyword takes
    account_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    removed    BIGINT NOT NULL DEFAULT 0,
    version    BIGINT NOT NULL,
    PRIMARY KEY (number, keyword)
);
CREATE INDEX service_number_version ON service_number (version);

-- 0: what became of a message; 1: a message from a handset, and message_id is its.
ALTER TABLE event ADD COLUMN kind BIGINT NOT NULL DEFAULT 0;
