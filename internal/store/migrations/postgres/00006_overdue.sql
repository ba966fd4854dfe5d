-- +goose Up

-- Messages of which a part was open a day after they were accepted, and when to look at each again.
CREATE TABLE overdue (
    message_id BIGINT PRIMARY KEY,
    at         BIGINT NOT NULL,
    stage      BIGINT NOT NULL              -- 0 its receipts are awaited; 1 no longer, but one that comes still counts
);
CREATE INDEX overdue_at ON overdue (at);

-- Of a receipt that came early: only its id's exact text counts, and what its code means.
ALTER TABLE parked ADD COLUMN exact BIGINT NOT NULL DEFAULT 0;
ALTER TABLE parked ADD COLUMN words TEXT NOT NULL DEFAULT '';
