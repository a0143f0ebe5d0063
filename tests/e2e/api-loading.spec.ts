import type { Page } from '@playwright/test';
import type * as Api from 'othello-lens';

import type { StaticServer } from '../support/static-server.js';
import { attempt, expect, FEATURES, load, manifest, SHARD, serveShard, shard, test, WEIGHTS } from './api.js';

const shardRequests = (requests: { path: string; range: string | null }[]) =>
  requests.filter(({ path }) => path.endsWith(SHARD.path));

test('a bundle is fetched once, then cached', async ({ host, open }) => {
  const page = await open();
  expect((await load(page)).value).toMatchObject({ plies: 4, features: [3, FEATURES] });
  expect(shardRequests(host.requests)).toHaveLength(1);

  host.requests.length = 0;
  await page.reload();
  expect((await load(page)).value).toMatchObject({ plies: 4 });
  expect(host.requests.filter(({ path }) => path.endsWith('.safetensors'))).toEqual([]);
});

test('progress tells of every byte, in order', async ({ open }) => {
  const page = await open();
  const { value } = await attempt(page, async () => {
    const told: { phase: string; loaded: number; total: number }[] = [];
    const lens = await api.Lens.load('/models/small/', { onProgress: (progress) => told.push(progress) });
    lens.dispose();
    return told;
  });
  const phases = [...new Set(value?.map(({ phase }) => phase))];
  expect(phases).toEqual(['code', 'manifest', 'weights', 'engine', 'ready']);
  const loaded = value?.map(({ loaded }) => loaded) ?? [];
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  const last = value?.at(-1);
  expect(last?.loaded).toBe(last?.total);
  expect(last?.total).toBeGreaterThan(SHARD.bytes);
});

test.describe('a shard that is not what the manifest says', () => {
  const flipped = (file: Buffer) => {
    const copy = Buffer.from(file);
    copy.writeUInt8(copy.readUInt8(1_000_000) ^ 0x10, 1_000_000);
    return copy;
  };

  test('is fetched anew once when a bit has flipped on the way', async ({ host, open }) => {
    host.fail(new RegExp(SHARD.path), { body: flipped, times: 1 });
    expect((await load(await open())).value).toMatchObject({ plies: 4 });
    expect(shardRequests(host.requests)).toHaveLength(2);
  });

  test('is refused by name when a bit has flipped on the server', async ({ host, open }) => {
    host.fail(new RegExp(SHARD.path), { body: flipped });
    const page = await open();
    const { error } = await load(page);
    expect(error).toMatchObject({ name: 'LensError', code: 'file_damaged', details: { file: SHARD.path } });
    expect(shardRequests(host.requests)).toHaveLength(2);

    // Nothing of it is kept: once the server is well, so is the page.
    host.heal();
    expect((await load(page)).value).toMatchObject({ plies: 4 });
  });

  for (const [what, body] of [
    ['truncated', (file: Buffer) => file.subarray(0, -1000)],
    ['over-long', (file: Buffer) => Buffer.concat([file, Buffer.alloc(8)])],
  ] as const) {
    test(`is refused by name when it is ${what}`, async ({ host, open }) => {
      host.fail(new RegExp(SHARD.path), { body });
      const { error } = await load(await open());
      expect(error).toMatchObject({ code: 'file_damaged', details: { file: SHARD.path } });
      expect(error?.message).toContain(SHARD.path);
    });
  }

  test('is refused by name when it is missing', async ({ host, open }) => {
    host.fail(new RegExp(SHARD.path), { status: 404 });
    const { error } = await load(await open());
    expect(error).toMatchObject({ code: 'file_missing', details: { file: SHARD.path, status: 404 } });
  });
});

