-- +goose Up

-- Who does not want messages of an account. sender is in one form (sms.Sender.Key); empty: of any sender. A row with
-- allowed is an exception to the one for any sender.
CREATE TABLE opt_out (
    account_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    sender     TEXT NOT NULL,
    allowed    INTEGER NOT NULL DEFAULT 0,
    source     TEXT NOT NULL,                 -- the word, or who entered it
    at         INTEGER NOT NULL,
    PRIMARY KEY (account_id, number, sender)
) WITHOUT ROWID;
CREATE INDEX opt_out_sender ON opt_out (account_id, sender, number);

-- The accounts that ever had an opt-out: for no other one is anything looked up.
CREATE TABLE opt_out_account (
    account_id INTEGER PRIMARY KEY,
    version    INTEGER NOT NULL
);
CREATE INDEX opt_out_account_version ON opt_out_account (version);

-- Words beside the built-in ones, or in their place.
CREATE TABLE opt_out_word (
    account_id INTEGER NOT NULL,              -- 0: every account
    number     TEXT NOT NULL,                 -- where it was sent to; empty: anywhere
    word       TEXT NOT NULL,                 -- in capitals
    action     TEXT NOT NULL,                 -- stop, stop-all, start, help, or none
    language   TEXT NOT NULL,                 -- of the answer
    PRIMARY KEY (account_id, number, word)
) WITHOUT ROWID;

-- What is answered to a word.
CREATE TABLE opt_out_reply (
    account_id INTEGER NOT NULL,
    action     TEXT NOT NULL,
    language   TEXT NOT NULL,                 -- empty: any
    body       TEXT NOT NULL,
    PRIMARY KEY (account_id, action, language)
) WITHOUT ROWID;

-- The senders that a number stands for, beside itself.
CREATE TABLE opt_out_alias (
    account_id INTEGER NOT NULL,
    number     TEXT NOT NULL,
    sender     TEXT NOT NULL,
    PRIMARY KEY (account_id, number, sender)
) WITHOUT ROWID;

-- Answers that are not yet a message of the account.
CREATE TABLE opt_out_answer (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    sender     TEXT NOT NULL,
    body       TEXT NOT NULL,
    at         INTEGER NOT NULL
);

-- The senders that an account may use, if it may not use any.
CREATE TABLE sender (
    account_id INTEGER NOT NULL,
    sender     TEXT NOT NULL,
    countries  TEXT NOT NULL,                 -- "DE IT"; empty: all
    removed    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, sender)
) WITHOUT ROWID;
CREATE INDEX sender_version ON sender (version);

-- What a country asks of senders.
CREATE TABLE sender_rule (
    country TEXT PRIMARY KEY,                 -- ISO 3166-1 alpha-2
    rule    TEXT NOT NULL,                    -- numeric or registered
    note    TEXT NOT NULL,                    -- where the operator has it from
    removed INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sender_rule_version ON sender_rule (version);

-- Portability data that the operator imported.
CREATE TABLE portability (
    number   INTEGER PRIMARY KEY,
    mcc      TEXT NOT NULL,
    mnc      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    ported   INTEGER NOT NULL,               -- -1: nobody said
    operator TEXT NOT NULL,
    country  TEXT NOT NULL
);
