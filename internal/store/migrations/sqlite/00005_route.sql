-- +goose Up

-- Which messages go by which carrier. What is empty or 0 fits every message.
CREATE TABLE route (
    id         INTEGER PRIMARY KEY,
    prefix     TEXT NOT NULL,
    country    TEXT NOT NULL,
    sender     TEXT NOT NULL,
    account_id INTEGER NOT NULL,
    carrier_id INTEGER NOT NULL,
    priority   INTEGER NOT NULL,
    weight     INTEGER NOT NULL,
    cost       INTEGER NOT NULL,
    removed    INTEGER NOT NULL DEFAULT 0,
    version    INTEGER NOT NULL
);
CREATE INDEX route_version ON route (version);