test.describe('a shard whose header lies', () => {
  /** The shard with another header before the same data. */
  const withHeader = (change: (header: string) => string) => {
    const bytes = shard();
    const length = Number(bytes.readBigUInt64LE(0));
    const header = Buffer.from(change(bytes.toString('utf8', 8, 8 + length)));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([prefix, header, bytes.subarray(8 + length)]);
  };

  test('about its own length', async ({ host, open }) => {
    const bytes = shard();
    bytes.writeBigUInt64LE(0xffff_ffff_ffffn, 0);
    serveShard(host, bytes);
    expect((await load(await open())).error).toMatchObject({ code: 'bad_weights' });
  });

  test('about where tensors lie', async ({ host, open }) => {
    serveShard(
      host,
      withHeader((header) => header.replace(/"data_offsets":\[0,/, '"data_offsets":[4,')),
    );
    expect((await load(await open())).error).toMatchObject({ code: 'bad_weights' });
  });

  test('about a shape', async ({ host, open }) => {
    serveShard(
      host,
      withHeader((header) => header.replace(/"shape":\[\d+,/, '"shape":[4294967295,')),
    );
    const { error } = await load(await open());
    expect(error?.code).toBe('bad_weights');
    expect(error?.details?.file).toMatch(/^model-0-/);
  });
});

test.describe('a manifest', () => {
  test('of a newer major version is refused with what to do', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { body: Buffer.from(JSON.stringify({ ...manifest(), format: '3.0' })) });
    const { error } = await load(await open());
    expect(error).toMatchObject({ code: 'newer_format', details: { file: 'manifest.json' } });
    expect(error?.message).toMatch(/3\.0.*update/s);
  });

  test('of an older major version is refused with what to do', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { body: Buffer.from(JSON.stringify({ ...manifest(), format: '1.1' })) });
    const { error } = await load(await open());
    expect(error).toMatchObject({ code: 'older_format', details: { file: 'manifest.json' } });
  });

  test('of a newer minor version, with keys that are not known, is read', async ({ host, open }) => {
    const newer = { ...manifest(), format: '2.7', cards: [] };
    host.fail(/manifest\.json$/, { body: Buffer.from(JSON.stringify(newer)) });
    expect((await load(await open())).value).toMatchObject({ plies: 4 });
  });

  test('that is none is refused', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { body: Buffer.from('<!doctype html><title>Not here</title>') });
    expect((await load(await open())).error).toMatchObject({ code: 'bad_manifest' });
  });

  test('that is a page of HTML is named as one', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { body: Buffer.from('<!doctype html><title>Log in</title>') });
    const { error } = await load(await open());
    expect(error).toMatchObject({ code: 'bad_manifest', details: { file: 'manifest.json' } });
    expect(error?.message).toContain('HTML');
  });

  test('that does not end is refused at its limit', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { body: Buffer.alloc(1 << 16, ' '), endless: true });
    expect((await load(await open())).error).toMatchObject({ code: 'bad_manifest' });
  });

  test('that is missing is named with its address', async ({ host, open }) => {
    host.fail(/manifest\.json$/, { status: 404 });
    const { error } = await load(await open());
    expect(error).toMatchObject({ code: 'file_missing', details: { file: 'manifest.json', status: 404 } });
    expect(error?.message).toContain('/models/small/manifest.json');
  });
});

test.describe('a bundle of another origin', () => {
  /** Loads from `elsewhere` and says how long the answer took. */
  const loadFrom = (page: Page, elsewhere: StaticServer) =>
    attempt(
      page,
      async (url) => {
        // The code is here before the clock runs.
        (await api.Othello.start()).dispose();
        const began = performance.now();
        const lens = await api.Lens.load(url).catch((error: Error) => error);
        const took = performance.now() - began;
        if (lens instanceof api.Lens) return { took, engine: lens.engine.kind };
        const { code, message, details } = lens as Api.LensError;
        return { took, code, message, details };
      },
      `${elsewhere.origin}/models/small/`,
    );

  test('is loaded where its server allows it', async ({ open, elsewhere }) => {
    expect((await loadFrom(await open(), elsewhere)).value).toMatchObject({ engine: 'cpu' });
  });

  test('is named as kept from the page where its server does not', async ({ open, elsewhere }) => {
    elsewhere.fail(/./, { noCors: true });
    const { value } = await loadFrom(await open(), elsewhere);
    expect(value).toMatchObject({ code: 'blocked', details: { reason: 'cors' } });
    expect(value?.message).toContain('CORS');
    expect(value?.took).toBeLessThan(1_000);
  });

  test('is named as forbidden where a content security policy is against it', async ({
    host,
    open,
    elsewhere,
  }) => {
    host.fail(/worker\.js$/, { headers: { 'Content-Security-Policy': "connect-src 'self'" } });
    const { value } = await loadFrom(await open(), elsewhere);
    expect(value).toMatchObject({ code: 'blocked', details: { reason: 'policy' } });
    expect(value?.message).toContain('connect-src');
    expect(value?.took).toBeLessThan(1_000);
    expect(elsewhere.requests).toEqual([]);
  });
});

test('the query of a bundle\u2019s address is that of all its files', async ({ host, open }) => {
  const page = await open();
  await attempt(page, async () => (await api.Lens.load('/models/small/?token=a%2Fb')).dispose());
  const asked = host.requests.filter(({ path }) => path.startsWith('/models/small/'));
  expect(asked.length).toBeGreaterThan(2);
  for (const { search } of asked) expect(search).toBe('?token=a%2Fb');
});

test('a connection that breaks is resumed where it broke', async ({ host, open }) => {
  host.fail(new RegExp(SHARD.path), { breakAfter: 1_500_000, linger: 1000, times: 1 });
  expect((await load(await open())).value).toMatchObject({ plies: 4 });
  const [first, second, ...rest] = shardRequests(host.requests);
  expect(first?.range).toBeNull();
  expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(rest).toEqual([]);
});

