-- +goose Up

-- Who was not let in although the credentials were known: the last 50 of each account, by address, credential and reason.
CREATE TABLE access_refusal (
    account_id BIGINT NOT NULL,
    address    TEXT NOT NULL,
    credential TEXT NOT NULL,
    reason     TEXT NOT NULL,
    times      BIGINT NOT NULL,
    first_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, address, credential, reason)
);
CREATE INDEX access_refusal_last ON access_refusal (last_at);

-- The audit log is read by account, the newest line first.
CREATE INDEX audit_target ON audit (target, id);
