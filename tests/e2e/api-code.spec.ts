import { attempt, expect, load, test } from './api.js';

const start = () => api.Othello.start().then((othello) => othello.replay('f5'));

test('an older browser gets the code without relaxed SIMD', async ({ host, open, context }) => {
  await context.addInitScript(() => {
    const { validate } = WebAssembly;
    // The relaxed instructions begin at 0x100 of the SIMD page.
    WebAssembly.validate = (bytes) => !new Uint8Array(bytes as ArrayBuffer).includes(0x85) && validate(bytes);
  });
  const { value } = await load(await open());
  expect(value?.engine).toMatchObject({ kind: 'cpu', name: 'WebAssembly SIMD' });
  expect(host.requests.map(({ path }) => path)).not.toContain('/pkg/othello_lens_relaxed.wasm');
});

test('a browser without SIMD is told so', async ({ open, context }) => {
  await context.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  const { error } = await attempt(await open(), start);
  expect(error).toMatchObject({ name: 'LensError', code: 'wasm_failed' });
  expect(error?.message).toContain('SIMD');
});

test('a browser without WebAssembly is told so', async ({ open, context }) => {
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
  });
  expect((await attempt(await open(), start)).error).toMatchObject({ code: 'wasm_failed' });
});

test.describe('code', () => {
  test('that is missing is named, and tried again by the next call', async ({ host, open }) => {
    host.fail(/\.wasm$/, { status: 404, times: 1 });
    const page = await open();
    const { error } = await attempt(page, start);
    expect(error).toMatchObject({ code: 'wasm_failed' });
    expect(error?.message).toMatch(/\.wasm .*404/);
    expect((await attempt(page, start)).value).toMatchObject({ transcript: 'f5' });
  });

  test('that is damaged is refused', async ({ host, open }) => {
    host.fail(/\.wasm$/, { body: (file) => file.subarray(0, file.length / 2) });
    expect((await attempt(await open(), start)).error).toMatchObject({ code: 'wasm_failed' });
  });

  test('may come without its media type, as some hosts send it', async ({ open, context }) => {
    await context.route(/\.wasm$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'content-type': 'application/octet-stream' },
      });
    });
    expect((await attempt(await open(), start)).value).toMatchObject({ transcript: 'f5' });
  });

  test('of the worker that is missing is an error, not silence', async ({ host, open }) => {
    host.fail(/worker\.js$/, { status: 404 });
    expect((await attempt(await open(), start)).error).toMatchObject({ code: 'wasm_failed' });
  });

  test('is refused by the page that forbids it in a way that says so', async ({ host, open }) => {
    host.fail(/^\/$/, { headers: { 'Content-Security-Policy': "script-src 'self' 'unsafe-inline'" } });
    expect((await attempt(await open(), start)).error).toMatchObject({ code: 'wasm_failed' });
  });

  test('of the worker is named as forbidden by a page whose policy is against it', async ({ host, open }) => {
    const policy = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'";
    host.fail(/^\/$/, { headers: { 'Content-Security-Policy': policy } });
    const { error } = await attempt(await open(), start);
    expect(error).toMatchObject({ code: 'wasm_failed' });
    expect(error?.message).toMatch(/[Cc]ontent [Ss]ecurity [Pp]olicy/);
  });

  test('that does not come can be waited for no longer', async ({ host, open }) => {
    host.fail(/\.wasm$/, { stallAfter: 1_000 });
    const { value } = await attempt(await open(), async () => {
      const controller = new AbortController();
      let at = 0;
      setTimeout(() => {
        at = performance.now();
        controller.abort();
      }, 200);
      const name = await api.Lens.load('/models/small/', { signal: controller.signal }).then(
        () => 'loaded',
        (error: Error) => error.name,
      );
      return { name, wait: performance.now() - at };
    });
    expect(value?.name).toBe('AbortError');
    expect(value?.wait).toBeLessThan(1_000);
  });
});

test('a browser that refuses the worker is a LensError', async ({ open, context }) => {
  await context.addInitScript(() => {
    globalThis.Worker = class {
      constructor() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      }
    } as unknown as typeof Worker;
  });
  const { error } = await attempt(await open(), start);
  expect(error).toMatchObject({ name: 'LensError', code: 'wasm_failed' });
  expect(error?.message).toContain('insecure');
});
