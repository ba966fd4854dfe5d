// Package route chooses by which carrier a message goes.
//
// What comes in: who sends what to whom, the routes, and how carriers do: whether they are bound, what they refuse, what
// of theirs is delivered. What goes out: a carrier, the next one when that refuses everything, and the reasons, in words.
//
// It stores nothing and sends nothing. How carriers do is what this process has seen in the last minutes.
package route
