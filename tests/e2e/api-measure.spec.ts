import { readFileSync } from 'node:fs';
import type { Measured } from 'othello-lens';

import { attempt, expect, test } from './api.js';

/** What `tests/figures.rs` asks for. */
const REQUEST = {
  games: 20,
  seed: 3,
  draws: 20,
  figures: ['roc', 'threshold_curve', 'neighbours'],
  labels: ['board', 'ontology'],
};

/** How far figures may be apart, by their share: of the same activations, and of those that the page computes. */
const SAME = 1e-12;
const OWN = 2e-3;

/** What was recorded natively of `tests/data/tiny`. */
const recorded = JSON.parse(
  readFileSync(new URL('../data/tiny-figures.json', import.meta.url), 'utf8'),
) as Record<'same' | 'own', unknown>;

/** Measures the tiny bundle; `made` says whether its activations are brought. */
async function measure({ made, request }: { made: boolean; request: typeof REQUEST }) {
  const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
  const [dictionary] = lens.dictionaries;
  const told: string[] = [];
  /** What `made` of `tests/figures.rs` makes: sums of powers of two. */
  const chunk = (number: number, games: number) => {
    let state = 1 + number;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 16;
    };
    const rows = games * 59;
    const features = Float32Array.from({ length: rows * 48 }, () => {
      const word = next();
      return word % 4 === 0 ? (word >>> 8) / 64 : 0;
    });
    const target = Float32Array.from({ length: rows * 32 }, () => (next() >>> 8) / 128 - 1);
    return { features, target, reconstruction: target.map((x) => x * 0.75 + 0.125) };
  };
  const measured = await lens.measure(dictionary?.id ?? '', {
    ...request,
    ...(made && { activations: [chunk(0, 8), chunk(1, 8), chunk(2, 4)] }),
    onProgress: ({ phase, loaded, total }) => phase !== 'weights' && told.push(`${phase} ${loaded}/${total}`),
  });
  lens.dispose();
  return { measured, told };
}

interface Labelled {
  labels: { auroc: { value: number } }[];
}

/** What `told` of `tests/figures.rs` tells. */
function told({ values, figures: { detection, further_labels: further } }: Measured) {
  const aurocs = (of: Labelled | undefined) => of?.labels.map(({ auroc }) => auroc.value);
  return {
    values: Object.fromEntries(values.map(({ name, ...estimate }) => [name, estimate])),
    board: aurocs(detection as Labelled),
    ontology: aurocs((further as Labelled[])[0]),
  };
}

/** The numbers of `value`, by where they stand. */
function numbers(value: unknown, at = ''): [string, number][] {
  if (typeof value === 'number') return [[at, value]];
  return Object.entries(value as object).flatMap(([key, inner]) => numbers(inner, `${at}.${key}`));
}

function expectNear(found: unknown, expected: unknown, share: number) {
  const ours = new Map(numbers(found));
  const theirs = new Map(numbers(expected));
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  for (const [at, value] of theirs) {
    const apart = Math.abs((ours.get(at) ?? Number.NaN) - value);
    expect(apart, `${at}: ${ours.get(at)}, natively ${value}`).toBeLessThanOrEqual(
      share * Math.max(Math.abs(value), share),
    );
  }
}

for (const [made, share, name] of [
  [true, SAME, 'same'],
  [false, OWN, 'own'],
] as const) {
  test(`figures of ${name} activations are those measured natively`, async ({ open }) => {
    const { value, error } = await attempt(await open(), measure, { made, request: REQUEST });
    expect(error).toBeUndefined();
    if (!value) return;
    expectNear(told(value.measured), recorded[name], share);
    const games = made ? [] : ['games 0/20', 'games 8/20', 'games 16/20'];
    expect(value.told.slice(0, games.length + 2)).toEqual([...games, 'games 20/20', 'features 0/48']);
    expect(value.told).toContain('features 48/48');
    expect(value.told.at(-1)).toMatch(/^labels (\d+)\/\1$/);
    for (const figure of REQUEST.figures) expect(value.measured.figures).toHaveProperty(figure);
  });
}

