// Somebody locks out their own programs by the allow-list, after a warning, and lets them in again. Beside the settings of
// chromium.mjs: person, key.
import { called, check, journey, pressed, says, settings, signIn } from './chromium.mjs';

await journey('lockout', [
  ['a list without the own address', async (page) => {
    await signIn(page, settings.person);
    await page.goto('/settings/security');
    await page.locator('main form').filter({ has: page.locator('[name=note]') }).locator('[name=cidr]').fill('203.0.113.0/24');
    await page.fill('[name=note]', 'office');
    await pressed(page, 'Add');
    await says(page, '203.0.113.0/24');
  }],
  ['would an address get in?', async (page) => {
    await page.fill('[name=address]', '203.0.113.9');
    await pressed(page, 'Try');
    await says(page, 'would get in with right credentials');
  }],
  ['turning it on warns', async (page) => {
    await pressed(page, 'Turn the list on');
    await says(page, 'This would shut out your own address');
    await check(page, (await called(settings.key)).status === 200, 'it is on already');
    page.wrongs = page.wrongs.filter((w) => !/status of 409/.test(w));
  }],
  ['locked out', async (page) => {
    await pressed(page, 'Do it nevertheless');
    const { status } = await called(settings.key);
    await check(page, status === 403, `the API answers ${status}`);
  }],
  ['the refusal is seen', async (page) => {
    await page.goto('/settings/security');
    for (const limit = Date.now() + 20_000; Date.now() < limit; await page.waitForTimeout(300)) {
      if (await page.getByRole('button', { name: 'Allow 127.0.0.1' }).count()) break;
      await page.reload();
    }
    await says(page, 'You are at 127.0.0.1, which is not on the list.');
  }],
  ['and back', async (page) => {
    await pressed(page, 'Allow 127.0.0.1');
    const { status } = await called(settings.key);
    await check(page, status === 200, `the API answers ${status}`);
  }],
], { viewport: { width: 1440, height: 900 } });
