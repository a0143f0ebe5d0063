import { attempt, expect, FEATURES, load, test } from './api.js';

const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "require-trusted-types-for 'script'",
];

test("the package works inside a page's own worker, whose address is its base", async ({ open }) => {
  const page = await open();
  const told = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/workers/own.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(null);
      }),
  );
  expect(told).toEqual({ transcript: 'f5d6', plies: 3 });
});

test('the package works in a sandboxed frame, which has no origin', async ({ open }) => {
  const page = await open();
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.sandbox.add('allow-scripts');
    frame.src = '/';
    document.documentElement.append(frame);
  });
  const frame = page.frameLocator('iframe');
  await frame.locator('html[data-ready]').waitFor({ state: 'attached' });
  const [, inner] = page.frames();
  if (!inner) throw new Error('no frame');
  expect(await inner.evaluate(() => globalThis.origin)).toBe('null');
  expect((await load(inner, { device: 'cpu' })).value).toMatchObject({ plies: 4, features: [3, FEATURES] });
});

test('the package works under a strict policy, with trusted types', async ({ host, open }) => {
  const policy = [...POLICY, 'trusted-types othello-lens'].join('; ');
  host.fail(/^\/$/, { headers: { 'Content-Security-Policy': policy } });
  const page = await open();
  // Not even one that somebody forgot.
  const violations: string[] = [];
  page.on('console', (message) => violations.push(message.text()));
  expect((await load(page, { device: 'cpu' })).value).toMatchObject({ plies: 4, features: [3, FEATURES] });
  expect(violations).toEqual([]);
});

test('a page that allows other Trusted Types policies alone is told the name of ours', async ({
  host,
  open,
}) => {
  const policy = [...POLICY, 'trusted-types another'].join('; ');
  host.fail(/^\/$/, { headers: { 'Content-Security-Policy': policy } });
  const { error } = await attempt(await open(), () => api.Othello.start());
  expect(error).toMatchObject({ name: 'LensError', code: 'wasm_failed' });
  expect(error?.message).toContain('othello-lens');
});
