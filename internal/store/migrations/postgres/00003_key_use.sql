-- +goose Up

-- When and from where each API key was used last. Not in api_key: a use is no change that other nodes must read.
CREATE TABLE key_use (
    key_id    TEXT PRIMARY KEY,
    used_at   BIGINT NOT NULL,
    used_from TEXT NOT NULL
);
