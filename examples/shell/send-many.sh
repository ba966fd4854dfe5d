#!/bin/sh
# Sends one text to many recipients in one call and prints what became of each, then what credit is left.
# Usage: send-many.sh "Hello world" +393401234567 +393401234568   (plain text without quotes or backslashes)
set -eu

# The key reaches curl through a pipe, so that it never stands in the list of processes.
call() {
    printf 'header = "X-Api-Key: %s"\n' "$STAFFETTA_KEY" |
        curl --silent --show-error --fail-with-body --config - "$@"
}

text=$1
shift
destinations=$(printf ', "%s"' "$@")

# The answer has one result for each destination; a bad one does not stop the others.
call --header "Content-Type: application/json" \
    --data "{\"messages\": [{\"destinations\": [${destinations#, }], \"sender\": \"MyCompany\", \"body\": \"$text\"}]}" \
    "$STAFFETTA_URL/api/services/sms/send"
echo
call "$STAFFETTA_URL/api/services/sms/credit"
echo
