// Makes the pictures of the built page that the README shows: `npm run screenshot -w www`.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import sirv from 'sirv';

const root = path.resolve(import.meta.dirname, '..');
const { CHROME_PATH = '/usr/bin/chromium' } = process.env;

/** What is shown of each view, and what is there once it is all there. */
const VIEWS = [
  { name: 'player', address: '?device=cpu', there: (page) => page.getByText(/raises [a-h]\d/) },
  {
    name: 'features',
    address: 'features.html?device=cpu&label=own+c4',
    there: (page) => page.locator('ol-features-view svg').first(),
  },
  {
    name: 'figures',
    address: 'figures.html?device=cpu&figure=f1',
    there: (page) => page.locator('othello-figure svg').first(),
  },
];

const server = createServer(sirv(path.join(root, 'dist'), { dev: true }));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath: CHROME_PATH });
try {
  await mkdir(path.join(root, 'docs'), { recursive: true });
  for (const { name, address, there } of VIEWS) {
    for (const [suffix, colorScheme] of [
      ['', 'light'],
      ['-dark', 'dark'],
    ]) {
      const page = await browser.newPage({
        viewport: { width: 1280, height: 966 },
        colorScheme,
        reducedMotion: 'reduce',
      });
      await page.goto(`http://127.0.0.1:${server.address().port}/${address}`);
      await page.waitForFunction(() => performance.getEntriesByName('live').length > 0);
      await there(page).waitFor();
      // The page has come to rest.
      await page.waitForFunction(() => {
        const rest = (root) =>
          root.getAnimations().length === 0 &&
          [...root.querySelectorAll('*')].every(({ shadowRoot }) => !shadowRoot || rest(shadowRoot));
        return rest(document);
      });
      await page.screenshot({ path: path.join(root, 'docs', `${name}${suffix}.png`) });
      await page.close();
    }
  }
} finally {
  await browser.close();
  server.close();
}
