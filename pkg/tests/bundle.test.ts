import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { StaticServer } from '../../tests/support/static-server.js';
import { LensError } from '../src/error.js';
import { BundleSource, type FileEntry, type Taker } from '../src/fetch/bundle.js';
import { NO_STORE } from '../src/fetch/store.js';
import { MemoryStore } from './memory-store.js';

const bodies = Array.from({ length: 6 }, (_, index) => randomBytes(50_000 + index));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const files: FileEntry[] = bodies.map((body, index) => ({
  path: `${index}.bin`,
  bytes: body.length,
  sha256: sha256(body),
}));
const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
const patience = { retries: 1, delay: 5, stall: 5_000 };

let folder: string;
let server: StaticServer;
let source: BundleSource;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'othello-lens-'));
  await Promise.all(bodies.map((body, index) => writeFile(path.join(folder, `${index}.bin`), body)));
  await writeFile(path.join(folder, 'manifest.json'), '{}');
  server = await StaticServer.start({ '/bundle/': folder });
  source = new BundleSource(`${server.origin}/bundle`, NO_STORE, patience);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => server.heal());

/** Takes files as the wasm does: in order, and only the right ones. */
function taker(): Taker & { taken: number[] } {
  const taken: number[] = [];
  return {
    taken,
    files: () => files,
    add: (index, bytes) => {
      if (sha256(bytes) !== files[index]?.sha256)
        throw new LensError('file_damaged', `${index}.bin is damaged`);
      taken.push(index);
    },
  };
}

it('finds the manifest in a folder, with or without a slash, and by its own address', async () => {
  for (const address of ['bundle', 'bundle/', 'bundle/manifest.json']) {
    const bytes = await new BundleSource(`${server.origin}/${address}`, NO_STORE, patience).fetchManifest();
    expect(new TextDecoder().decode(bytes)).toBe('{}');
  }
});

it('goes on with the last manifest where the server cannot be reached, and with none that never came', async () => {
  const store = new MemoryStore();
  const manifest = (address: string) =>
    new BundleSource(`${server.origin}/${address}`, store, patience).fetchManifest();
  await manifest('bundle/');
  server.fail(/./, { status: 503 });
  expect(new TextDecoder().decode(await manifest('bundle/'))).toBe('{}');
  await expect(manifest('bundle/?other')).rejects.toMatchObject({ code: 'network' });
  // A server that says that it is gone is believed.
  server.fail(/./, { status: 404 });
  await expect(manifest('bundle/')).rejects.toMatchObject({ code: 'file_missing' });
});

it('keeps the query of the address for every file', async () => {
  for (const address of [
    'bundle?token=a%2Fb&v=2',
    'bundle/?token=a%2Fb&v=2',
    'bundle/manifest.json?token=a%2Fb&v=2',
  ]) {
    server.heal();
    const source = new BundleSource(`${server.origin}/${address}`, NO_STORE, patience);
    await source.fetchManifest();
    await source.fetchFiles(taker(), () => {});
    expect(server.requests.map(({ path }) => path)).toContain('/bundle/manifest.json');
    expect(server.requests.length).toBe(1 + files.length);
    for (const { search } of server.requests) expect(search).toBe('?token=a%2Fb&v=2');
  }
});

it('names a page of HTML that comes in place of a file', async () => {
  server.fail(/2\.bin/, { body: Buffer.from('<!DOCTYPE html><title>Not here</title>') });
  const files = source.fetchFiles(taker(), () => {});
  await expect(files).rejects.toMatchObject({ code: 'file_missing', details: { file: '2.bin' } });
  await expect(files).rejects.toThrow('HTML');
});

it('hands files over in order, though they arrive in another', async () => {
  server.fail(/0\.bin/, { speed: 200_000 });
  const sink = taker();
  const told: number[] = [];
  await source.fetchFiles(sink, (loaded, all) => {
    expect(all).toBe(total);
    told.push(loaded);
  });
  expect(sink.taken).toEqual([0, 1, 2, 3, 4, 5]);
  expect(told.at(-1)).toBe(total);
});

it('fetches a damaged file anew, once', async () => {
  server.fail(/3\.bin/, { body: randomBytes(50_003), times: 1 });
  const sink = taker();
  await source.fetchFiles(sink, () => {});
  expect(sink.taken).toEqual([0, 1, 2, 3, 4, 5]);
  expect(server.requests.filter(({ path }) => path.endsWith('3.bin')).length).toBe(2);

  server.fail(/3\.bin/, { body: randomBytes(50_003) });
  await expect(source.fetchFiles(taker(), () => {})).rejects.toMatchObject({ code: 'file_damaged' });
});

it('stops with the first file that cannot be had', async () => {
  server.fail(/1\.bin/, { status: 404 });
  server.fail(/2\.bin/, { speed: 1_000 });
  const sink = taker();
  const began = performance.now();
  await expect(source.fetchFiles(sink, () => {})).rejects.toMatchObject({ code: 'file_missing' });
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(sink.taken).toEqual([0]);
  expect(server.requests.some(({ path }) => path.endsWith('5.bin'))).toBe(false);
});

it('ends at once when it is called off', async () => {
  server.fail(/\.bin/, { speed: 1_000 });
  const controller = new AbortController();
  const began = performance.now();
  const files = source.fetchFiles(taker(), (loaded) => loaded > 0 && controller.abort(), controller.signal);
  await expect(files).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('takes over files that were begun before anybody could take them, and tells of their bytes', async () => {
  const early = new BundleSource(`${server.origin}/bundle`, NO_STORE, patience);
  const requested = server.requests.length;
  const told: number[] = [];
  early.begin(files, (loaded, all) => {
    expect(all).toBe(total);
    told.push(loaded);
  });
  await expect.poll(() => told.at(-1)).toBeGreaterThan(0);
  const later: number[] = [];
  const takes = taker();
  await early.fetchFiles(takes, (loaded) => later.push(loaded));
  expect(takes.taken).toEqual([0, 1, 2, 3, 4, 5]);
  expect(later.at(-1)).toBe(total);
  expect(Math.min(...later)).toBeGreaterThan(0);
  // None was asked for twice.
  expect(server.requests.length - requested).toBe(files.length);
});