test('all figures are listed with what they mean', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    return lens.figures();
  });
  const named = new Map((value ?? []).map((figure) => [figure.name, figure]));
  expect(named.get('detection')).toMatchObject({ subject: 'dictionary', measurable: true });
  expect(named.get('detection')?.published.length).toBeGreaterThan(0);
  for (const name of ['splice', 'cosines', 'k_sparse', 'board_reconstruction'])
    expect(named.get(name)).toMatchObject({ measurable: true });
  expect(named.get('next_move')).toMatchObject({ subject: 'model', measurable: false });
  for (const { meaning, values } of value ?? []) {
    expect(meaning).not.toBe('');
    for (const { formula, unit } of values)
      expect([formula === '', unit]).toEqual([false, expect.any(String)]);
  }
});

test('a measurement that is asked for wrongly is refused, and one that is aborted ends', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const told = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ name, code, details }) => ({ name, code, argument: details?.argument }),
      );
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    return {
      games: await told(lens.measure(id, { games: 0 })),
      many: await told(lens.measure(id, { games: 20_000 })),
      learningGames: await told(lens.measure(id, { learningGames: 0 })),
      draws: await told(lens.measure(id, { draws: 2001 })),
      figures: await told(lens.measure(id, { figures: ['splices'] })),
      labels: await told(lens.measure(id, { labels: ['boards'] })),
      activations: await told(lens.measure(id, { activations: [] })),
      // What is brought says nothing of the model.
      brought: await told(
        lens.measure(id, {
          games: 1,
          figures: ['splice'],
          activations: [
            {
              features: new Float32Array(59 * 48),
              target: new Float32Array(59 * 32),
              reconstruction: new Float32Array(59 * 32),
            },
          ],
        }),
      ),
      shared: await told(lens.measure(id, { games: 0, workers: 2 })),
      workers: await told(lens.measure(id, { workers: 17 })),
      unknown: await told(lens.measure('lost', { workers: 2 })),
      aborted: await told(lens.measure(id, { games: 4000, signal: controller.signal, onProgress })),
      after: (await lens.analyse('f5')).nextMoves.length,
    };
  });
  for (const argument of [
    'games',
    'learningGames',
    'draws',
    'figures',
    'labels',
    'activations',
    'workers',
  ] as const)
    expect(value?.[argument]).toMatchObject({ code: 'bad_argument', argument: `options.${argument}` });
  expect(value?.many).toMatchObject({ code: 'bad_argument', argument: 'options.games' });
  expect(value?.brought).toMatchObject({ code: 'bad_argument', argument: 'options.figures' });
  expect(value?.shared).toMatchObject({ code: 'bad_argument', argument: 'options.games' });
  expect(value?.unknown).toMatchObject({ code: 'no_such_dictionary' });
  expect(value?.aborted).toMatchObject({ name: 'AbortError' });
  expect(value?.after).toBe(2);
});

