curl -X POST "https://lora-api.agiletelecom.com/api/message-server/sms/send" \
-H "Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ=" \
-H "Content-Type: application/json" \
-d '{
"destination": "+393401234567",
"sender": "MyCompany",
"body": "Hello world"
}'
