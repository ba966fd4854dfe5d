// What the scripts here share: the settings on standard input, the browser, a page that notes what goes wrong on it,
// signing in, and lines of JSON for the Go test.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

// settings are one JSON object: base, chromium, playwright and axe (folders that hold node_modules), screenshots (a
// folder, or empty), and what the script itself needs.
export const settings = JSON.parse(readFileSync(0, 'utf8'));

const from = (folder) => createRequire(join(folder, 'index.js'));
const { chromium } = from(settings.playwright)('playwright-core');
export const axeSource = readFileSync(from(settings.axe).resolve('axe-core/axe.min.js'), 'utf8');

// report writes one line for the Go test.
export const report = (line) => process.stdout.write(JSON.stringify(line) + '\n');

// launch starts the only browser of a script.
export const launch = () => chromium.launch({
  executablePath: settings.chromium,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--lang=en'],
});

// open makes a page of its own session. What goes wrong on it is collected in page.wrongs, from whatever document.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Rome', baseURL: settings.base, ...options });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => {
      console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI || 'inline'} ${e.sample || ''}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.wrongs = [];
  page.on('console', (m) => { if (m.type() === 'error') page.wrongs.push(`console: ${m.text()}`); });
  page.on('pageerror', (e) => page.wrongs.push(`script: ${e.message}`));
  page.on('requestfailed', (r) => {
    // A stream of events, and what a new page no longer needs, ends so: nothing is missing on the page that is shown.
    if (r.failure()?.errorText !== 'net::ERR_ABORTED') page.wrongs.push(`request: ${r.url()} ${r.failure()?.errorText}`);
  });
  page.on('response', (r) => {
    if (r.status() >= 400 && r.request().resourceType() !== 'document') page.wrongs.push(`request: ${r.url()} ${r.status()}`);
  });
  return page;
}

// settle waits until htmx has put in what it asked for.
export async function settle(page) {
  await page.waitForFunction(() => document.readyState === 'complete' && !document.querySelector('.htmx-request, .htmx-settling'));
}

// violations asks axe-core for what breaks WCAG 2.2 AA on the page as it is shown now, in words.
export async function violations(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'],
    resultTypes: ['violations'],
  }));
  return found.violations.flatMap((v) => v.nodes.slice(0, 4).map((n) => {
    const why = n.failureSummary.split('\n').slice(1).join(' ').trim();
    return `${v.id}: ${n.target.join(' ')}: ${why}`;
  }));
}

// overflow names what is wider than the window; empty: nothing.
export async function overflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return '';
    const wide = [...document.querySelectorAll('body *')].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width > 0 && box.right > root.clientWidth + 1;
    });
    const names = wide.slice(0, 4).map((e) => e.tagName.toLowerCase() + (e.id ? `#${e.id}` : '') + (e.classList.length ? `.${[...e.classList].join('.')}` : ''));
    return `${root.scrollWidth} px in a window of ${root.clientWidth}: ${names.join(', ')}`;
  });
}

// picture keeps what is shown, the page as far as somebody would scroll, when a folder is named.
export async function picture(page, name) {
  if (!settings.screenshots) return;
  await mkdir(settings.screenshots, { recursive: true });
  const { width } = page.viewportSize();
  const height = Math.min(4000, await page.evaluate(() => document.documentElement.scrollHeight));
  await page.screenshot({ path: join(settings.screenshots, `${name}.png`), fullPage: true, animations: 'disabled', clip: { x: 0, y: 0, width, height } });
}

// signIn signs in with the form, and leaves the page where the console leads.
export async function signIn(page, person) {
  await page.goto('/login');
  await page.fill('[name=email]', person.email);
  await page.fill('[name=password]', person.password);
  await Promise.all([page.waitForURL((u) => !u.pathname.startsWith('/login')), page.click('main form button:not([type=button])')]);
}

// check fails a journey, saying where it was.
export async function check(page, ok, what) {
  if (!ok) {
    await picture(page, `failed-${settings.journey}`);
    const words = await page.evaluate(() => document.querySelector('main')?.innerText.slice(0, 1500));
    throw new Error(`${what}\nat ${page.url()}\n${words}`);
  }
}

// says waits until the page says something.
export async function says(page, text) {
  try {
    await page.locator('main').getByText(text).first().waitFor({ timeout: 15_000 });
  } catch {
    await check(page, false, `the page does not say ${text}`);
  }
}

// pressed presses a button by its name, within a part of the page when one is named, and waits for the next page.
export async function pressed(page, name, within = 'main') {
  const button = page.locator(within).getByRole('button', { name, exact: true }).first();
  await Promise.all([page.waitForEvent('load'), button.click()]);
  await settle(page);
}

// journey runs steps one after the other in one browser. Nothing may go wrong on the pages beside what a step expects.
export async function journey(name, steps, options) {
  settings.journey = name;
  const browser = await launch();
  try {
    const page = await open(browser, options);
    let number = 0;
    for (const [what, step] of steps) {
      try {
        await step(page);
        page.wrongs.push(...await violations(page));
        const wide = await overflow(page);
        if (wide) page.wrongs.push(wide);
        await picture(page, `journey-${name}-${++number}`);
        if (page.wrongs.length) throw new Error(page.wrongs.join('\n'));
      } catch (e) {
        throw new Error(`${name}, ${what}: ${e.message}`);
      }
      report({ step: what });
    }
  } finally {
    await browser.close();
  }
}

// followed follows a link by its name, within a part of the page when one is named.
export async function followed(page, name, within = 'main') {
  const link = page.locator(within).getByRole(name.role ?? 'link', { name: name.text ?? name, exact: true }).first();
  await Promise.all([page.waitForEvent('load'), link.click()]);
  await settle(page);
}

// until loads a page again until it says something: a badge, to the letter.
export async function until(page, text, patience = 20_000) {
  for (const limit = Date.now() + patience; Date.now() < limit; await page.waitForTimeout(200)) {
    if (await page.locator('main').getByText(text, { exact: true }).count() > 0) return;
    await page.reload();
  }
  await check(page, false, `the page does not come to say ${text}`);
}

// called sends a message by the API with a key, and answers the status.
export async function called(key, fields = {}) {
  const response = await fetch(`${settings.base}/api/message-server/sms/send`, {
    method: 'POST',
    headers: { 'X-Api-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ destination: '+393401234567', sender: 'MyCompany', body: 'By the API', ...fields }),
  });
  return { status: response.status, answer: await response.json() };
}

// shownKey is the key that a page shows this once.
export async function shownKey(page) {
  const key = (await page.locator('main').innerText()).match(/stf_live_\w+/)?.[0];
  await check(page, key, 'no key is shown');
  return key;
}
