//go:build race

package powerloss

// sqliteCuts is how often each mode is tried; SQLite under the race detector takes 20 times as long.
const sqliteCuts = 2
