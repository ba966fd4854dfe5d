#!/bin/sh
# Runs every fuzz target of some packages (default: of the module), each for the given time; stops at the first failure.
# An input that is new is made smaller in ten steps at most, which otherwise eats most of the time.
set -eu
time=${1:?how long, such as 60s, then packages}
shift
[ $# -gt 0 ] || set -- ./...
go=${GO:-go}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' INT TERM

# Go ends a run now and then with this error when its time is over while a worker is busy; no input has failed then.
out_of_time() {
	grep -q '^ *context deadline exceeded$' "$log" && ! grep -q 'Failing input' "$log"
}

packages=$($go list "$@")
for package in $packages; do
	targets=$($go test -list '^Fuzz' "$package") || {
		echo "$targets" >&2
		exit 1
	}
	for target in $(echo "$targets" | grep '^Fuzz' || true); do
		echo "== $package $target"
		if ! $go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "$package" >"$log" 2>&1 && ! out_of_time; then
			cat "$log" >&2
			exit 1
		fi
		grep '^fuzz: elapsed' "$log" | tail -n 1
	done
done
