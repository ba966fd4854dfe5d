// Signs in and sends a message with the keyboard alone. Beside the settings of chromium.mjs: person.
import { check, journey, says, settings } from './chromium.mjs';

// focused is what has the focus, and whether that can be seen.
const focused = (page) => page.evaluate(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return {
    tag: e.tagName, name: e.name || '', text: (e.innerText || e.value || '').trim(), href: e.getAttribute('href') || '',
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none',
  };
});

// tabTo presses Tab until the focus is where it should be. On its way everything that has the focus shows it.
async function tabTo(page, what, is) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (at.tag !== 'BODY') await check(page, at.seen, `the focus cannot be seen on ${at.tag} ${at.name} ${at.text}`);
    if (is(at)) return;
  }
  await check(page, false, `no way with Tab to ${what}`);
}

await journey('keyboard', [
  ['sign in', async (page) => {
    await page.goto('/login');
    await check(page, (await focused(page)).name === 'email', 'the focus does not begin in the email');
    await page.keyboard.type(settings.person.email);
    await tabTo(page, 'the password', (at) => at.name === 'password');
    await page.keyboard.type(settings.person.password);
    await Promise.all([page.waitForURL('/'), page.keyboard.press('Enter')]);
  }],
  ['skip the menu', async (page) => {
    await page.keyboard.press('Tab');
    await check(page, (await focused(page)).href === '#main', 'the first stop does not lead to the content');
    await page.keyboard.press('Enter');
    await check(page, await page.evaluate(() => document.activeElement.id) === 'main', 'the content has not got the focus');
  }],
  ['go to Send', async (page) => {
    await page.goto('/');
    await tabTo(page, 'Send', (at) => at.href === '/send');
    await Promise.all([page.waitForURL('/send'), page.keyboard.press('Enter')]);
  }],
  ['write', async (page) => {
    for (const [name, text] of [['sender', 'MyCompany'], ['recipients', '+393401234567'], ['body', 'By keyboard, l’amica']]) {
      await tabTo(page, name, (at) => at.name === name);
      await page.keyboard.type(text);
    }
    await says(page, 'What forces Unicode');
    await tabTo(page, 'Replace all', (at) => at.text === 'Replace all');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('[name=body]').value === "By keyboard, l'amica");
    await page.waitForFunction(() => document.activeElement.name === 'body');
  }],
  ['send', async (page) => {
    await tabTo(page, 'Send', (at) => at.tag === 'BUTTON' && at.text === 'Send');
    await page.keyboard.press('Enter');
    await says(page, 'The message is accepted');
  }],
], { viewport: { width: 1440, height: 900 } });
