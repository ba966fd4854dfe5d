// Package directory is the view in memory of what changes seldom: accounts, users, keys, prices, carriers.
//
// What comes in: the rows that changed since the last time, from a Source. What goes out: immutable snapshots,
// found without touching the database. It never writes, and it never hands out something that still changes:
// a changed row becomes a new snapshot, whoever holds the old one keeps reading the old one.
package directory
