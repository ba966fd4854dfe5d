// Sends one message with an API key and waits until its status is final.
// Usage: node send-with-key.mjs +393401234567 "Hello world"
const { STAFFETTA_URL, STAFFETTA_KEY } = process.env;
const headers = { "X-Api-Key": STAFFETTA_KEY, "Content-Type": "application/json" };

async function call(path, options) {
  const response = await fetch(STAFFETTA_URL + path, { headers, ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

const [destination, body] = process.argv.slice(2);
const sent = await call("/api/message-server/sms/send", {
  method: "POST",
  body: JSON.stringify({ destination, sender: "MyCompany", body }),
});
console.log(JSON.stringify(sent));

let status;
for (let tries = 0; tries < 50; tries++) {
  status = await call(`/api/partner-gateway/v1/messages/status/${sent.messageId}?channel=SMS`);
  if (!["SENT", "RECEIVED"].includes(status.deliveryStatus)) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
console.log(JSON.stringify(status));
