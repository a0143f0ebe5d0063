import { readFileSync } from 'node:fs';

import { attempt, expect, test } from './api.js';

const TINY = new URL('../data/tiny/', import.meta.url);

interface Manifest {
  dictionaries: { id: string; figures: { path: string } }[];
  neurons: { id: string }[];
  results: { path: string };
  atlases: unknown[];
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, TINY), 'utf8')) as T;
}

const manifest = json<Manifest>('manifest.json');
const [entry] = manifest.dictionaries;
if (!entry) throw new Error('the tiny bundle has no dictionary');

test('a bundle says which feature of all that it has tells a label best', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const atlas = await lens.atlas();
    const ontology = await lens.atlas('ontology');
    const sets = await lens.labelSets();
    const [neurons] = lens.neurons;
    const { cards } = neurons ?? {};
    lens.dispose();
    return {
      sets: sets.map(({ name, version, labels }) => [name, version, labels.length, labels[65]]),
      set: atlas?.set,
      positions: atlas?.positions,
      sources: atlas?.sources,
      labels: atlas?.labels.map(({ name }) => name),
      lengths: [atlas?.rate, atlas?.feature, atlas?.auroc, atlas?.low, atlas?.high, atlas?.f1].map(
        (column) => column?.length,
      ),
      rate: Array.from(atlas?.rate ?? []),
      auroc: Array.from(atlas?.auroc ?? []),
      feature: Array.from(atlas?.feature ?? []),
      f1: Array.from(atlas?.f1 ?? []),
      cards,
      ontology: [ontology?.set, ontology?.sources.length, ontology?.labels.length === sets[1]?.labels.length],
    };
  });
  expect(error).toBeUndefined();
  if (!value) return;
  expect(value.sets[0]).toEqual([
    'board',
    1,
    256,
    { name: 'opponent b1', title: 'The opponent has a disc on b1.', square: 1 },
  ]);
  const neurons = manifest.neurons.map(({ id }) => ({ kind: 'neurons', id }));
  // In the order in which they were measured, which is that of their layers.
  expect(value.sources).toHaveLength(neurons.length + 2);
  expect(value.sources).toEqual(
    expect.arrayContaining([
      { kind: 'dictionary', id: entry.id },
      ...neurons,
      { kind: 'probe', id: 'reads' },
    ]),
  );
  const sources = neurons.length + 2;
  const source = value.sources?.findIndex(({ id }) => id === entry.id) ?? -1;
  expect(value.lengths).toEqual([256, ...Array(5).fill(256 * sources)]);
  expect(value.ontology).toEqual(['ontology', sources - 1, true]);
  expect(value.cards).toMatchObject({ games: 20 });
  // What is written of the dictionary, label by label.
  const { detection } = json<{
    detection: { labels: { label: string; feature: number; auroc: { value: number } }[] };
  }>(entry.figures.path);
  expect(detection.labels.length).toBeGreaterThan(200);
  for (const { label, feature, auroc } of detection.labels) {
    const at = 256 * source + (value.labels?.indexOf(label) ?? -1);
    expect(value.feature[at]).toBe(feature);
    expect(value.auroc[at]).toBe(Math.fround(auroc.value));
    expect(value.f1[at]).toBeLessThanOrEqual(1);
  }
  // No disc of the centre is ever taken away.
  const never = value.labels?.indexOf('empty d4') ?? -1;
  const at = 256 * source + never;
  expect([value.rate[never], value.feature[at], value.auroc[at]]).toEqual([0, -1, Number.NaN]);
});

