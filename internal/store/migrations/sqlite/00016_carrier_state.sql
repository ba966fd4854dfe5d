-- +goose Up

-- What an operator has told a carrier to do: 0 to work, 1 to take nothing new, 2 to rest.
ALTER TABLE carrier ADD COLUMN state INTEGER NOT NULL DEFAULT 0;

-- Routes that lead to a carrier that was removed lead nowhere.
UPDATE route SET removed = 1 WHERE removed = 0 AND carrier_id IN (SELECT id FROM carrier WHERE removed = 1);
