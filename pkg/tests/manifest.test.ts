import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { StaticServer } from '../../tests/support/static-server.js';
import { fetchManifest } from '../src/fetch/manifest.js';

const LIMIT = 4 << 20;
const body = JSON.stringify({ name: 'x'.repeat(300_000) });
const patience = { retries: 2, delay: 5, stall: 1_000 };
const sized = { ETag: '"one"' };

let folder: string;
let server: StaticServer;
const get = (signal?: AbortSignal) => fetchManifest(`${server.origin}/manifest.json`, patience, signal);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const ranges = () => server.requests.map(({ range }) => range);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'othello-lens-'));
  await writeFile(path.join(folder, 'manifest.json'), body);
  server = await StaticServer.start({ '/': folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => server.heal());

describe('a manifest that is too long', () => {
  const refused = { code: 'bad_manifest', details: { file: 'manifest.json' } };

  it('is refused by the length that the server announces', async () => {
    server.fail(/manifest/, { body: Buffer.alloc(LIMIT + 1, ' '), stallAfter: 1 });
    await expect(get()).rejects.toMatchObject(refused);
  });

  it('is refused where it does not end', async () => {
    server.fail(/manifest/, { body: Buffer.alloc(1 << 16, ' '), endless: true });
    const began = performance.now();
    await expect(get()).rejects.toMatchObject(refused);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(server.requests.length).toBe(1);
  });

  it('is refused where little is compressed from much, before all of it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(100 << 20, ' '), { level: 1 });
    expect(bomb.length).toBeLessThan(LIMIT);
    server.fail(/manifest/, { body: bomb, headers: { 'Content-Encoding': 'gzip' } });
    const error: Error = await get().catch((error) => error);
    expect(error).toMatchObject(refused);
    expect(Number(/has (\d+) bytes/.exec(error.message)?.[1])).toBeLessThan(LIMIT + (1 << 20));
  });

  it('is read up to the last byte that is allowed, compressed or not', async () => {
    const full = Buffer.alloc(LIMIT, ' ');
    server.fail(/manifest/, { body: full });
    expect((await get()).length).toBe(LIMIT);
    server.fail(/manifest/, { body: gzipSync(full), headers: { 'Content-Encoding': 'gzip' } });
    expect((await get()).length).toBe(LIMIT);
  });
});

describe('a manifest that comes slowly', () => {
  it('is waited for as long as bytes come', async () => {
    // Longer than `stall` in all.
    server.fail(/manifest/, { speed: 150_000 });
    expect(text(await get())).toBe(body);
    expect(server.requests.length).toBe(1);
  });

  it('is asked for again where nothing comes any more', async () => {
    server.fail(/manifest/, { stallAfter: 1, times: 1 });
    expect(text(await get())).toBe(body);
    expect(server.requests.length).toBe(2);
  });

  it('is given up at once by whoever does not want it any more', async () => {
    server.fail(/manifest/, { speed: 1_000 });
    const began = performance.now();
    await expect(get(AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a connection that breaks', () => {
  it('is resumed where the server says that the file is the same', async () => {
    server.fail(/manifest/, { headers: sized });
    server.fail(/manifest/, { breakAfter: 100_000, headers: sized, times: 3 });
    expect(text(await get())).toBe(body);
    expect(ranges()).toEqual([null, 'bytes=100000-', 'bytes=200000-', 'bytes=300000-']);
  });

  it('is begun anew where the server does not say so', async () => {
    server.fail(/manifest/, { breakAfter: 100_000, times: 1 });
    expect(text(await get())).toBe(body);
    expect(ranges()).toEqual([null, null]);
  });

  it('is begun anew where the file has changed, and never mixes two', async () => {
    server.fail(/manifest/, { headers: { ETag: '"two"' } });
    server.fail(/manifest/, {
      breakAfter: 100_000,
      headers: sized,
      body: Buffer.alloc(200_000, '1'),
      times: 1,
    });
    expect(text(await get())).toBe(body);
    expect(ranges()).toEqual([null, 'bytes=100000-', null]);
  });

  it('is begun anew where the file is shorter now', async () => {
    server.fail(/manifest/, { headers: sized, body: Buffer.from('{}') });
    server.fail(/manifest/, { breakAfter: 100_000, headers: sized, times: 1 });
    expect(text(await get())).toBe('{}');
  });

  it('is told with the address after the last try', async () => {
    server.fail(/manifest/, { status: 503 });
    await expect(get()).rejects.toMatchObject({ code: 'network', details: { status: 503 } });
    await expect(get()).rejects.toThrow(`${server.origin}/manifest.json`);
  });
});

it.each(['<!DOCTYPE html><title>Login</title>', '\n  <html lang="en">', '<!-- moved -->'])(
  'a page of HTML in its place is named: %s',
  async (page) => {
    server.fail(/manifest/, { body: Buffer.from(page) });
    await expect(get()).rejects.toMatchObject({ code: 'bad_manifest' });
    await expect(get()).rejects.toThrow('HTML');
  },
);
