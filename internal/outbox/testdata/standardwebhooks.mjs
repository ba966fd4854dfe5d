// Verifies what stands on standard input, one request a line, with the npm package that is named.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, name] = process.argv.slice(2);
const { Webhook } = createRequire(folder + "/")(name);

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    const event = new Webhook(secret).verify(body, headers) ?? JSON.parse(body); // svix answers nothing
    console.log(typeof event === "object" && event.eventType === "DELIVERY" ? "ok" : "not the event: " + JSON.stringify(event));
  } catch (error) {
    console.log("refused: " + error.message);
  }
}
