-- +goose Up

-- Who may sign in to the console. Nobody's id is given again.
CREATE TABLE person (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    email       TEXT NOT NULL UNIQUE,        -- lower case
    name        TEXT NOT NULL DEFAULT '',
    account_id  INTEGER REFERENCES account (id), -- NULL: an operator
    role        TEXT NOT NULL,
    language    TEXT NOT NULL DEFAULT '',
    hash        TEXT NOT NULL DEFAULT '',    -- argon2id; empty: no password yet
    totp_secret BLOB,                        -- sealed under the server's secret; NULL: none
    totp_on     INTEGER NOT NULL DEFAULT 0,
    totp_step   INTEGER NOT NULL DEFAULT 0,  -- of the last code that was taken
    disabled    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    login_at    INTEGER,
    CHECK ((account_id IS NULL) = (role = 'operator'))
);
CREATE INDEX person_account ON person (account_id);

-- Browsers in which somebody has signed in, by an HMAC of the token that only the browser has.
CREATE TABLE console_session (
    id         TEXT PRIMARY KEY,
    person_id  INTEGER NOT NULL REFERENCES person (id),
    acting_id  INTEGER NOT NULL DEFAULT 0,   -- the account that an operator acts as
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,             -- unless it is used before
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL
);
CREATE INDEX console_session_person ON console_session (person_id);
CREATE INDEX console_session_expires ON console_session (expires_at);

-- Links that let somebody in once, by an HMAC of their token. One that was used is gone.
CREATE TABLE one_time_link (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,                -- invite, reset, setup
    person_id  INTEGER REFERENCES person (id), -- NULL: the set-up, which is nobody's
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX one_time_link_person ON one_time_link (person_id);

-- What stands in for a second factor that was lost, each once, by an HMAC.
CREATE TABLE recovery_code (
    person_id INTEGER NOT NULL REFERENCES person (id),
    hash      TEXT NOT NULL,
    PRIMARY KEY (person_id, hash)
);

-- Who somebody is to a provider of single sign-on.
CREATE TABLE person_identity (
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id INTEGER NOT NULL REFERENCES person (id),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX person_identity_person ON person_identity (person_id);
