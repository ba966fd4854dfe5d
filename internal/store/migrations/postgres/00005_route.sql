-- +goose Up

-- Which messages go by which carrier. What is empty or 0 fits every message.
CREATE TABLE route (
    id         BIGINT PRIMARY KEY,
    prefix     TEXT NOT NULL,
    country    TEXT NOT NULL,
    sender     TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    carrier_id BIGINT NOT NULL,
    priority   BIGINT NOT NULL,
    weight     BIGINT NOT NULL,
    cost       BIGINT NOT NULL,
    removed    BIGINT NOT NULL DEFAULT 0,
    version    BIGINT NOT NULL
);
CREATE INDEX route_version ON route (version);
