// An SMSC on the npm package "smpp", for the peer test. Its argument is the folder with that package. It prints one
// JSON value on each line: first its port, then every PDU that it got.
import { createRequire } from 'node:module';
import path from 'node:path';

const smpp = createRequire(path.join(process.argv[2], 'package.json'))('smpp');
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const text = (message) => (Buffer.isBuffer(message) ? message.toString('hex') : message);
let last = 0;

function receipt(session, pdu, id) {
  session.deliver_sm({
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi, source_addr: pdu.destination_addr,
    dest_addr_ton: pdu.source_addr_ton, dest_addr_npi: pdu.source_addr_npi, destination_addr: pdu.source_addr,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:`,
    receipted_message_id: id,
    message_state: smpp.MESSAGE_STATE.DELIVERED,
  });
}

const server = smpp.createServer((session) => {
  session.on('error', (error) => say({ error: String(error) }));
  session.on('pdu', (pdu) => {
    say({
      command: pdu.command, status: pdu.command_status, system_id: pdu.system_id, password: pdu.password,
      source: pdu.source_addr, destination: pdu.destination_addr, data_coding: pdu.data_coding, esm_class: pdu.esm_class,
      registered_delivery: pdu.registered_delivery, validity_period: pdu.validity_period,
      text: pdu.short_message && text(pdu.short_message.message),
    });
    if (pdu.command === 'submit_sm') {
      const id = `node-${++last}`;
      session.send(pdu.response({ message_id: id }));
      receipt(session, pdu, id);
      return;
    }
    if (!pdu.isResponse()) {
      session.send(pdu.response());
    }
    if (pdu.command === 'unbind') {
      session.close();
    }
  });
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
