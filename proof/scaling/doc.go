// Command scaling is a simulation of many nodes on one or more PostgreSQL databases, with costs that were measured on
// one machine: docs/scaling.md says what it is for and what it leaves out.
//
// What comes in: the costs in inputs.go and the scenarios in scenario.go. What goes out: tables of utilisation and of how
// long accepting takes. It is a calculation: it opens no socket, reads no clock, and prints the same for the same seed.
package main
