-- +goose Up

-- Times are milliseconds since 1970-01-01 UTC, money is micro-euro, booleans are 0 and 1.

-- What changes seldom: every row carries the revision that changed it last, so that each node reads only news.
CREATE TABLE revision (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL
);
INSERT INTO revision VALUES (1, 0);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    suspended     INTEGER NOT NULL DEFAULT 0,
    plan          TEXT NOT NULL,
    per_minute    INTEGER NOT NULL,
    per_second    INTEGER NOT NULL,
    settings      TEXT NOT NULL,              -- JSON
    allow_enabled INTEGER NOT NULL DEFAULT 0,
    allow_list    TEXT NOT NULL DEFAULT '[]', -- JSON: [{"cidr","note"}]
    version       INTEGER NOT NULL
);
CREATE INDEX account_version ON account (version);

CREATE TABLE balance (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    credit     INTEGER NOT NULL,
    reserved   INTEGER NOT NULL DEFAULT 0,
    CHECK (reserved >= 0 AND credit >= reserved)
);

CREATE TABLE login (
    name       TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    hash       TEXT NOT NULL,
    smpp_hash  TEXT NOT NULL DEFAULT '',
    changed_at INTEGER NOT NULL,
    version    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_version ON login (version);

CREATE TABLE api_key (
    id            TEXT PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES account (id),
    name          TEXT NOT NULL,
    description   TEXT NOT NULL DEFAULT '',
    operations    TEXT NOT NULL,              -- JSON
    hash          BLOB NOT NULL,
    old_hash      BLOB,
    old_until     INTEGER,
    allow_enabled INTEGER NOT NULL DEFAULT 0,
    allow_list    TEXT NOT NULL DEFAULT '[]', -- JSON
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    revoked_at    INTEGER,
    version       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX api_key_version ON api_key (version);
CREATE INDEX api_key_account ON api_key (account_id);

CREATE TABLE price (
    account_id INTEGER NOT NULL,              -- 0: the general list
    prefix     TEXT NOT NULL,
    part       INTEGER NOT NULL,
    removed    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL,
    PRIMARY KEY (account_id, prefix)
) WITHOUT ROWID;
CREATE INDEX price_version ON price (version);

CREATE TABLE carrier (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    address    TEXT NOT NULL,
    secret     BLOB NOT NULL,                 -- sealed under the server's secret
    is_default INTEGER NOT NULL DEFAULT 0,
    removed    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL
);
CREATE UNIQUE INDEX carrier_name ON carrier (name) WHERE removed = 0;
CREATE INDEX carrier_version ON carrier (version);

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- What changes with every message.

CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    node        INTEGER NOT NULL,
    account_id  INTEGER NOT NULL,
    carrier_id  INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    priority    INTEGER NOT NULL,
    due_at      INTEGER,                      -- waits for this moment; NULL: may go now, or is gone
    expires_at  INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    sender      TEXT NOT NULL,
    body        TEXT NOT NULL,
    udh         BLOB,
    encoding    INTEGER NOT NULL,
    parts       INTEGER NOT NULL,
    part_price  INTEGER NOT NULL,
    flags       INTEGER NOT NULL,
    reference   INTEGER NOT NULL,
    caller_id   TEXT,
    campaign    TEXT,
    digest      INTEGER NOT NULL,
    origin      TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    sent_at     INTEGER,
    final_at    INTEGER,
    progress    BLOB,                         -- how far each part has come
    reason      TEXT
);
-- What a node takes up again after a restart, and what did not fit into memory. State 2 is queued.
CREATE INDEX message_queue ON message (node, carrier_id, priority, account_id, id, expires_at) WHERE state = 2 AND due_at IS NULL;
CREATE INDEX message_refused ON message (id) WHERE state = 10;
CREATE INDEX message_due ON message (due_at) WHERE due_at IS NOT NULL;

-- The ids that callers chose; those that we made are the key of the message itself.
CREATE TABLE caller_id (
    account_id INTEGER NOT NULL,
    caller_id  TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, caller_id)
) WITHOUT ROWID;

CREATE TABLE idempotency_key (
    account_id INTEGER NOT NULL,
    key        TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (account_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_key_until ON idempotency_key (until);

-- The carrier's ids of the parts whose receipt is still awaited.
CREATE TABLE carrier_ref (
    carrier_id INTEGER NOT NULL,
    ref        TEXT NOT NULL,
    message_id INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    PRIMARY KEY (carrier_id, ref, message_id, part)
) WITHOUT ROWID;

-- One row for a batch of messages whose bytes may be leaving; gone with the commit that records their outcomes.
CREATE TABLE mark (
    id       INTEGER PRIMARY KEY,
    node     INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    messages BLOB NOT NULL
);

-- Receipts that came before the answer to their submit_sm was recorded.
CREATE TABLE parked (
    id          INTEGER PRIMARY KEY,
    carrier_id  INTEGER NOT NULL,
    ref         TEXT NOT NULL,
    destination INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    code        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    until       INTEGER NOT NULL
);
CREATE INDEX parked_ref ON parked (carrier_id, ref);
CREATE INDEX parked_until ON parked (until);

-- What happened to a message beside the ordinary: retries, refusals, repeated receipts.
CREATE TABLE incident (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX incident_message ON incident (message_id);

-- Messages from handsets, as they came.
CREATE TABLE inbound (
    id          INTEGER PRIMARY KEY,
    carrier_id  INTEGER NOT NULL,
    source      TEXT NOT NULL,
    destination TEXT NOT NULL,
    esm_class   INTEGER NOT NULL,
    data_coding INTEGER NOT NULL,
    octets      BLOB NOT NULL,
    at          INTEGER NOT NULL
);
