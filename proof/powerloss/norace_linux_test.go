//go:build !race

package powerloss

// sqliteCuts is how often each mode is tried.
const sqliteCuts = 6
