// What axe finds in every view of the site, in every colour and at every width.
import { AxeBuilder } from '@axe-core/playwright';

const GAME =
  'e6f4d3c4b3b4b5a4c3d6a5d2f6c2g3f5a2a6c6c5c1f3g2f7g6h7d1c7f8e1b2b7f1a1d7a3e2h2e3e8g8g7g5b1a8g4c8h8h5g1h3h6h1h4b8e7d8a7f2b6';
const FEATURE = 'dictionary=blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0&feature=19';

/** The views, and what is there once each is whole. */
const VIEWS = [
  ['play', `?transcript=${GAME}&ply=22`, 'ol-feature-list .option, ol-card ol-mini-board'],
  ['the question', 'features.html?label=own+c4', 'ol-answer li, ol-answer td'],
  ['the features of a dictionary', 'features.html?table=features', 'ol-data-table [role=row]'],
  ['the dictionaries', 'features.html?table=dictionaries', 'ol-data-table [role=row]'],
  ['a feature', `features.html?${FEATURE}`, 'othello-feature-page svg'],
  ['the figures', 'figures.html', 'ol-figures-view li'],
  ['a figure', 'figures.html?figure=f1', 'othello-figure .panel svg'],
  ['the guide', 'guide.html', 'ol-guide-view h1'],
];
const WIDTHS = [1280, 390, 320];
const COLOURS = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
];

/** The violations in every view that the site has, and how many times it was looked for some. */
export async function violations(browser, origin) {
  const found = [];
  let pages = 0;
  for (const colours of COLOURS) {
    const context = await browser.newContext({ ...colours, reducedMotion: 'reduce' });
    for (const [view, address, whole] of VIEWS) {
      const page = await context.newPage();
      await page.goto(`${origin}/dist/${address}${address.includes('?') ? '&' : '?'}device=cpu`);
      await page.locator(whole).first().waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 844 });
        // The view is drawn for the width.
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
        );
        for await (const part of parts(page)) {
          const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
          const { violations } = await axe.analyze();
          const where = [view, part, width, ...Object.values(colours)].join(', ');
          found.push(...violations.map(({ id, nodes }) => `${where}: ${id}, ${nodes[0].target.join(' ')}`));
          pages += 1;
        }
      }
      await page.close();
    }
    await context.close();
  }
  return { found, pages };
}

/** Opens the parts of a view that are behind tabs, one by one; a view without tabs is its own part. */
async function* parts(page) {
  const tabs = page.getByRole('tablist', { name: 'About this position' }).getByRole('tab');
  const count = await tabs.count();
  if (count === 0) yield 'all';
  for (let at = 0; at < count; at++) {
    await tabs.nth(at).click();
    yield await tabs.nth(at).innerText();
  }
}
