import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, type Frame, type Page, test } from '@playwright/test';

import { Installed, serve } from './installed.js';

const MANIFEST = path.join(import.meta.dirname, '../../models/small/manifest.json');
const DICTIONARY = (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { dictionaries: { id: string }[] })
  .dictionaries[0]?.id;

let installed: Installed;
/** Where the page of somebody else is, and where the package and the model are. */
let site: { origin: string; server: Server };
let elsewhere: { origin: string; server: Server };

test.beforeAll(async () => {
  installed = new Installed();
  site = await serve(installed.folder);
  elsewhere = await serve(installed.folder);
});

test.afterAll(() => {
  site.server.close();
  elsewhere.server.close();
  installed.remove();
});

/** The script and a player of another origin, as a post has them. */
const post =
  () => `<script type="module" src="${elsewhere.origin}/script/othello-lens/dist/elements.js"></script>
  <othello-player bundle="${elsewhere.origin}/models/small/" device="cpu" transcript="f5d6c3" ply="2"
    dictionary="${DICTIONARY}" feature="1"></othello-player>`;

/** Starts the engine of the player, and expects a game that can be stepped through. */
async function expectLive(page: Page | Frame): Promise<void> {
  await page.getByRole('button', { name: 'Run it here' }).click();
  await expect(page.getByRole('slider', { name: 'Ply' })).toHaveValue('2', { timeout: 30_000 });
}

async function open(page: Page, html: string, policy = ''): Promise<void> {
  // A file and not an answer made up on the way: browsers keep pages of unknown hosts from local ones.
  const meta = policy && `<meta http-equiv="content-security-policy" content="${policy}">`;
  writeFileSync(installed.path('post.html'), `<!doctype html>${meta}<title>A post</title>${html}`);
  await page.goto(`${site.origin}/post.html`);
}

test('elements of another origin run in a post', async ({ page }) => {
  await open(page, post());
  await expectLive(page);
});

test('elements run in a sandboxed frame, which has no origin', async ({ page }) => {
  const srcdoc = post().replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  await open(page, `<iframe sandbox="allow-scripts" width="600" height="700" srcdoc="${srcdoc}"></iframe>`);
  const [, frame] = page.frames();
  if (!frame) throw new Error('there is no frame');
  await expectLive(frame);
  expect(await frame.evaluate(() => globalThis.origin)).toBe('null');
});

test('elements run under a strict policy, with trusted types', async ({ page }) => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && /policy|directive/i.test(message.text())) refused.push(message.text());
  });
  const { origin } = elsewhere;
  const policy = [
    "default-src 'none'",
    `script-src ${origin} 'wasm-unsafe-eval'`,
    `worker-src blob: ${origin}`,
    `connect-src ${origin}`,
    "img-src 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types othello-lens lit-html',
  ].join('; ');
  await open(page, post(), policy);
  await expectLive(page);
  expect(refused).toEqual([]);
});

test('every module of the package that is published can be imported on a server', async () => {
  const from = createRequire(installed.path('package.json'));
  for (const name of ['othello-lens', 'othello-lens/elements', 'othello-lens/single-file'])
    expect(Object.keys(await import(from.resolve(name)))).not.toEqual([]);
});
