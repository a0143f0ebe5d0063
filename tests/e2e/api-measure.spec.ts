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
  const done: number[] = [];
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
    onProgress: ({ phase, loaded }) => phase === 'games' && done.push(loaded),
  });
  lens.dispose();
  return { measured, done };
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
    expect(value.done).toEqual([8, 16, 20]);
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
  expect(named.get('splice')).toMatchObject({ measurable: false });
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
      figures: await told(lens.measure(id, { figures: ['splice'] })),
      labels: await told(lens.measure(id, { labels: ['boards'] })),
      activations: await told(lens.measure(id, { activations: [] })),
      aborted: await told(lens.measure(id, { games: 4000, signal: controller.signal, onProgress })),
      after: (await lens.analyse('f5')).nextMoves.length,
    };
  });
  for (const argument of ['games', 'figures', 'labels', 'activations'] as const)
    expect(value?.[argument]).toMatchObject({ code: 'bad_argument', argument: `options.${argument}` });
  expect(value?.aborted).toMatchObject({ name: 'AbortError' });
  expect(value?.after).toBe(2);
});
