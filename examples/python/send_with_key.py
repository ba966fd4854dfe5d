"""Sends one message with an API key and waits until its status is final.

Usage: python3 send_with_key.py +393401234567 "Hello world"
"""
import json
import os
import sys
import time

import requests

url = os.environ["STAFFETTA_URL"]
session = requests.Session()
session.headers["X-Api-Key"] = os.environ["STAFFETTA_KEY"]

answer = session.post(
    url + "/api/message-server/sms/send",
    json={"destination": sys.argv[1], "sender": "MyCompany", "body": sys.argv[2]},
    timeout=10,
)
answer.raise_for_status()
sent = answer.json()
print(json.dumps(sent))

for _ in range(50):
    answer = session.get(
        url + "/api/partner-gateway/v1/messages/status/" + sent["messageId"],
        params={"channel": "SMS"},
        timeout=10,
    )
    answer.raise_for_status()
    status = answer.json()
    if status["deliveryStatus"] not in ("SENT", "RECEIVED"):
        break
    time.sleep(0.2)
print(json.dumps(status))
