import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { StaticServer } from '../../tests/support/static-server.js';
import { compileFrom } from '../src/code.js';

/** An empty module but for a custom section of some size. */
const SIZE = 100_000;
const leb = [(SIZE & 0x7f) | 0x80, ((SIZE >> 7) & 0x7f) | 0x80, SIZE >> 14];
const module = Buffer.concat([
  Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x00, ...leb, 0x01, 0x78]),
  Buffer.alloc(SIZE - 2),
]);
const patience = { retries: 1, delay: 5, stall: 1_000 };

let folder: string;
let server: StaticServer;
const compile = () => compileFrom(new URL(`${server.origin}/code.wasm`), patience);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'othello-lens-'));
  await writeFile(path.join(folder, 'code.wasm'), module);
  server = await StaticServer.start({ '/': folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => server.heal());

it('comes in one request', async () => {
  expect(await compile()).toBeInstanceOf(WebAssembly.Module);
  expect(server.requests.length).toBe(1);
});

it('is waited for as long as bytes come', async () => {
  server.fail(/wasm/, { speed: 50_000 });
  expect(await compile()).toBeInstanceOf(WebAssembly.Module);
  expect(server.requests.length).toBe(1);
});

it.each([
  ['stalls', { stallAfter: 50_000 }],
  ['breaks', { breakAfter: 50_000 }],
  ['does not begin', { stallAfter: 0 }],
])('is asked for again where it %s', async (_, fault) => {
  server.fail(/wasm/, { ...fault, times: 1 });
  expect(await compile()).toBeInstanceOf(WebAssembly.Module);
  expect(server.requests.length).toBe(2);
});

it('is given up in the end, with its address', async () => {
  server.fail(/wasm/, { stallAfter: 50_000 });
  const began = performance.now();
  await expect(compile()).rejects.toMatchObject({
    code: 'wasm_failed',
    details: { url: `${server.origin}/code.wasm` },
    message: expect.stringContaining('nothing arrived for too long'),
  });
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('is named where a page of HTML comes in its place', async () => {
  await writeFile(path.join(folder, 'page.html'), '<!doctype html><title>Not here</title>');
  await expect(compileFrom(new URL(`${server.origin}/page.html`), patience)).rejects.toMatchObject({
    code: 'wasm_failed',
    message: expect.stringContaining('HTML'),
  });
});
