import type { Study } from 'othello-lens';

import { attempt, expect, test } from './api.js';

/** What can be told of a study outside the page. */
interface Told {
  study: Study;
  aurocs: number[];
  roc: [number, number][];
}

declare global {
  /** Tells of a study: typed arrays do not leave the page as they are. */
  var told: (study: Study) => Told;
}

test.beforeEach(async ({ context }) => {
  await context.addInitScript(() => {
    globalThis.told = (study) => {
      const roc = study.label?.roc;
      const points = Array.from(roc?.falsePositives ?? []).map((x, at): [number, number] => [
        x,
        roc?.truePositives[at] ?? Number.NaN,
      ]);
      return { study, aurocs: [...study.aurocs], roc: points };
    };
  });
});

test('a study tells of a feature what a measurement of the same games tells', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const request = { games: 30, seed: 3 };
    const { values, figures } = await lens.measure(id, { ...request, labels: ['board'] });
    const { detection } = figures;
    const { labels } = detection as {
      labels: { label: string; feature: number; auroc: { value: number; n: number } }[];
    };
    const of = labels.filter((_, at) => at % 40 === 0);
    const found = [];
    for (const { label, feature, auroc } of of) {
      const games: string[] = [];
      const onProgress: Parameters<typeof lens.study>[2] = {
        onProgress: ({ phase, loaded, total }) => games.push(`${phase} ${loaded}/${total}`),
      };
      const study = await lens.study(id, feature, { ...request, label, ...onProgress });
      found.push({ label, auroc, games, told: told(study) });
    }
    lens.dispose();
    return { found, values };
  });
  expect(error).toBeUndefined();
  expect(value?.found.length).toBeGreaterThan(4);
  expect(value?.found[0]?.games.at(-1)).toBe('games 30/30');
  for (const { label, auroc, games, told } of value?.found ?? []) {
    const { study } = told;
    expect(study.label?.name).toBe(label);
    expect(study.label?.auroc, label).toBeCloseTo(auroc.value, 12);
    const [low = 1, high = 0] = study.label?.interval ?? [];
    expect(low).toBeLessThanOrEqual(auroc.value);
    expect(high).toBeGreaterThanOrEqual(auroc.value);
    expect(study.corpus).toMatchObject({ games: 30, seed: 3, positions: auroc.n });
    // Of a feature that was studied for another label before, no games are run.
    expect([undefined, 'games 30/30']).toContain(games.at(-1));
    // The area under the curve is the AUROC, but for what was left out of the curve.
    const area = told.roc.slice(1).reduce((sum, [x, y], at) => {
      const [before, height] = told.roc[at] ?? [0, 0];
      return sum + ((x - before) * (y + height)) / 2;
    }, 0);
    expect(area).toBeCloseTo(auroc.value, 2);
    const { histogram, positives } = study.label ?? { histogram: null, positives: 0 };
    const [without, of] = [0, 1].map(
      (side) =>
        (histogram?.zero[side] ?? 0) + (histogram?.counts[side]?.reduce((sum, count) => sum + count, 0) ?? 0),
    );
    expect([without, of]).toEqual([study.corpus.positions - positives, positives]);
    expect(study.correlated.length).toBe(8);
  }
});

