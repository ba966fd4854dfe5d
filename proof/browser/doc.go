// Package browser holds the proof of the console as people see it: Debian's Chromium, driven by playwright-core, against
// the real program, judged by axe-core.
//
// What comes in: the binary, built from this checkout (or the one that STAFFETTA_BINARY names), and the table of what is
// looked at (plan_test.go). What goes out: tests that fail when a page has a violation of WCAG 2.2 AA, an error in the
// browser's console, a request that fails, a scroll bar across, or more than 150 KB; and journeys from page to page. The
// time until the first paint is reported, never judged: the machine may be busy. STAFFETTA_SCREENSHOTS names a folder that
// keeps a picture of every page. It never leaves this machine, and `go test -short` leaves it out.
package browser
