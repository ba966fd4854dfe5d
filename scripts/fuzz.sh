#!/bin/sh
# Runs every fuzz target of the module, each for the given time; stops at the first that fails.
set -eu
time=${1:?how long, such as 60s}
go=${GO:-go}
for package in $($go list ./...); do
	for target in $($go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		$go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
	done
done