test('other labels and thresholds are answered from the games that were run', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const { figures } = await lens.measure(id, { games: 8, draws: 2 });
    const { detection } = figures;
    const { labels } = detection as { labels: { label: string; feature: number }[] };
    const { feature = 0 } = labels.find(({ label }) => label === 'empty c4') ?? {};
    let games = 0;
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'games') games += 1;
    };
    const ask = async (options: object) => {
      games = 0;
      const study = await lens.study(id, feature, { games: 40, onProgress, ...options });
      return { games, ...told(study) };
    };
    const first = await ask({});
    const half = await ask({ threshold: 0.5 });
    const named = await ask({ label: 'empty c4', threshold: 0.5 });
    const wider = await ask({ set: 'ontology' });
    const other = await ask({ seed: 40 });
    const again = await ask({});
    lens.dispose();
    return {
      first,
      half,
      named,
      wider,
      other,
      same: JSON.stringify(again) === JSON.stringify({ ...first, games: 0 }),
    };
  });
  expect(error).toBeUndefined();
  if (!value) return;
  const { first, half, named, wider, other } = value;
  expect(first.games).toBeGreaterThan(4);
  expect(other.games).toBeGreaterThan(4);
  expect([half.games, named.games, wider.games]).toEqual([0, 0, 0]);
  expect(value.same).toBe(true);
  const density = (told: Told) => told.study.density;
  expect(density(half)).toBeLessThan(density(first));
  expect(half.study.label?.prediction.threshold).toBe(0.5);
  expect(half.study.label?.curve).toHaveLength(51);
  // What is not counted as active is a failure where the label holds.
  const above = 0.5 * half.study.max;
  for (const { activation } of half.study.boards.falsePositives) expect(activation).toBeGreaterThan(above);
  for (const { activation } of half.study.boards.falseNegatives)
    expect(activation).toBeLessThanOrEqual(above);
  expect(named.study.label?.name).toBe('empty c4');
  for (const { position } of named.study.boards.falseNegatives) expect(position.board[26]).toBe(0);
  for (const { position } of named.study.boards.falsePositives) expect(position.board[26]).not.toBe(0);
  expect(first.aurocs).toHaveLength(256);
  expect(wider.study).toMatchObject({ set: 'ontology' });
  expect(wider.aurocs.length).toBeGreaterThan(256);
  const best = Math.max(...first.aurocs.filter((auroc) => !Number.isNaN(auroc)));
  expect(first.study.label?.auroc).toBeCloseTo(best, 6);
});

test('workers make the same study as the lens alone, of neurons too', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const neurons = lens.neurons[1]?.id ?? '';
    const same = [];
    let total = 0;
    for (const id of [lens.dictionaries[0]?.id ?? '', neurons]) {
      const fresh = await api.Lens.load('/models/tiny/', { device: 'cpu' });
      const alone = JSON.stringify(told(await fresh.study(id, 3, { games: 30 })));
      fresh.dispose();
      const other = await api.Lens.load('/models/tiny/', { device: 'cpu' });
      const onProgress: Parameters<typeof lens.study>[2] = {
        onProgress: (progress) => {
          if (progress.phase === 'games') total = progress.total;
        },
      };
      const shared = await other.study(id, 3, { games: 30, workers: 3, ...onProgress });
      same.push(JSON.stringify(told(shared)) === alone);
      other.dispose();
    }
    lens.dispose();
    return { same, total, neurons };
  });
  expect(error).toBeUndefined();
  expect(value).toMatchObject({ same: [true, true], total: 30 });
  expect(value?.neurons).toMatch(/^blocks\.1\.mlp\.hook_post/);
});

test('what cannot be studied is named, and a study that is aborted leaves the lens good', async ({
  open,
}) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/tiny/', { device: 'cpu' });
    const id = lens.dictionaries[0]?.id ?? '';
    const why = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ name, code, message, details }) => ({ name, code, message, argument: details?.argument }),
      );
    const aborted = async (workers: { workers?: number }) => {
      const controller = new AbortController();
      const onProgress = ({ phase, loaded }: { phase: string; loaded: number }) => {
        if (phase === 'games' && loaded > 0) controller.abort();
      };
      const { signal } = controller;
      return why(lens.study(id, 0, { games: 4000, signal, onProgress, ...workers }));
    };
    return {
      dictionary: await why(lens.study('lost', 0)),
      feature: await why(lens.study(id, 48)),
      label: await why(lens.study(id, 0, { label: 'own z9' })),
      labelOfSet: await why(lens.study(id, 0, { label: 'own c4', set: 'ontology' })),
      set: await why(lens.study(id, 0, { set: 'boards' })),
      games: await why(lens.study(id, 0, { games: 0 })),
      threshold: await why(lens.study(id, 0, { threshold: 2 })),
      workers: await why(lens.study(id, 0, { workers: 0 })),
      alone: await aborted({}),
      shared: await aborted({ workers: 2 }),
      after: (await lens.study(id, 0, { games: 8, workers: 2 })).corpus.games,
      plies: (await lens.analyse('f5')).nextMoves.length,
    };
  });
  expect(error).toBeUndefined();
  expect(value?.dictionary).toMatchObject({ code: 'no_such_dictionary' });
  expect(value?.feature).toMatchObject({ code: 'bad_argument', argument: 'feature' });
  for (const argument of ['label', 'set', 'games', 'threshold', 'workers'] as const)
    expect(value?.[argument]).toMatchObject({ code: 'bad_argument', argument: `options.${argument}` });
  expect(value?.label?.message).toContain('own z9');
  expect(value?.labelOfSet).toMatchObject({ code: 'bad_argument', argument: 'options.label' });
  expect(value?.alone).toMatchObject({ name: 'AbortError' });
  expect(value?.shared).toMatchObject({ name: 'AbortError' });
  expect(value).toMatchObject({ after: 8, plies: 2 });
});

