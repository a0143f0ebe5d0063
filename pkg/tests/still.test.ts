import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { StaticServer } from '../../tests/support/static-server.js';
import { readFeature } from '../src/elements/still/feature.js';
import type { StillDictionary } from '../src/elements/still/manifest.js';
import { RemoteTensors } from '../src/elements/still/remote-tensors.js';

const SMALL = path.resolve(import.meta.dirname, '../../models/small');
const patience = { retries: 1, delay: 5, stall: 1_000 };
const manifest = JSON.parse(readFileSync(path.join(SMALL, 'manifest.json'), 'utf8')) as {
  dictionaries: (StillDictionary & Required<Pick<StillDictionary, 'cards'>>)[];
};
const [dictionary] = manifest.dictionaries.filter(({ id }) => id.startsWith('blocks.5.'));
if (!dictionary) throw new Error('the bundle has no dictionary of block 5');
const { file } = dictionary.cards;
const bytes = readFileSync(path.join(SMALL, file.path));

let folder: string;
let server: StaticServer;
/** Another address for each test: manifests are kept for a page. */
let at = 0;
const bundle = () => `${server.origin}/models/?${at}`;
const cards = () => ({ name: file.path, url: `${server.origin}/models/${file.path}`, bytes: file.bytes });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'othello-lens-'));
  server = await StaticServer.start({ '/models/': SMALL, '/made/': folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  server.heal();
  at += 1;
});

/** A tensor read the simple way, from the whole file. */
function column(name: string): Float32Array {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
  const [begin, end] = header[name].data_offsets as [number, number];
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + 8 + length + begin, bytes.byteOffset + 8 + length + end),
  );
}

describe('a row of the cards', () => {
  it('is fetched alone', async () => {
    const still = await readFeature(bundle(), dictionary.id, 42);
    expect(still.density).toBe(column('density')[42]);
    expect(still.max).toBe(column('max')[42]);
    expect(still.corpus).toMatchObject({ games: dictionary.cards.games });
    const ranges = server.requests.filter(({ path }) => path.endsWith(file.path)).map(({ range }) => range);
    const fetched = ranges.reduce((sum, range) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
      return sum + Number(to) + 1 - Number(from);
    }, 0);
    expect(fetched).toBeLessThan(20_000);
  });

  it('names the label that the feature tells best', async () => {
    // The feature with the best AUROC of all tells something.
    const auroc = column('labels.board.1.auroc');
    const perFeature = auroc.length / dictionary.config.features;
    const best = auroc.indexOf(Math.max(...auroc));
    const still = await readFeature(bundle(), dictionary.id, Math.floor(best / perFeature));
    expect(still.best?.auroc).toBe(auroc[best]);
    expect(still.best?.name).toMatch(/^(own|opponent|empty|legal) [a-h][1-8]$/);
  });

  it('comes out of the whole file where the server knows no ranges', async () => {
    const ranged = await readFeature(bundle(), dictionary.id, 7);
    server.heal();
    server.fail(/\.safetensors$/, { noRange: true });
    at += 1;
    expect(await readFeature(bundle(), dictionary.id, 7)).toEqual(ranged);
    // It is read once, however many rows are.
    expect(server.requests.filter(({ path }) => path.endsWith(file.path))).toHaveLength(1);
  });
});

