import { readdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { Analysis } from 'othello-lens';
import { build, createServer } from 'vite';
import webpack from 'webpack';

import { Installed, serve, tool } from './installed.js';
import { expectLive } from './live.js';

let installed: Installed;
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

/** Expects that the page got what the model says about `f5d6c3`. */
async function expectAnswer(page: Page): Promise<void> {
  await page.waitForFunction(() => 'answer' in window);
  const { mass, ...rest } = await page.evaluate(() => {
    const { answer } = window as unknown as { answer: Analysis };
    const last = answer.nextMoves.at(-1);
    return {
      transcript: answer.transcript,
      plies: answer.nextMoves.length,
      mass: [...(last?.probabilities ?? [])].reduce((sum, probability) => sum + probability, 0),
      legal: last?.topIsLegal,
      engine: answer.engine.kind,
    };
  });
  expect(rest).toEqual({ transcript: 'f5d6c3', plies: 4, legal: true, engine: 'cpu' });
  expect(mass).toBeGreaterThan(0.99);
  expect(mass).toBeLessThan(1.00001);
}

/** Bundles with webpack. */
async function pack(configuration: webpack.Configuration): Promise<void> {
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    webpack(configuration, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
    errors: [],
    warnings: [],
  });
}

test('a module script loads it from its own folder', async ({ page }) => {
  await page.goto(`${site.origin}/script/`);
  await expectAnswer(page);
});

test('a module script loads it from another origin', async ({ page }) => {
  const html = `<!doctype html><script type="module">
    import { Lens } from '${elsewhere.origin}/script/othello-lens/dist/index.js';
    const lens = await Lens.load('${elsewhere.origin}/models/small/', { device: 'cpu' });
    window.answer = await lens.analyse('f5d6c3');
  </script>`;
  writeFileSync(installed.path('other-origin.html'), html);
  await page.goto(`${site.origin}/other-origin.html`);
  await expectAnswer(page);
});

test('Vite bundles it, with its worker and its wasm', async ({ page }) => {
  await build({
    root: installed.path('bundled'),
    base: './',
    logLevel: 'warn',
    build: { outDir: installed.path('bundled-out'), emptyOutDir: true, target: 'es2022' },
    worker: { format: 'es' },
  });
  await page.goto(`${site.origin}/bundled-out/`);
  await expectAnswer(page);
  await expectLive(page);
});

test('webpack bundles it, with its worker and its wasm', async ({ page }) => {
  await pack({
    mode: 'production',
    context: installed.path('bundled'),
    entry: './main.js',
    output: { path: installed.path('webpack') },
    // The time that the minifier would take is spent on nothing of ours.
    optimization: { minimize: false },
    performance: false,
  });
  await page.goto(`${site.origin}/webpack/`);
  await expectAnswer(page);
  await expectLive(page);
});

test("Vite's development server serves it", async ({ page }) => {
  const server = await createServer({
    root: installed.folder,
    logLevel: 'warn',
    // Its own copy of a dependency would not find the worker beside it.
    optimizeDeps: { exclude: ['othello-lens'] },
    server: { host: '127.0.0.1', port: 0 },
  });
  await server.listen();
  await page.goto(`${server.resolvedUrls?.local[0] ?? ''}bundled/`);
  await expectAnswer(page);
  await server.close();
});

for (const [module, moduleResolution] of [
  ['esnext', 'bundler'],
  ['nodenext', 'nodenext'],
] as const) {
  test(`its types serve a strict program, resolved as ${moduleResolution}`, () => {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const config = installed.path('typed/tsconfig.json');
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    writeFileSync(installed.path('typed/package.json'), JSON.stringify({ type: 'module' }));
    tool('typescript/bin/tsc', ['-p', config], installed.path('typed'));
  });
}

test('it brings its licences', () => {
  const brought = readdirSync(installed.path('node_modules/othello-lens'));
  expect(brought).toEqual(expect.arrayContaining(['LICENSE-APACHE', 'LICENSE-MIT']));
});

test('publint finds nothing to say', () => {
  tool('publint/src/cli.js', ['--strict', installed.tarball], installed.folder);
});

test('its scripts stay within their sizes', () => {
  tool('size-limit/bin.js', [], path.join(import.meta.dirname, '../../pkg'));
});

test('its types are not wrong', () => {
  // Only ES modules are shipped.
  tool('@arethetypeswrong/cli/dist/index.js', ['--profile', 'esm-only', installed.tarball], installed.folder);
});
