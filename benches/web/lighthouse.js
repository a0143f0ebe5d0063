// What Lighthouse thinks of the built site, served as a static host with compressed files does.
import { createServer } from 'node:http';
import path from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import { chromium } from 'playwright-core';
import sirv from 'sirv';

import { median, root } from './figures.js';

export const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

const VIEWS = ['', 'features.html', 'figures.html', 'guide.html'];

/** The scores of a view in one run, of 100, by category. */
async function run(url, port) {
  const flags = { port, onlyCategories: CATEGORIES, logLevel: 'error', disableStorageReset: false };
  const { lhr } = await lighthouse(url, flags, desktopConfig);
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  const faults = CATEGORIES.flatMap((category) =>
    lhr.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9)
      .map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ''}`.trim()),
  );
  const scores = CATEGORIES.map((category) => [category, Math.round(100 * lhr.categories[category].score)]);
  return { scores: Object.fromEntries(scores), faults };
}

/** By view the median score of `rounds` runs, by category, and what the last run found fault with. */
export async function scores(rounds) {
  const server = createServer(sirv(path.join(root, 'dist'), { dev: true, brotli: true, gzip: true }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH,
    args: [`--remote-debugging-port=${port}`, '--no-first-run'],
  });
  const byView = {};
  try {
    for (const view of VIEWS) {
      const runs = [];
      for (let round = 0; round < rounds; round++)
        runs.push(await run(`http://127.0.0.1:${server.address().port}/${view}`, port));
      const of = (category) => median(runs.map(({ scores }) => scores[category]));
      byView[view || 'index.html'] = {
        scores: Object.fromEntries(CATEGORIES.map((category) => [category, of(category)])),
        faults: runs.at(-1).faults,
      };
    }
  } finally {
    await browser.close();
    server.close();
  }
  return byView;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