describe('what cannot be read is named', () => {
  it.each([
    ['a dictionary', 'blocks.9-<b>', 0, 'has no dictionary “blocks.9-<b>”'],
    [
      'a feature',
      dictionary.id,
      1024,
      `There is no feature 1024 in ${dictionary.id}, whose features are 0 to 1023.`,
    ],
    ['a feature that is no number', dictionary.id, Number.NaN, 'There is no feature NaN'],
  ])('%s', async (_, id, feature, message) => {
    await expect(readFeature(bundle(), id, feature)).rejects.toThrow(message);
  });

  it('a file that is not there', async () => {
    server.fail(/\.safetensors$/, { status: 404 });
    await expect(readFeature(bundle(), dictionary.id, 0)).rejects.toMatchObject({
      code: 'file_missing',
      message: expect.stringContaining(file.path),
    });
  });

  it('a file of another length', async () => {
    server.fail(/\.safetensors$/, { noRange: true, body: Buffer.from(bytes.subarray(0, 999)) });
    await expect(RemoteTensors.open(cards(), undefined, patience)).rejects.toMatchObject({
      code: 'file_damaged',
    });
  });

  it.each([
    ['a length beyond the file', (file: Buffer) => file.writeBigUInt64LE(1n << 60n)],
    ['no JSON', (file: Buffer) => file.write('[', 8)],
    [
      'a tensor beyond the file',
      (file: Buffer) => {
        const header = file.toString('latin1', 0, 8 + Number(file.readBigUInt64LE()));
        const end = Math.max(...[...header.matchAll(/,(\d+)\]/g)].map(([, end]) => Number(end)));
        file.write(header.replace(`,${end}]`, `,${'9'.repeat(String(end).length)}]`), 'latin1');
      },
    ],
  ])('a header with %s', async (_, damage) => {
    const damaged = Buffer.from(bytes);
    damage(damaged);
    await writeFile(path.join(folder, 'cards.safetensors'), damaged);
    const made = {
      name: 'cards.safetensors',
      url: `${server.origin}/made/cards.safetensors`,
      bytes: damaged.length,
    };
    await expect(RemoteTensors.open(made, undefined, patience)).rejects.toMatchObject({
      code: 'bad_weights',
      message: expect.stringMatching(/^cards\.safetensors cannot be read: /),
    });
  });

  it('a bundle of another format', async () => {
    await writeFile(path.join(folder, 'manifest.json'), '{"format":"3.0","dictionaries":[]}');
    await expect(readFeature(`${server.origin}/made/`, 'any', 0)).rejects.toMatchObject({
      code: 'newer_format',
    });
  });
});

describe('the cards of a bundle that has maps and intervals', () => {
  const tiny = path.resolve(import.meta.dirname, '../../tests/data/tiny');

  it('are read as docs/format.md says', async () => {
    const manifest = JSON.parse(readFileSync(path.join(tiny, 'manifest.json'), 'utf8')) as {
      dictionaries: StillDictionary[];
    };
    const measured = manifest.dictionaries.find(({ cards }) => cards);
    if (!measured?.cards) throw new Error('the bundle of the tests has no cards');
    const raw = readFileSync(path.join(tiny, measured.cards.file.path));
    const length = Number(raw.readBigUInt64LE(0));
    const header = JSON.parse(raw.subarray(8, 8 + length).toString());
    const at = (name: string, index: number, size: number) =>
      8 + length + header[name].data_offsets[0] + index * size;
    const names = JSON.parse(header.__metadata__['labels.board.1']) as string[];
    const server = await StaticServer.start({ '/tiny/': tiny });
    for (const feature of [0, 1, 5, 9]) {
      const { best, maps } = await readFeature(`${server.origin}/tiny/`, measured.id, feature);
      const [, labels] = header['labels.board.1.label'].shape as [number, number];
      const label = raw.readUInt16LE(at('labels.board.1.label', feature * labels, 2));
      const auroc = raw.readFloatLE(at('labels.board.1.auroc', feature * labels, 4));
      if (auroc === 0) expect(best).toBeNull();
      else expect(best).toMatchObject({ name: names[label], auroc });
      const high = raw.readFloatLE(at('labels.board.1.interval', 2 * feature + 1, 4));
      if (best) expect(best.interval?.[1] ?? 0).toBe(high);
      const byte = raw.readUInt8(at('labels.board.1.map', 256 * feature + 64 + 19, 1));
      expect(maps['opponent']?.[19]).toBeCloseTo(byte === 0 ? Number.NaN : byte / 255, 6);
    }
    await server.close();
  }, 20_000);
});
