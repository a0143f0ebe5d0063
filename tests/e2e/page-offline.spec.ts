import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test as base, type Page } from '@playwright/test';

import { StaticServer } from '../support/static-server.js';
import { expect, PlayerPage } from './player-page.js';

const DIST = path.resolve(import.meta.dirname, '../../dist');

interface Site {
  /** A copy of the built page, whose files a test may change. */
  folder: string;
  host: StaticServer;
}

const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names out of the pattern.
  site: async ({}, use) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'othello-lens-site-'));
    cpSync(DIST, folder, { recursive: true, filter: (source) => source !== path.join(DIST, 'models') });
    symlinkSync(path.join(DIST, 'models'), path.join(folder, 'models'));
    const host = await StaticServer.start({ '/site/': folder });
    await use({ folder, host });
    await host.close();
    rmSync(folder, { recursive: true });
  },
});

test.use({ serviceWorkers: 'allow' });

/** Opens the page and waits until it would open again without a network. */
async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await new PlayerPage(page).analysed();
  await page.waitForFunction(async () => {
    await navigator.serviceWorker.ready;
    const used = await caches.open('othello-lens-page-used-v1');
    return (await used.keys()).length > 0 && navigator.serviceWorker.controller !== null;
  });
}

test('after the first visit the page opens without a network, with the model and the last game', async ({
  page,
  site,
}) => {
  const url = `${site.host.origin}/site/index.html?transcript=f5d6c3&device=cpu`;
  await visit(page, url);
  // Nobody answers any more.
  site.host.fail(/./, { breakAfter: 0 });
  const player = new PlayerPage(page);
  await page.reload();
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await page.goto(`${site.host.origin}/site/guide.html`);
  await expect(page.getByRole('heading').first()).toBeVisible();
});

test('the program is kept once, and only the build of it that runs here', async ({ page, site }) => {
  await visit(page, `${site.host.origin}/site/?device=cpu`);
  const kept = await page.evaluate(async () => {
    const cache = await caches.open('othello-lens-page-used-v1');
    return (await cache.keys()).map(({ url }) => url);
  });
  expect(kept).toEqual([expect.stringMatching(/\/assets\/othello_lens_(relaxed|simd128)-.*\.wasm$/)]);
  const fetched = site.host.requests.filter(({ path }) => path.endsWith('.wasm'));
  expect(new Set(fetched.map(({ path }) => path)).size).toBe(1);
});

test('what was loaded later is kept too: a file of games opens without a network once one was opened', async ({
  page,
  site,
}) => {
  const url = `${site.host.origin}/site/index.html?transcript=f5d6c3&device=cpu`;
  await visit(page, url);
  // From here on the worker sees what the page loads.
  await page.reload();
  const player = new PlayerPage(page);
  await player.analysed();
  const open = (name: string, games: string) =>
    page
      .locator('ol-games input[type=file]')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(games) });
  const list = page.locator('ol-game-list');
  await open('first.txt', 'f5d6c3d3c4\nf5f6e6f4\n');
  await expect(list).toContainText('first.txt');
  await page.waitForFunction(async () => {
    const used = await caches.open('othello-lens-page-used-v1');
    return (await used.keys()).some((kept) => kept.url.includes('othello_lab_'));
  });
  site.host.fail(/./, { breakAfter: 0 });
  await page.reload();
  await player.analysed();
  await open('second.txt', 'f5d6\nf5f4\nf5d6c4\n');
  await expect(list).toContainText('second.txt');
});

test('another version of the page is there at the next visit, and offline once the old one is closed', async ({
  page,
  site,
}) => {
  const url = `${site.host.origin}/site/index.html?device=cpu`;
  await visit(page, url);
  const html = path.join(site.folder, 'index.html');
  writeFileSync(html, readFileSync(html, 'utf8').replace('<html', '<html data-version="next"'));
  const worker = path.join(site.folder, 'service-worker.js');
  const script = readFileSync(worker, 'utf8');
  // As the build would have it: the revision of the page that changed.
  const changed = script.replace(/(index\.html[`'"],\s*revision:\s*[`'"])\w+/, '$1another');
  expect(changed).not.toBe(script);
  writeFileSync(worker, changed);

  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-version', 'next');
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
  });
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
  // The page that is open stays with its version; the next one begins when it is closed.
  await page.goto('about:blank');
  await expect
    .poll(async () => {
      const next = await page.context().newPage();
      await next.goto(`${site.host.origin}/site/icon-for-no-page`);
      const waiting = await next.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/site/');
        return registration?.waiting != null;
      });
      await next.close();
      return waiting;
    })
    .toBe(false);
  site.host.fail(/./, { breakAfter: 0 });
  await page.goto(url);
  await expect(page.locator('html')).toHaveAttribute('data-version', 'next');
});

test('opened as a file, the page says that it needs a server, and which', async ({ page }) => {
  await page.goto(pathToFileURL(path.join(DIST, 'index.html')).href);
  const note = page.getByRole('alert');
  await expect(note.getByRole('heading')).toHaveText('This page needs a web server');
  await expect(note).toContainText('npx sirv-cli .');
  await expect(note).toContainText('cargo xtask serve');
});
