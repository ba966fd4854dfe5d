#!/bin/sh
# Has a million messages wait, lets a carrier come and go for half an hour, then runs the tests of crashes and power loss
# again and again for some minutes, each time at other random moments; stops at the first failure. A test that cannot run
# is a failure. What a power cut leaves follows from the seed: a failure prints "-seed N", and
# `go test -run 'TestPowerLoss$' ./proof/powerloss -args -cuts C -seed N` tries it again.
set -eu
minutes=${1:?how many minutes}
cuts=${2:?how many power cuts in each round}
count=${3:?how often each crash test in each round}
soak=${4:-30m}
go=${GO:-go}
round=0
CI=true $go run ./proof/backlog
CI=true $go test -count 1 -timeout 3h -run '^TestField_memory_grows$' ./proof -args -soak "$soak"
end=$(($(date +%s) + minutes * 60))
while [ "$round" -eq 0 ] || [ "$(date +%s)" -lt "$end" ]; do
	round=$((round + 1))
	echo "== round $round"
	CI=true $go test -count "$count" -timeout 2h -run '^(TestField_lost_on_crash|TestField_lost_on_crash_hold|TestSigterm)$' ./proof
	CI=true $go test -count 1 -timeout 2h -run '^(TestField_lost_on_crash_postgres|TestSigtermOnDatabase|TestNode.*|TestDatabase.*)$' ./proof
	CI=true $go test -count 1 -timeout 2h -run '^(TestPowerLoss|TestPowerLossAtTheFirstStart)$' ./proof/powerloss -args -cuts "$cuts" -seed 0
done
