-- +goose Up

-- Messages counted by the hour in which they were accepted, and by where they stand now. The transaction that changes a
-- message changes the counts. Each process has rows of its own, so that none waits for another's; sums over the nodes are what
-- counts, and a single row may be negative. Rows of account 0 came with a data folder that was moved here; nobody reads them.
CREATE TABLE traffic (
    hour       BIGINT NOT NULL,              -- its beginning
    account_id BIGINT NOT NULL,
    carrier_id BIGINT NOT NULL,              -- whose queue they are in, or who took them last; 0: refused before that was known
    node       BIGINT NOT NULL,
    accepted   BIGINT NOT NULL DEFAULT 0,
    parts      BIGINT NOT NULL DEFAULT 0,
    refused    BIGINT NOT NULL DEFAULT 0,
    scheduled  BIGINT NOT NULL DEFAULT 0,
    failed     BIGINT NOT NULL DEFAULT 0,
    expired    BIGINT NOT NULL DEFAULT 0,
    cancelled  BIGINT NOT NULL DEFAULT 0,
    unknown    BIGINT NOT NULL DEFAULT 0,
    charged    BIGINT NOT NULL DEFAULT 0,
    sent       BIGINT NOT NULL DEFAULT 0,
    delivered  BIGINT NOT NULL DEFAULT 0,
    latency_0  BIGINT NOT NULL DEFAULT 0,
    latency_1  BIGINT NOT NULL DEFAULT 0,
    latency_2  BIGINT NOT NULL DEFAULT 0,
    latency_3  BIGINT NOT NULL DEFAULT 0,
    latency_4  BIGINT NOT NULL DEFAULT 0,
    latency_5  BIGINT NOT NULL DEFAULT 0,
    latency_6  BIGINT NOT NULL DEFAULT 0,
    latency_7  BIGINT NOT NULL DEFAULT 0,
    latency_8  BIGINT NOT NULL DEFAULT 0,
    latency_9  BIGINT NOT NULL DEFAULT 0,
    latency_10 BIGINT NOT NULL DEFAULT 0,
    latency_11 BIGINT NOT NULL DEFAULT 0,
    latency_12 BIGINT NOT NULL DEFAULT 0,
    latency_13 BIGINT NOT NULL DEFAULT 0,
    latency_14 BIGINT NOT NULL DEFAULT 0,
    latency_15 BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (hour, account_id, carrier_id, node)
) WITH (fillfactor = 60); -- room beside each row for its next version

-- What was accepted before is not counted, nor what becomes of it.
INSERT INTO setting (name, value) SELECT 'traffic_from', CAST(COALESCE(MAX(id), 0) + 1 AS TEXT) FROM message;
