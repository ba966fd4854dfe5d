// A webhook fails; the attempts say why; mended, what had failed is told again. Beside the settings of chromium.mjs: person,
// key, hook (the URL of a receiver that is broken) and mend (where a POST mends it, and answers what it took).
import { called, check, journey, pressed, says, settings, signIn, until } from './chromium.mjs';

// took is how many events the receiver has taken.
const took = async () => Number(await (await fetch(settings.took)).text());

await journey('webhook', [
  ['a webhook', async (page) => {
    await signIn(page, settings.person);
    await page.goto('/settings/webhook');
    await page.fill('[name=url]', settings.hook);
    await pressed(page, 'Create the webhook');
    await says(page, 'whsec_');
  }],
  ['a test finds it failing', async (page) => {
    await page.goto('/settings/webhook');
    await pressed(page, 'Send a test event');
    await says(page, 'It did not arrive');
    await says(page, 'out of order');
  }],
  ['so does an event', async (page) => {
    const { status } = await called(settings.key);
    await check(page, status === 200, `the API answers ${status}`);
    await page.goto('/settings/webhook/events');
    await until(page, 'Tried again');
  }],
  ['what was answered', async (page) => {
    await page.locator('main table th a').first().click();
    await says(page, 'Attempt 1');
    await says(page, 'HTTP 500');
    await says(page, 'out of order');
  }],
  ['mended', async (page) => {
    await fetch(settings.mend, { method: 'POST' });
    await page.goto('/settings/webhook');
    await pressed(page, 'Send a test event');
    await says(page, 'It arrived');
  }],
  ['it comes through by itself', async (page) => {
    const before = await took();
    await page.goto('/settings/webhook/events');
    await until(page, 'Told', 30_000);
    await check(page, await took() > before - 1, 'the receiver has nothing');
  }],
  ['and is told again', async (page) => {
    const before = await took();
    await page.locator('main table th a').first().click();
    await pressed(page, 'Tell it again');
    for (const limit = Date.now() + 20_000; Date.now() < limit && await took() === before; await page.waitForTimeout(100));
    await check(page, await took() > before, 'it was not told again');
  }],
], { viewport: { width: 1440, height: 900 } });
