#!/bin/sh
# Sends one message with an API key and waits until its status is final.
# Usage: send-with-key.sh +393401234567 "Hello world"   (plain text without quotes or backslashes)
set -eu

# The key reaches curl through a pipe, so that it never stands in the list of processes.
call() {
    printf 'header = "X-Api-Key: %s"\n' "$STAFFETTA_KEY" |
        curl --silent --show-error --fail-with-body --config - "$@"
}

answer=$(call --header "Content-Type: application/json" \
    --data "{\"destination\": \"$1\", \"sender\": \"MyCompany\", \"body\": \"$2\"}" \
    "$STAFFETTA_URL/api/message-server/sms/send")
echo "$answer"

id=$(printf '%s' "$answer" | sed -n 's/.*"messageId":"\([^"]*\)".*/\1/p')
for _ in $(seq 50); do
    status=$(call "$STAFFETTA_URL/api/partner-gateway/v1/messages/status/$id?channel=SMS")
    case $status in
    *'"deliveryStatus":"SENT"'* | *'"deliveryStatus":"RECEIVED"'*) sleep 0.2 ;;
    *) break ;;
    esac
done
echo "$status"
