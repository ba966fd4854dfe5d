-- +goose Up

-- What each node claims of the requests that a key may make in a minute and in a second, and how much it is asked for.
-- A node renews its rows every second; they count for some seconds.
CREATE TABLE rate_share (
    credential TEXT NOT NULL,
    node       BIGINT NOT NULL,
    minute     BIGINT NOT NULL,
    second     BIGINT NOT NULL,
    used       BIGINT NOT NULL,                -- requests of the last minute
    demand     DOUBLE PRECISION NOT NULL,      -- requests a second, refused ones too
    renewed    TIMESTAMPTZ NOT NULL,           -- by this database's clock
    PRIMARY KEY (credential, node)
) WITH (fillfactor = 50);