test('a feature is placed among directions', async ({ open }) => {
  const { value, error } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/', { device: 'cpu' });
    const seeds = lens.dictionaries.filter(({ id }) => id.includes('5.hook_resid_post-standard-0.25-tied'));
    const [one = '', other = ''] = seeds.map(({ id }) => id);
    const neurons = lens.neurons[5]?.id ?? '';
    const feature = 7;
    const nearest = await lens.nearest(one, feature, { count: 3 });
    const tied = await lens.nearest(one, feature, { by: 'encoder', count: 3 });
    const among = await lens.nearest(one, feature, { among: other });
    const probes = await lens.probeCosines(one, feature);
    const ofNeuron = await lens.probeCosines(neurons, feature);
    const sum = await lens.sumOf(one, feature, { parts: 4 });
    const why = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ code, details }) => ({ code, argument: details?.argument }),
      );
    const refused = {
      feature: await why(lens.nearest(one, 1024)),
      sum: await why(lens.sumOf(one, 1024)),
      probe: await why(lens.probeCosines(one, 1024)),
      among: await why(lens.nearest(one, feature, { among: 'lost' })),
      width: await why(lens.nearest(one, feature, { among: neurons })),
      count: await why(lens.nearest(one, feature, { count: 101 })),
      parts: await why(lens.sumOf(one, feature, { parts: 9 })),
    };
    lens.dispose();
    return { seeds: seeds.length, nearest, tied, among, probes, ofNeuron, sum, refused };
  });
  expect(error).toBeUndefined();
  if (!value) return;
  expect(value.seeds).toBeGreaterThan(1);
  expect(value.nearest).toHaveLength(3);
  expect(value.nearest.map(({ feature }) => feature)).not.toContain(7);
  const falls = (cosines: number[]) => expect(cosines).toEqual([...cosines].sort((a, b) => b - a));
  falls(value.nearest.map(({ cosine }) => cosine));
  falls(value.among.map(({ cosine }) => cosine));
  expect(value.among).toHaveLength(8);
  // Tied, a dictionary reads what it writes, up to how directions are scaled.
  expect(value.tied).toHaveLength(3);
  for (const probes of [value.probes, value.ofNeuron]) {
    expect(probes.length).toBeGreaterThan(0);
    for (const { layer, cosines } of probes) {
      expect(layer).toBe(5);
      expect(cosines).toHaveLength(192);
      for (const { cosine } of cosines) expect(Math.abs(cosine)).toBeLessThanOrEqual(1.000001);
    }
  }
  expect(value.probes[0]?.cosines[26]?.label).toBe('own c4');
  const { parts, unexplained } = value.sum;
  expect(parts.length).toBeLessThanOrEqual(4);
  expect(unexplained).toBeGreaterThanOrEqual(0);
  expect(unexplained).toBeLessThanOrEqual(1);
  for (const { feature, weight } of parts) {
    expect(feature).not.toBe(7);
    expect(weight).toBeGreaterThan(0);
  }
  const named = (argument: string) => ({ code: 'bad_argument', argument });
  expect(value.refused).toEqual({
    feature: named('feature'),
    sum: named('feature'),
    probe: named('feature'),
    among: named('options.among'),
    width: named('options.among'),
    count: named('options.count'),
    parts: named('options.parts'),
  });
});
