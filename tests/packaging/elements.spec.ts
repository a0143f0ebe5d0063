import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';

import { Installed, serve, tool } from './installed.js';
import { expectLive } from './live.js';

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

test('a post that Astro renders on a server and bundles shows what it holds, then the element', async ({
  page,
}) => {
  tool('astro/astro.js', ['build', '--base', '/blog/dist/'], installed.path('blog'));
  // As readers without scripts, and feeds, have it.
  const html = readFileSync(installed.path('blog/dist/index.html'), 'utf8');
  expect(html).toContain('<p>A game of Othello: f5d6c3.</p>');
  await page.goto(`${site.origin}/blog/dist/`);
  await expectLive(page);
});

test('every module of the package that is published can be imported on a server', async () => {
  const from = createRequire(installed.path('package.json'));
  for (const name of ['othello-lens', 'othello-lens/elements', 'othello-lens/single-file'])
    expect(Object.keys(await import(from.resolve(name)))).not.toEqual([]);
});

test('a server can write what is known of a feature into a post', async () => {
  const from = createRequire(installed.path('package.json'));
  const { describeFeature } = await import(from.resolve('othello-lens/elements'));
  const sentence = await describeFeature(`${elsewhere.origin}/models/small/`, DICTIONARY, 525);
  expect(sentence).toMatch(/^Feature 525 of .*: legal a8, AUROC 0\.\d{3}/);
});
