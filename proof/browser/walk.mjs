// Walks pages and says what is wrong with each. Beside the settings of chromium.mjs: walks, an array of {name, person (an
// email and a password, or null: nobody is signed in), locale (of the browser; empty: British), pages: [{name, path, leads,
// views: [{theme, width}], status}]}. For each page one line: {walk, page, bytes, paint, wrongs}.
import { launch, open, overflow, picture, report, settings, settle, signIn, violations } from './chromium.mjs';

const heights = { 390: 844, 1440: 900 };

// visit loads a page with nothing in the cache, and looks at it in each of its views.
async function visit(page, network, walk, target) {
  page.wrongs.length = 0;
  network.bytes = 0;
  const wrongs = [];
  const [first] = target.views;
  await look(page, first);
  const response = await page.goto(target.path, { waitUntil: 'load' });
  await settle(page);
  if (response.status() !== (target.status ?? 200)) wrongs.push(`answers ${response.status()}`);
  const landed = new URL(page.url());
  if (landed.pathname + landed.search !== target.path && !target.leads) wrongs.push(`leads to ${landed.pathname}${landed.search}`);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null);
  const bytes = network.bytes;
  for (const view of target.views) {
    const at = `${view.theme} ${view.width}`;
    await look(page, view);
    const wide = await overflow(page);
    if (wide) wrongs.push(`${at}: scrolls across, ${wide}`);
    wrongs.push(...(await violations(page)).map((v) => `${at}: ${v}`));
    await picture(page, `${target.name}-${walk.name}-${view.theme}-${view.width}`);
  }
  const expected = (target.status ?? 200) >= 400 ? (w) => !w.includes(`status of ${target.status}`) : () => true;
  report({ walk: walk.name, page: target.name, bytes, paint, wrongs: [...wrongs, ...page.wrongs.filter(expected)] });
}

async function look(page, view) {
  await page.emulateMedia({ colorScheme: view.theme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width: view.width, height: heights[view.width] ?? 900 });
}

async function walkAll(browser, walk) {
  const page = await open(browser, walk.locale ? { locale: walk.locale } : {});
  try {
    if (walk.person) await signIn(page, walk.person);
    const network = { bytes: 0 };
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    session.on('Network.loadingFinished', (e) => { network.bytes += e.encodedDataLength; });
    for (const target of walk.pages) {
      try {
        await visit(page, network, walk, target);
      } catch (e) {
        report({ walk: walk.name, page: target.name, wrongs: [`cannot be looked at: ${e.message}`] });
      }
    }
  } finally {
    await page.context().close();
  }
}

// Two walks at a time: one waits for the server while the other is painted.
const browser = await launch();
try {
  const waiting = [...settings.walks];
  const next = async () => {
    for (let walk = waiting.shift(); walk; walk = waiting.shift()) await walkAll(browser, walk);
  };
  await Promise.all([next(), next()]);
} finally {
  await browser.close();
}
