import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { StaticServer } from '../../tests/support/static-server.js';
import { type DownloadOptions, download, type File } from '../src/fetch/download.js';
import { NO_STORE } from '../src/fetch/store.js';
import { MemoryStore } from './memory-store.js';

const body = randomBytes(3_000_000);
const patience = { retries: 3, delay: 5, stall: 1_000 };
let folder: string;
let server: StaticServer;
let file: File;
let store: MemoryStore;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'othello-lens-'));
  await writeFile(path.join(folder, 'shard.bin'), body);
  server = await StaticServer.start({ '/': folder });
  file = {
    name: 'shard.bin',
    url: `${server.origin}/shard.bin`,
    bytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
  };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  store = new MemoryStore();
});
afterEach(() => server.heal());

function get(options: Partial<DownloadOptions> = {}): Promise<Uint8Array> {
  return download(file, { store, patience, ...options });
}

function same(bytes: Uint8Array): boolean {
  return body.equals(bytes);
}

const ranges = () => server.requests.map(({ range }) => range);

describe('a sound connection', () => {
  it('brings the file in one request and tells of its bytes', async () => {
    const told: number[] = [];
    expect(same(await get({ onBytes: (received) => told.push(received) }))).toBe(true);
    expect(ranges()).toEqual([null]);
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(body.length);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('is not needed a second time', async () => {
    await get();
    server.heal();
    expect(same(await get())).toBe(true);
    expect(server.requests).toEqual([]);
  });

  it('works without anywhere to keep files', async () => {
    expect(same(await get({ store: NO_STORE }))).toBe(true);
  });
});

describe('a connection that breaks', () => {
  it('is taken up at the byte where it broke', async () => {
    server.fail(/shard/, { breakAfter: 1_200_000, times: 1 });
    expect(same(await get())).toBe(true);
    expect(ranges()).toEqual([null, 'bytes=1200000-']);
  });

  it('is taken up as often as each try brings something', async () => {
    server.fail(/shard/, { breakAfter: 250_000, times: 11 });
    expect(same(await get())).toBe(true);
    expect(server.requests.length).toBe(12);
  });

  it('is started over, and nothing counted twice, where the server knows no ranges', async () => {
    const told: number[] = [];
    server.fail(/shard/, { noRange: true });
    server.fail(/shard/, { breakAfter: 1_200_000, noRange: true, times: 1 });
    expect(same(await get({ onBytes: (received) => told.push(received) }))).toBe(true);
    expect(ranges()).toEqual([null, 'bytes=1200000-']);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('counts as broken when nothing comes any more', async () => {
    server.fail(/shard/, { stallAfter: 700_000, times: 1 });
    expect(same(await get())).toBe(true);
    expect(ranges()).toEqual([null, 'bytes=700000-']);
  });

  it('is given up after a while, and the next load goes on from there', async () => {
    server.fail(/shard/, { breakAfter: 0 });
    server.fail(/shard/, { breakAfter: 1_200_000, times: 1 });
    await expect(get()).rejects.toMatchObject({ code: 'network', details: { file: 'shard.bin' } });
    expect(server.requests.length).toBe(1 + patience.retries);
    expect(store.bytes).toBe(1_200_000);
    server.heal();
    expect(same(await get())).toBe(true);
    expect(ranges()).toEqual(['bytes=1200000-']);
  });

  it('is told from a server that is not there', async () => {
    const nowhere = await StaticServer.start({});
    const url = `${nowhere.origin}/shard.bin`;
    await nowhere.close();
    const promise = download({ ...file, url }, { store, patience });
    await expect(promise).rejects.toMatchObject({ code: 'network' });
  });
});

describe('a server that is not well', () => {
  it('is asked again', async () => {
    server.fail(/shard/, { status: 503, times: 2 });
    expect(same(await get())).toBe(true);
    expect(server.requests.length).toBe(3);
  });

  it('is given up with its answer', async () => {
    server.fail(/shard/, { status: 503 });
    await expect(get()).rejects.toMatchObject({ code: 'network', details: { status: 503 } });
  });

  it('is not asked again for a file that it does not have', async () => {
    server.fail(/shard/, { status: 404 });
    await expect(get()).rejects.toMatchObject({
      code: 'file_missing',
      details: { file: 'shard.bin', status: 404 },
    });
    expect(server.requests.length).toBe(1);
  });
});

describe('a file of another length', () => {
  const truncated = { body: body.subarray(0, 2_000_000) };
  const extended = { body: Buffer.concat([body, Buffer.from('more')]) };

  it.each([
    ['shorter', truncated],
    ['shorter, without Content-Length', { ...truncated, chunked: true }],
    ['longer', extended],
    ['longer, without Content-Length', { ...extended, chunked: true }],
  ])('is refused by name: %s', async (_, fault) => {
    server.fail(/shard/, fault);
    await expect(get()).rejects.toMatchObject({ code: 'file_damaged', details: { file: 'shard.bin' } });
  });

  it('is found out when its rest is asked for', async () => {
    server.fail(/shard/, extended);
    server.fail(/shard/, { breakAfter: 1_000_000, times: 1 });
    await expect(get()).rejects.toMatchObject({ code: 'file_damaged' });
  });
});

describe('a download that is called off', () => {
  it('ends at once, and what is here is kept', async () => {
    server.fail(/shard/, { speed: 4_000_000 });
    const controller = new AbortController();
    const onBytes = (received: number) => {
      if (received > 600_000) controller.abort();
    };
    await expect(get({ signal: controller.signal, onBytes })).rejects.toMatchObject({ name: 'AbortError' });
    expect(store.bytes).toBeGreaterThan(600_000);
    server.heal();
    expect(same(await get())).toBe(true);
    expect(ranges()[0]).toMatch(/^bytes=[1-9]/);
  });

  it('ends while it waits to try again', async () => {
    server.fail(/shard/, { status: 503 });
    const signal = AbortSignal.timeout(100);
    const began = performance.now();
    const promise = get({ signal, patience: { ...patience, delay: 60_000 } });
    await expect(promise).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('what the store holds', () => {
  it('is not believed where it is longer than the file', async () => {
    await store.write(file.sha256, 0, new Uint8Array(body.length + 1));
    expect(same(await get())).toBe(true);
  });
});
