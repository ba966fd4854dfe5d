// Package console is the web console: the door for people who look with a browser.
//
// What comes in: requests of people who have signed in, with a role in one account, or as operators of the platform.
// What goes out: calls of the same packages that serve the API and the commands (intake, status, settings, outbox,
// optout, export, admin), and HTML pages. Read routes.go first: it holds every path and the action it needs;
// permissions.go says which role may do what; then frame.go, through which every request passes.
//
// Pages are complete without JavaScript; htmx and console.js only spare reloads. The package never touches the store, and
// trusts no account, role or id that a form names: the account is the session's, and what belongs to another is not found.
// It writes no path, query or form into a log, because one-time links are in them.
package console
