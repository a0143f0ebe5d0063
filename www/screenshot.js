// Makes the pictures of the built page that the README shows: `npm run screenshot -w www`.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';
import sirv from 'sirv';

const root = path.resolve(import.meta.dirname, '..');
const { CHROME_PATH = '/usr/bin/chromium' } = process.env;
/** A game from the middle on: legal and illegal expectations, a feature pinned. */
const VIEW =
  '?transcript=e6f4d3c4b3b4b5a4c3d6a5d2f6c2g3f5a2a6c6c5c1f3g2f7g6h7d1c7f8e1b2b7f1a1d7a3e2h2e3e8g8g7g5b1a8g4c8h8h5g1h3h6h1h4b8e7d8a7f2b6&ply=22&sae=blocks.1.hook_resid_post-batch_top_k-32-f1024-s0&feature=315&device=cpu';

const server = createServer(sirv(path.join(root, 'dist'), { dev: true }));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath: CHROME_PATH });
try {
  await mkdir(path.join(root, 'docs'), { recursive: true });
  for (const [name, colorScheme] of [
    ['player', 'light'],
    ['player-dark', 'dark'],
  ]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 966 }, colorScheme });
    await page.goto(`http://127.0.0.1:${server.address().port}/${VIEW}`);
    await page.getByText(/raises [a-h]\d/).waitFor();
    // The badge's time is of this run; the page has come to rest.
    await page.waitForFunction(() => {
      const rest = (root) =>
        root.getAnimations().length === 0 &&
        [...root.querySelectorAll('*')].every(({ shadowRoot }) => !shadowRoot || rest(shadowRoot));
      return rest(document);
    });
    await page.screenshot({ path: path.join(root, 'docs', `${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