test('a tab closed during the download goes on when it is opened again', async ({ host, open }) => {
  host.fail(new RegExp(SHARD.path), { speed: 1_000_000 });
  const page = await open();
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const onProgress = ({ loaded }: { loaded: number }) => loaded > 1_800_000 && resolve();
        api.Lens.load('/models/small/', { onProgress }).catch(reject);
      }),
  );
  await page.close();

  host.heal();
  const reopened = await open();
  const began = await attempt(reopened, async () => {
    const told: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }) => told.push(loaded);
    (await api.Lens.load('/models/small/', { onProgress })).dispose();
    // The self-test, which is small, may come first.
    return told.find((loaded) => loaded > 100_000);
  });
  expect(began.value).toBeGreaterThanOrEqual(1 << 20);
  const [resumed, ...rest] = shardRequests(host.requests);
  expect(Number(/^bytes=(\d+)-$/.exec(resumed?.range ?? '')?.[1])).toBeGreaterThanOrEqual(1 << 20);
  expect(rest).toEqual([]);
});

test('cached bytes that went bad are dropped and fetched anew', async ({ host, open }) => {
  const page = await open();
  expect((await load(page)).value).toMatchObject({ plies: 4 });
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const bytes = new Uint8Array(await ((await cache.match(request)) as Response).arrayBuffer());
        await cache.put(request, new Response(bytes.map((byte) => byte ^ 1)));
      }
    }
  });
  host.requests.length = 0;
  expect((await load(page)).value).toMatchObject({ plies: 4 });
  expect(shardRequests(host.requests)).toMatchObject([
    { path: expect.stringContaining(SHARD.path), range: null },
  ]);
});

test('a load that is called off ends at once', async ({ host, open }) => {
  host.fail(new RegExp(SHARD.path), { speed: 200_000 });
  const { value } = await attempt(await open(), async () => {
    const controller = new AbortController();
    const began = performance.now();
    let at = 0;
    const onProgress = ({ loaded }: { loaded: number }) => {
      if (loaded > 100_000 && at === 0) {
        at = performance.now();
        controller.abort();
      }
    };
    const load = api.Lens.load('/models/small/', { signal: controller.signal, onProgress });
    const name = await load.then(
      () => 'loaded',
      (error: Error) => error.name,
    );
    return { name, wait: performance.now() - at, began };
  });
  expect(value?.name).toBe('AbortError');
  expect(value?.wait).toBeLessThan(1_000);
});

test('what was loaded before is not lost when a later load fails', async ({ host, open }) => {
  const page = await open();
  const { value } = await attempt(page, async () => {
    const lens = await api.Lens.load('/models/small/');
    await lens.analyse('f5d6c3');
    const failed = await api.Lens.load('/models/none/').then(
      () => 'loaded',
      (error: { code: string }) => error.code,
    );
    const { transcript, computed } = await lens.append('d3');
    return { failed, transcript, computed };
  });
  expect(value).toEqual({ failed: 'file_missing', transcript: 'f5d6c3d3', computed: 1 });
  expect(host.requests.some(({ path }) => path.startsWith('/models/none/'))).toBe(true);
});

test('an SAE whose file is missing leaves the game as it was', async ({ host, open }) => {
  host.fail(new RegExp(WEIGHTS), { status: 404 });
  const page = await open();
  const { value } = await attempt(page, async () => {
    const lens = await api.Lens.load('/models/small/');
    const dictionary = lens.dictionaries[0]?.id ?? '';
    await lens.analyse('f5d6');
    const code = await lens.analyse('f5d6c3', { dictionary }).then(
      () => 'analysed',
      (error: { code: string }) => error.code,
    );
    const { transcript, computed } = await lens.append('c3');
    return { code, transcript, computed };
  });
  expect(value).toEqual({ code: 'file_missing', transcript: 'f5d6c3', computed: 1 });
});

test('an SAE that two analyses ask for comes once, though one of them is called off', async ({
  host,
  open,
}) => {
  host.fail(new RegExp(WEIGHTS), { speed: 200_000 });
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const controller = new AbortController();
    const onProgress = ({ loaded }: { loaded: number }) => loaded > 50_000 && controller.abort();
    const first = lens.analyse('f5', { dictionary, signal: controller.signal, onProgress }).then(
      () => 'analysed',
      (error: Error) => error.name,
    );
    const told: number[] = [];
    const second = lens.analyse('f5d6', { dictionary, onProgress: ({ loaded }) => told.push(loaded) });
    return { first: await first, features: (await second).features?.shape, told: told.length > 1 };
  });
  expect(value).toEqual({ first: 'AbortError', features: [2, FEATURES], told: true });
  expect(host.requests.filter(({ path }) => path.endsWith(WEIGHTS))).toHaveLength(1);
});
