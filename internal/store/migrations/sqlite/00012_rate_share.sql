-- +goose Up

-- Only processes that share a database divide the limits of keys; a data folder has one process.
SELECT 1;