test('all features of a dictionary, and the card of each, say the same', async ({ open }) => {
  const ids = [entry.id, manifest.neurons[0]?.id ?? ''];
  const { value, error } = await attempt(
    await open(),
    async (ids) => {
      const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
      const all = [];
      for (const id of ids) {
        const table = await lens.features(id);
        if (!table) continue;
        for (const feature of table.density.keys()) {
          const card = await lens.card(id, feature);
          const [board] = card?.sets ?? [];
          const [best] = board?.labels ?? [];
          const { histogram } = card ?? {};
          const sum = (counts: readonly number[] | undefined) => counts?.reduce((a, b) => a + b, 0) ?? 0;
          const map = best && card?.maps?.[best.name.split(' ')[0] as keyof typeof card.maps];
          const { strongest, quantiles, random, falsePositives, falseNegatives } = card?.boards ?? {};
          all.push({
            table: [table.density[feature], table.max[feature]],
            card: [card?.density, card?.max],
            label: table.label[feature],
            tells: card?.sets.some(({ tells }) => tells),
            best: best?.auroc,
            interval: board?.interval,
            map: map?.[best?.square ?? -1],
            f1: [table.f1Label[feature], table.f1[feature], table.f1Base[feature]],
            cardF1: board?.f1 && [board.f1.name, board.f1.f1, board.f1.base],
            histogram: histogram && {
              label: histogram.label.name,
              positions: sum([...histogram.zero, ...histogram.counts.flat()]),
              active: sum(histogram.counts.flat()),
            },
            bestName: best?.name,
            positions: card?.corpus.positions ?? 0,
            groups: [strongest, random, falsePositives, falseNegatives].map((group) => group?.length),
            quantiles: quantiles?.length,
            strongest: strongest?.[0]?.activation,
            plies: [strongest, random, falsePositives, falseNegatives, ...(quantiles ?? [])]
              .flatMap((group) => group ?? [])
              .map(({ position }) => position.ply),
          });
        }
      }
      lens.dispose();
      return all;
    },
    ids,
  );
  expect(error).toBeUndefined();
  expect(value?.length).toBeGreaterThan(48);
  for (const feature of value ?? []) {
    expect(feature.card).toEqual(feature.table);
    expect(feature.label !== null).toBe(feature.tells);
    if (feature.best === undefined) continue;
    const [low, high] = feature.interval ?? [];
    expect(low).toBeLessThanOrEqual(feature.best);
    expect(high).toBeGreaterThanOrEqual(feature.best);
    expect(Math.abs((feature.map ?? Number.NaN) - feature.best)).toBeLessThan(0.0021);
    expect(feature.histogram).toMatchObject({ label: feature.bestName, positions: feature.positions });
    expect(feature.histogram?.active).toBe(Math.round((feature.card[0] ?? 0) * feature.positions));
    expect(feature.strongest).toBe(feature.card[1]);
    expect(feature.quantiles).toBe(4);
    expect(feature.plies.every((ply) => ply >= 5 && ply <= 55)).toBe(true);
    const [name, f1, base] = feature.f1;
    if (feature.cardF1) {
      expect(feature.cardF1).toEqual([name, f1, base]);
      expect(f1).toBeGreaterThan(base as number);
    } else expect([name, f1, base]).toEqual([null, Number.NaN, Number.NaN]);
  }
  expect(value?.some(({ groups }) => groups.every((count) => (count ?? 0) >= 4))).toBe(true);
});

test('what was measured comes as it was written', async ({ open }) => {
  const { value, error } = await attempt(
    await open(),
    async (id) => {
      const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
      const both = { results: await lens.results(), figures: await lens.dictionaryResults(id) };
      lens.dispose();
      return both;
    },
    entry.id,
  );
  expect(error).toBeUndefined();
  expect(value?.results).toEqual(json(manifest.results.path));
  expect(value?.figures).toEqual(json(entry.figures.path));
  expect(value?.results?.method.games).toMatchObject({ games: 20, first_ply: 5 });
});

test('a bundle without measurements says so, and a set that there is not is refused', async ({
  open,
  host,
}) => {
  const without = (object: object, ...keys: string[]) =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
  const dictionaries = manifest.dictionaries.map((listed) => without(listed, 'figures', 'cards'));
  const bare = without(manifest, 'results', 'atlases', 'neurons');
  host.fail(/tiny\/manifest\.json$/, { body: Buffer.from(JSON.stringify({ ...bare, dictionaries })) });
  const { value, error } = await attempt(
    await open(),
    async (id) => {
      const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
      const nothing = [
        await lens.atlas(),
        await lens.results(),
        await lens.dictionaryResults(id),
        await lens.features(id),
        await lens.card(id, 0),
      ];
      const refused = await lens.atlas('boards').then(
        () => null,
        ({ code, details }) => ({ code, details }),
      );
      lens.dispose();
      return { nothing, refused };
    },
    entry.id,
  );
  expect(error).toBeUndefined();
  expect(value?.nothing).toEqual([null, null, null, null, null]);
  expect(value?.refused).toMatchObject({
    code: 'bad_argument',
    details: { argument: 'set', found: '"boards"', expected: 'board, ontology' },
  });
});
