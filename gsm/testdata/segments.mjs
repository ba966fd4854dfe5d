// Counts segments with npm sms-segments-calculator, for peer_test.go.
// Argument: the folder that holds node_modules. Standard input: one JSON string a line. Standard output: for each, one
// JSON array a line: encoding, units without headers, segments, and the UTF-16 length of each grapheme.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(join(process.argv[2], 'index.js'));
const { SegmentedMessage } = require('sms-segments-calculator');

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of lines) {
  const message = new SegmentedMessage(JSON.parse(line), 'auto', false);
  const unit = message.encodingName === 'GSM-7' ? 7 : 16;
  process.stdout.write(JSON.stringify([
    message.encodingName,
    message.messageSize / unit,
    message.segmentsCount,
    message.graphemes.map((grapheme) => grapheme.length),
  ]) + '\n');
}
