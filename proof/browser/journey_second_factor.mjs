// Turns on a second factor, signs in with it, and with a recovery code. Beside the settings of chromium.mjs: person.
import { createHmac } from 'node:crypto';
import { check, journey, pressed, says, settings } from './chromium.mjs';

// codeOf is the code of RFC 6238 that an app on a telephone would show now.
function codeOf(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/[^A-Z2-7]/g, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// enter fills in the form to sign in.
async function enter(page) {
  await page.fill('[name=email]', settings.person.email);
  await page.fill('[name=password]', settings.person.password);
  await pressed(page, 'Sign in');
}

let recovery = [];
await journey('second-factor', [
  ['a page leads to the sign-in, and that back to the page', async (page) => {
    await page.goto('/me');
    await check(page, new URL(page.url()).pathname === '/login', 'nobody has signed in');
    await enter(page);
    await check(page, new URL(page.url()).pathname === '/me', 'it does not lead back');
  }],
  ['turn it on', async (page) => {
    await pressed(page, 'Turn on');
    await page.locator('main img').first().waitFor();
  }],
  ['confirm it', async (page) => {
    const secret = (await page.locator('main').innerText()).match(/\b(?:[A-Z2-7]{4} ?){4,}\b/)[0];
    await page.fill('[name=code]', codeOf(secret));
    await pressed(page, 'Turn on');
    recovery = (await page.locator('main').innerText()).match(/\b[a-z0-9]{4,}(?:-[a-z0-9]{4,})+\b/gi) ?? [];
    await check(page, recovery.length >= 8, 'no recovery codes are shown');
  }],
  ['sign in with a recovery code', async (page) => {
    await page.goto('/me');
    await pressed(page, 'Sign out', '.side');
    await enter(page);
    await check(page, new URL(page.url()).pathname === '/login/code', 'the second factor is not asked for');
  }],
  ['a wrong code is refused', async (page) => {
    await page.fill('[name=code]', '000000');
    await pressed(page, 'Go on');
    await check(page, await page.getByRole('alert').count() === 1, 'nothing says that the code is wrong');
    page.wrongs = page.wrongs.filter((w) => !/status of 4\d\d/.test(w));
  }],
  ['the recovery code lets in, once', async (page) => {
    await page.fill('[name=code]', recovery[0]);
    await pressed(page, 'Go on');
    await page.goto('/me');
    await says(page, `Recovery codes left: ${recovery.length - 1}.`);
  }],
], { viewport: { width: 1440, height: 900 } });
