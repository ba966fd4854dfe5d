// A customer on the npm package "smpp", for the peer tests: binds as a transceiver, sends what it knows to send, waits
// for the receipts and a message from a handset, and unbinds. Arguments: the folder with that package, the port,
// system_id and password, and for TLS the file of its authority. It prints one JSON value on each line.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [folder, port, system_id, password, ca] = process.argv.slice(2);
const smpp = createRequire(path.join(folder, 'package.json'))('smpp');
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const fail = (error) => { say({ error: String(error) }); process.exit(1); };
const later = '000000020000000R'; // in two hours

const session = smpp.connect(ca
  ? { url: `ssmpp://127.0.0.1:${port}`, ca: readFileSync(ca) }
  : { url: `smpp://127.0.0.1:${port}` });
session.on('error', fail);
session.on('close', () => process.exit(0));

const ask = (command, fields) => new Promise((answered) => session[command](fields, (pdu) => {
  say({
    command: pdu.command, status: pdu.command_status, message_id: pdu.message_id, state: pdu.message_state,
    unsuccess: pdu.unsuccess_sme && pdu.unsuccess_sme.length,
  });
  answered(pdu);
}));

const sender = { source_addr_ton: 5, source_addr_npi: 0, source_addr: 'MyCompany', registered_delivery: 1 };
const to = (n) => ({ ...sender, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: `3934012345${n}` });

const sent = new Set();
const told = new Set(); // a receipt may be handled before its submit_sm_resp
let heard = 0; // messages from handsets
let allSent = false;
session.on('deliver_sm', (pdu) => {
  session.send(pdu.response());
  say({
    command: 'deliver_sm', esm_class: pdu.esm_class, source: pdu.source_addr, destination: pdu.destination_addr,
    text: pdu.short_message.message, message_id: pdu.receipted_message_id, state: pdu.message_state,
  });
  if (pdu.esm_class & 4) {
    told.add(pdu.receipted_message_id);
  } else {
    heard++;
  }
  end();
});
session.on('enquire_link', (pdu) => session.send(pdu.response()));

function end() {
  if (allSent && heard > 0 && [...sent].every((id) => told.has(id))) {
    session.unbind((pdu) => { say({ command: pdu.command, status: pdu.command_status }); session.close(); });
  }
}

async function send(fields) {
  const pdu = await ask('submit_sm', fields);
  if (pdu.command_status === 0 && fields.registered_delivery === 1) {
    sent.add(pdu.message_id);
  }
  return pdu.message_id;
}

session.on(ca ? 'secureConnect' : 'connect', async () => {
  const bound = await ask('bind_transceiver', { system_id, password });
  if (bound.command_status !== 0) {
    fail('bind');
  }
  await send({ ...to(10), short_message: 'Ciao € @ {}' });
  await send({ ...to(11), short_message: 'привет 😀' });
  const header = (part) => Buffer.from([5, 0, 3, 0x2a, 2, part]);
  await send({ ...to(12), short_message: { udh: header(1), message: 'a'.repeat(153) } });
  await send({ ...to(12), short_message: { udh: header(2), message: 'the end' } });
  await send({ ...to(13), short_message: '', message_payload: 'p'.repeat(170) });
  const held = await send({ ...to(14), registered_delivery: 0, schedule_delivery_time: later, short_message: 'later' });
  const replace = { message_id: held, source_addr_ton: 5, source_addr_npi: 0, source_addr: 'MyCompany' };
  await ask('query_sm', replace);
  await ask('replace_sm', { ...replace, schedule_delivery_time: later, short_message: 'later, otherwise' });
  await ask('cancel_sm', { ...replace, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '393401234514' });
  await ask('query_sm', replace);
  await ask('enquire_link', {});
  await send({ ...to(15), destination_addr: 'nobody', short_message: 'x' });
  allSent = true;
  end();
});
