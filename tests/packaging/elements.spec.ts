import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, type Frame, type Page, test } from '@playwright/test';
import { build } from 'astro';
import webpack from 'webpack';

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
  await expect(page.getByRole('slider', { name: 'Ply' })).toHaveValue('2');
}

async function open(page: Page, html: string, policy?: string): Promise<void> {
  const url = `${site.origin}/post.html`;
  const headers = { 'content-type': 'text/html', ...(policy && { 'content-security-policy': policy }) };
  await page.route(url, (route) =>
    route.fulfill({ body: `<!doctype html><title>A post</title>${html}`, headers }),
  );
  await page.goto(url);
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
    'worker-src blob:',
    `connect-src ${origin}`,
    "img-src 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types othello-lens lit-html',
  ].join('; ');
  await open(page, post(), policy);
  await expectLive(page);
  expect(refused).toEqual([]);
});

test('webpack bundles the elements, with the worker and the wasm', async ({ page }) => {
  const out = installed.path('webpacked');
  await new Promise<void>((resolve, reject) => {
    webpack(
      {
        mode: 'production',
        context: installed.path('webpack'),
        entry: './main.js',
        output: { path: out, filename: 'main.js' },
        performance: false,
      },
      (error, stats) => {
        const errors = stats?.toJson({ errors: true }).errors ?? [];
        if (error || errors.length > 0)
          reject(error ?? new Error(errors.map(({ message }) => message).join('\n')));
        else resolve();
      },
    );
  });
  const html = post().replace(/src="[^"]*"/, `src="${site.origin}/webpacked/main.js"`);
  await open(page, html);
  await expectLive(page);
  expect(readdirSync(out).filter((file) => file.endsWith('.wasm'))).toHaveLength(2);
});

test('Astro renders a page with the elements on the server, and they run in the browser', async ({
  page,
}) => {
  process.env.ASTRO_TELEMETRY_DISABLED = '1';
  await build({ root: installed.path('astro'), outDir: installed.path('astro-out'), logLevel: 'error' });
  const html = readFileSync(installed.path('astro-out/index.html'), 'utf8');
  // What the server knows of them, and what a reader without scripts sees.
  expect(html).toContain('OthelloBoard OthelloFeature OthelloFigure OthelloPlayer');
  expect(html).toContain('Three moves of a game');
  const server = await serve(installed.path('astro-out'));
  await page.goto(`${server.origin}/?bundle=${elsewhere.origin}/models/small/`);
  await expectLive(page);
  server.server.close();
});

test('every module of the package that is published can be imported on a server', async () => {
  const from = createRequire(installed.path('package.json'));
  for (const name of ['othello-lens', 'othello-lens/elements', 'othello-lens/single-file'])
    expect(Object.keys(await import(from.resolve(name)))).not.toEqual([]);
});
