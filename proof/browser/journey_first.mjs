// From a server that nobody has set up to the first message that is delivered. Beside the settings of chromium.mjs: token,
// which the server printed.
import { called, check, followed, journey, pressed, says, settings, shownKey, until } from './chromium.mjs';

let key = '';
await journey('first', [
  ['the first page leads to the set-up', async (page) => {
    await page.goto('/');
    await check(page, new URL(page.url()).pathname === '/setup', 'it does not');
  }],
  ['a wrong token is refused', async (page) => {
    await page.fill('[name=token]', 'made-up');
    await page.fill('[name=email]', 'ada@example.com');
    await page.fill('[name=password]', 'correct-horse-battery');
    await pressed(page, 'Set up');
    await check(page, new URL(page.url()).pathname === '/setup', 'it is taken');
    page.wrongs = page.wrongs.filter((w) => !/status of 4\d\d/.test(w));
  }],
  ['set up', async (page) => {
    await page.fill('[name=token]', settings.token);
    await page.fill('[name=password]', 'correct-horse-battery');
    await pressed(page, 'Set up');
    await says(page, 'The console is set up.');
  }],
  ['a carrier to practise with', async (page) => {
    await page.goto('/operator/carriers');
    await page.fill('[name=name]', 'practice');
    await page.selectOption('[name=kind]', 'practice');
    await page.check('[name=default]');
    await pressed(page, 'Add the carrier');
    await says(page, 'practice');
  }],
  ['an account', async (page) => {
    await page.goto('/operator/accounts');
    await page.fill('[name=name]', 'acme');
    await page.fill('[name=credit]', '10');
    await pressed(page, 'Make the account');
    await says(page, 'This is shown once.');
  }],
  ['work in the account', async (page) => {
    await followed(page, { role: 'button', text: 'To the account' });
    await pressed(page, 'Sign in as this account');
    await says(page, 'You work in the account acme as an operator.');
  }],
  ['a key', async (page) => {
    await page.goto('/settings/keys/new');
    await page.fill('[name=name]', 'first program');
    await pressed(page, 'Create the key');
    key = await shownKey(page);
    await says(page, 'Send a first message');
  }],
  ['the key sends', async (page) => {
    const { status, answer } = await called(key);
    await check(page, status === 200 && answer.results.sms.accepted, `the API answers ${status} ${JSON.stringify(answer)}`);
    await page.goto(`/messages/${answer.messageId}`);
    await until(page, 'Delivered');
  }],
  ['and so does the page', async (page) => {
    await page.goto('/send');
    await page.fill('[name=sender]', 'MyCompany');
    await page.getByText('Test numbers of the practice carrier').click();
    await page.getByRole('button', { name: '+393401234508' }).click();
    await page.waitForFunction(() => document.querySelector('[name=recipients]').value === '+393401234508');
    await page.fill('[name=body]', 'The first message');
    await pressed(page, 'Send');
    await says(page, 'The message is accepted');
    await page.getByRole('link', { name: /^Follow/ }).click();
    await until(page, 'Delivered');
  }],
], { viewport: { width: 1440, height: 900 } });
