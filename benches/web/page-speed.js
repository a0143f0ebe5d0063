// How fast the page feels: scrubbing by keys, its size in nodes, and its first features on a slow line.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { root } from './figures.js';

/** A game of sixty moves. */
const GAME =
  'e6f4d3c4b3b4b5a4c3d6a5d2f6c2g3f5a2a6c6c5c1f3g2f7g6h7d1c7f8e1b2b7f1a1d7a3e2h2e3e8g8g7g5b1a8g4c8h8h5g1h3h6h1h4b8e7d8a7f2b6';

/** What is scrubbed through: small, its densest dictionary, and full. */
const VIEWS = {
  small: '',
  dense: '&dictionary=blocks.5.hook_resid_post-standard-0.03-tied-f1024-s0',
  full: '&model=full',
};

/** Opens the page on a long game, and waits for its features. */
async function open(browser, origin, query) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${origin}/dist/?transcript=${GAME}&ply=1&device=cpu${query}`);
  await page.waitForFunction(() => performance.getEntriesByName('live').length > 0);
  await page.locator('ol-card ol-mini-board').first().waitFor({ state: 'attached' });
  return page;
}

/**
 * Milliseconds from a press of an arrow key until what follows from it is painted, as the browser's event timing
 * has it, for every press from the start of a game to its end and back.
 */
export async function scrub(browser, origin) {
  const byView = {};
  for (const [name, query] of Object.entries(VIEWS)) {
    const page = await open(browser, origin, query);
    await page.evaluate(() => {
      globalThis.presses = [];
      new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) if (name === 'keydown') presses.push(duration);
      }).observe({ type: 'event', durationThreshold: 16 });
    });
    let count = 0;
    for (const [key, times] of [
      ['ArrowRight', 58],
      ['ArrowLeft', 58],
    ]) {
      for (let press = 0; press < times; press++, count++) {
        await page.keyboard.press(key);
        await sleep(30);
      }
    }
    await sleep(200);
    const slow = await page.evaluate(() => presses);
    // Presses below the observer's threshold are not told of.
    const all = [...slow, ...Array(Math.max(0, count - slow.length)).fill(16)].sort((a, b) => a - b);
    byView[name] = { p98: all[Math.floor(0.98 * all.length)], median: all[all.length >> 1], n: all.length };
    await page.close();
  }
  return byView;
}

/** Nodes of the document and its shadow roots, comments included, with the densest dictionary in view. */
export async function nodes(browser, origin) {
  const page = await open(browser, origin, VIEWS.dense);
  await page.keyboard.press('End');
  const count = await page.evaluate(() => {
    const of = (node) =>
      [...node.childNodes].reduce(
        (sum, child) => sum + 1 + of(child) + (child.shadowRoot ? of(child.shadowRoot) : 0),
        0,
      );
    return of(document);
  });
  await page.close();
  return count;
}

/** Bytes a second, and milliseconds before the first of an answer: 1 Mbit/s and 400 ms. */
const LINE = { bytes: 125_000, latency: 400 };
/** Bytes that are sent at a time. */
const PIECE = 2048;

/**
 * Serves the site as a static host with compressed files does, over one slow line that all answers share. It is
 * slow itself because the browser's own emulation leaves the requests of workers out.
 */
async function slowServer() {
  let free = performance.now();
  const turn = async (bytes) => {
    const start = Math.max(free, performance.now());
    free = start + (1000 * bytes) / LINE.bytes;
    await sleep(free - performance.now());
  };
  const types = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.wasm': 'application/wasm',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://local');
    const file = path.join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const plain = statSync(file, { throwIfNoEntry: false });
    await sleep(LINE.latency);
    if (!plain?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const compressed = statSync(`${file}.br`, { throwIfNoEntry: false });
    response.writeHead(200, {
      'content-type': types[path.extname(file)] ?? 'application/octet-stream',
      'content-length': (compressed ?? plain).size,
      ...(compressed ? { 'content-encoding': 'br' } : {}),
    });
    for await (const chunk of createReadStream(compressed ? `${file}.br` : file)) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        await turn(piece.length);
        response.write(piece);
      }
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/**
 * Milliseconds over a slow line, with nothing cached, from opening the page to its first features, and until the
 * model itself says what is shown.
 */
export async function slowStart(browser, rounds) {
  const server = await slowServer();
  const times = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const context = await browser.newContext({ reducedMotion: 'reduce' });
      const page = await context.newPage();
      const start = performance.now();
      await page.goto(`http://127.0.0.1:${server.address().port}/dist/`, { waitUntil: 'commit' });
      const until = async (mark) => {
        const isThere = (mark) => performance.getEntriesByName(mark).length > 0;
        await page.waitForFunction(isThere, mark, { timeout: 120_000 });
        return performance.now() - start;
      };
      times.push({ features: await until('first-features'), live: await until('live') });
      await context.close();
    }
  } finally {
    server.close();
  }
  return times;
}
