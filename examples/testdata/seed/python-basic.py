import requests
response = requests.post(
"https://lora-api.agiletelecom.com/api/message-server/sms/send",
auth=("username", "password"),
headers={
"Content-Type": "application/json",
},
json={
"destination": "+393401234567",
"sender": "MyCompany",
"body": "Hello world",
},
)
print(response.json())
