-- +goose Up

-- How an event reaches its account: 0 by webhook, 1 by deliver_sm. Each way has a queue of its own.
ALTER TABLE event ADD COLUMN way BIGINT NOT NULL DEFAULT 0;
DROP INDEX event_due;
CREATE INDEX event_due ON event (way, account_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX event_message ON event (message_id) WHERE way = 1; -- for who asks about one message

ALTER TABLE attempt ADD COLUMN receiver TEXT NOT NULL DEFAULT ''; -- way 1: system_id and address of the session
