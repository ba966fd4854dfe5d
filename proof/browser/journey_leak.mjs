// A key has leaked: it gets another value, and the old one lets nobody in. Beside the settings of chromium.mjs: person, key.
import { called, check, followed, journey, pressed, says, settings, shownKey, signIn } from './chromium.mjs';

let fresh = '';
await journey('leak', [
  ['the key works', async (page) => {
    await signIn(page, settings.person);
    await check(page, (await called(settings.key)).status === 200, 'it does not');
  }],
  ['make a new value', async (page) => {
    await page.goto('/settings/keys');
    await page.locator('main table a').first().click();
    await says(page, 'Regenerate');
    await pressed(page, 'Make a new value');
    fresh = await shownKey(page);
  }],
  ['the old value is refused, the new one works', async (page) => {
    await check(page, fresh !== settings.key, 'the value is the old one');
    const { status } = await called(settings.key);
    await check(page, status === 401, `the old value is answered ${status}`);
    await check(page, (await called(fresh)).status === 200, 'the new value does not work');
  }],
  ['the value is not shown again', async (page) => {
    await followed(page, { role: 'button', text: 'I have copied it' });
    await check(page, !(await page.content()).includes(fresh), 'it is');
  }],
  ['who still uses the old one is seen', async (page) => {
    await page.goto('/settings/security');
    await says(page, 'Recent refusals');
  }],
  ['the audit log has it', async (page) => {
    await page.goto('/settings/audit');
    await says(page, 'key regenerate');
    await says(page, settings.person.email);
  }],
], { viewport: { width: 1440, height: 900 } });