test('any number of workers measures the same bits, in every figure', async ({ host, open }) => {
  test.slow();
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const figures = (await lens.figures()).filter(({ subject }) => subject === 'dictionary');
    const request = {
      games: 30,
      draws: 4,
      learningGames: 18,
      figures: figures.map(({ name }) => name),
      labels: ['board', 'ontology'],
    };
    const alone = JSON.stringify(await lens.measure(id, request));
    const told: string[] = [];
    const same: boolean[] = [];
    // 30 games are four chunks: the fifth worker would have none.
    for (const workers of [1, 3, 5]) {
      told.length = 0;
      const onProgress: Parameters<typeof lens.measure>[1] = {
        onProgress: ({ phase, loaded, total }) =>
          phase !== 'weights' && told.push(`${phase} ${loaded}/${total}`),
      };
      const shared = await lens.measure(id, { ...request, workers, ...onProgress });
      same.push(JSON.stringify(shared) === alone);
    }
    lens.dispose();
    return { same, told, measured: Object.keys((JSON.parse(alone) as Measured).figures).sort() };
  });
  expect(error).toBeUndefined();
  expect(value?.same).toEqual([true, true, true]);
  // It is told of all workers' games together, once the last of them has begun.
  expect(value?.told[0]).toMatch(/^games \d+\/48$/);
  for (const whole of ['games 48/48', 'features 48/48']) expect(value?.told).toContain(whole);
  // Every stage comes to its end.
  for (const stage of ['labels', 'regressions'])
    expect(value?.told.filter((each) => each.startsWith(stage)).at(-1)).toMatch(/ (\d+)\/\1$/);
  // The tiny bundle has no probes.
  const known = ['board_reconstruction', 'detection', 'feature_sum', 'histograms', 'k_sparse', 'splice'];
  expect(value?.measured).toEqual(expect.arrayContaining(known));
  // The manifest and the weights came once, whoever needed them.
  const paths = host.requests.map(({ path }) => path).filter((path) => path.startsWith('/models/tiny/'));
  expect(new Set(paths).size).toBe(paths.length);
});

test('cosines to the probes of the bundle are measured in the page', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/', { device: 'cpu' });
    const [dictionary] = lens.dictionaries.filter(({ reads: [{ name }] }) => name.endsWith('resid_post'));
    const measured = await lens.measure(dictionary?.id ?? '', { games: 8, draws: 2, figures: ['cosines'] });
    lens.dispose();
    const { cosines } = measured.figures;
    return cosines as Record<string, { mean: number[] }>;
  });
  expect(error).toBeUndefined();
  const [[, { mean }] = ['', { mean: [] }]] = Object.entries(value ?? {});
  expect(mean).toHaveLength(3);
  for (const cosine of mean) expect(cosine).toBeGreaterThan(0.1);
});

test('a shared measurement that is aborted, or that a worker fails, ends; the next one is whole', async ({
  context,
  open,
}) => {
  // The second worker of the pool is asked, when it is told to fail, for work that it does not have.
  await context.addInitScript(() => {
    const { Worker } = globalThis;
    let started = 0;
    globalThis.Worker = class extends Worker {
      readonly number = started++;
      override postMessage(message: unknown, transfer?: unknown) {
        const { what } = message as { what: string };
        const fails = what === 'advance' && this.number === 2 && Reflect.get(globalThis, 'failing');
        super.postMessage(fails ? { ...(message as object), work: 99 } : message, transfer as Transferable[]);
      }
    };
  });
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const told = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ name, code, message }) => ({ name, code, message }),
      );
    const controller = new AbortController();
    const onProgress = ({ loaded }: { loaded: number }) => loaded > 0 && controller.abort();
    const { signal } = controller;
    const aborted = await told(lens.measure(id, { games: 4000, workers: 2, signal, onProgress }));
    Reflect.set(globalThis, 'failing', true);
    const failed = await told(lens.measure(id, { games: 4000, workers: 2 }));
    Reflect.set(globalThis, 'failing', false);
    const alone = JSON.stringify(await lens.measure(id, { games: 20 }));
    const after = JSON.stringify(await lens.measure(id, { games: 20, workers: 2 }));
    const { nextMoves } = await lens.analyse('f5');
    lens.dispose();
    const disposed = await told(lens.measure(id, { workers: 2 }));
    return { aborted, failed, same: alone === after, plies: nextMoves.length, disposed };
  });
  expect(error).toBeUndefined();
  expect(value?.aborted).toMatchObject({ name: 'AbortError' });
  expect(value?.failed).toMatchObject({ code: 'internal', message: expect.stringContaining('99') });
  expect(value).toMatchObject({ same: true, plies: 2, disposed: { code: 'disposed' } });
});
