import { readFileSync } from 'node:fs';
import path from 'node:path';

import { attempt, D_MODEL, expect, FEATURES, test, WEIGHTS } from './api.js';

const replay = (transcript: string) => api.Othello.start().then((othello) => othello.replay(transcript));

const readGames = (file: string) => api.Othello.start().then((othello) => othello.readGames(file));

test.describe('a file of games', () => {
  test('is read, and what is broken is named', async ({ open }) => {
    const { value } = await attempt(await open(), readGames, 'f5d6c3\nf5d6a1\ne6f4\n');
    expect(value).toMatchObject({ format: 'lines', readAs: null, brokenCount: 1, isCut: false, offers: [] });
    expect(value?.games.map(({ transcript, line }) => [transcript, line])).toEqual([
      ['f5d6c3', 1],
      ['e6f4', 3],
    ]);
    expect(value?.broken).toMatchObject([{ number: 2, line: 2, kept: 'f5d6' }]);
  });

  test('that is something else is refused', async ({ open }) => {
    const { error } = await attempt(await open(), readGames, '<!doctype html><p>f5');
    expect(error).toMatchObject({ name: 'LensError', code: 'bad_games' });
    expect(error?.message).toContain('an HTML page');
  });

  test('is read as was asked', async ({ open }) => {
    const page = await open();
    const read = ([readAs]: readonly [string]) =>
      api.Othello.start().then((othello) => othello.readGames('37 43 18\n37 43\n', { readAs }));
    const { value } = await attempt(page, read, ['by-row'] as const);
    expect(value?.games.map(({ transcript }) => transcript)).toEqual(['f5d6c3', 'f5d6']);
    const { error } = await attempt(page, read, ['backwards'] as const);
    expect(error).toMatchObject({ code: 'bad_argument', details: { argument: 'options.readAs' } });
  });
});

test.describe('a transcript', () => {
  test('is replayed, however it is written', async ({ open }) => {
    const { value } = await attempt(await open(), replay, ' 1. F5 d6\n2. C3 d3 ');
    expect(value?.transcript).toBe('f5d6c3d3');
    expect(value?.positions.map(({ ply }) => ply)).toEqual([0, 1, 2, 3, 4]);
    expect(value?.positions[1]).toMatchObject({
      move: 37,
      flipped: [36],
      skipped: false,
      toMove: 'white',
      legal: [29, 43, 45],
      score: { black: 4, white: 1 },
    });
    expect(value?.positions[0]).toMatchObject({ move: null, flipped: [], toMove: 'black' });
  });

  test('has the recorded outcome', async ({ open }) => {
    interface Case {
      id: string;
      text: string;
      expect: { moves?: string; refused?: string; plies?: number };
    }
    const cases: Case[] = JSON.parse(
      readFileSync(path.join(import.meta.dirname, '../data/transcripts.json'), 'utf8'),
    );
    const page = await open();
    const outcomes = await page.evaluate(
      async (texts) => {
        const othello = await api.Othello.start();
        const read = (text: string) =>
          othello.replay(text).then(
            ({ transcript }) => transcript,
            (error: Error) => `refused: ${error.message}`,
          );
        return Promise.all(texts.map(read));
      },
      cases.map(({ text }) => text),
    );
    for (const [at, { id, expect: expected }] of cases.entries()) {
      const outcome = outcomes[at] ?? '';
      if (expected.moves !== undefined) expect(outcome, id).toBe(expected.moves);
      if (expected.plies !== undefined) expect(outcome, id).toHaveLength(2 * expected.plies);
      if (expected.refused !== undefined) {
        expect(outcome, id).toMatch(/^refused: /);
        expect(outcome, id).toContain(expected.refused);
      }
    }
  });

  test('that is no game but would be one under another reading names the readings', async ({ open }) => {
    const { error } = await attempt(await open(), replay, '37 43 18 19');
    expect(error?.code).toBe('bad_transcript');
    expect(error?.details?.offers?.slice(0, 2)).toEqual([
      { readAs: 'by-letter', words: 'squares by letter', transcript: 'e6f4c3c4' },
      { readAs: 'by-row', words: 'squares by row', transcript: 'f5d6c3d3' },
    ]);
  });

  test('with an illegal move is refused, and what came before is kept', async ({ open }) => {
    const { error } = await attempt(await open(), replay, 'f5d6f5');
    expect(error).toMatchObject({
      name: 'LensError',
      code: 'illegal_move',
      details: { moveNumber: 3, text: 'f5', offset: 4, kept: 'f5d6' },
    });
  });

  test('of garbage is refused at the place where it begins, counted as JS counts', async ({ open }) => {
    const { error } = await attempt(await open(), replay, 'f5 d6 \u{1F642}');
    expect(error).toMatchObject({
      code: 'bad_transcript',
      details: { moveNumber: 3, offset: 6, kept: 'f5d6' },
    });
  });
});

test('a hundred kilobytes of any text are read at once', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const othello = await api.Othello.start();
    const times: Record<string, number> = {};
    for (const pattern of ['1.', '1', '.', ' ', 'f5', 'x9', 'pass', 'f5d6 1.', 'ä']) {
      const text = pattern.repeat(100_000 / pattern.length);
      const runs: number[] = [];
      for (let run = 0; run < 3; run++) {
        const began = performance.now();
        await othello.replay(text).catch(() => {});
        runs.push(performance.now() - began);
      }
      times[pattern] = Math.min(...runs);
    }
    return times;
  });
  for (const [pattern, time] of Object.entries(value ?? {})) expect(time, pattern).toBeLessThan(100);
  expect(Object.keys(value ?? {})).toHaveLength(9);
});

test('a text of any length is waited for no longer than wanted', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const othello = await api.Othello.start();
    const controller = new AbortController();
    const text = '1.'.repeat(10_000_000);
    const read = othello.replay(text, { signal: controller.signal });
    const began = performance.now();
    controller.abort();
    const name = await read.catch((error: Error) => error.name);
    return { name, wait: performance.now() - began, after: (await othello.replay('f5')).transcript };
  });
  expect(value).toMatchObject({ name: 'AbortError', after: 'f5' });
  expect(value?.wait).toBeLessThan(100);
});

test('random games are those recorded natively', async ({ open }) => {
  const recorded = readFileSync(path.resolve(import.meta.dirname, '../data/random-games.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
  const { value } = await attempt(
    await open(),
    async (seeds) => {
      const othello = await api.Othello.start();
      const games = await Promise.all(seeds.map((seed) => othello.randomGame(BigInt(seed))));
      const number = await othello.randomGame(Number(seeds[0]));
      othello.dispose();
      return { games: games.map(({ transcript }) => transcript), number: number.transcript };
    },
    recorded.map(([seed = '']) => seed),
  );
  expect(recorded.length).toBeGreaterThan(1);
  expect(value?.games).toEqual(recorded.map(([, transcript]) => transcript));
  expect(value?.number).toBe(value?.games[0]);
});

test('perft is what the rules give', async ({ open }) => {
  const perft = () => api.Othello.start().then((othello) => othello.perft(6));
  expect((await attempt(await open(), perft)).value).toBe(8200n);
});

test('a seed that is none is refused', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const othello = await api.Othello.start();
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'played',
        (error: { code: string }) => error.code,
      );
    return [
      await code(othello.randomGame(0.5)),
      await code(othello.randomGame(-1)),
      await code(othello.perft(-1)),
    ];
  });
  expect(value).toEqual(['bad_argument', 'bad_argument', 'bad_argument']);
});

test('an appended move is what a fresh analysis finds, and costs one row', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const options = {
      dictionary: lens.dictionaries[0]?.id ?? null,
      taps: [{ site: 'resid_post' as const, layer: 2 }, 'blocks.5.hook_resid_post'],
      logits: true,
    };
    await lens.analyse('f5d6c3d3', options);
    const appended = await lens.append('c4');
    const back = await lens.analyse('f5d6c3', options);
    const other = await api.Lens.load('/models/small/');
    const fresh = await other.analyse('f5d6c3d3c4', options);
    const last = (data?: Float32Array) => data?.slice(-(data.length / 5));
    const furthest = (a?: Float32Array, b?: Float32Array) =>
      Math.max(...(a ?? [Number.NaN]).map((value, index) => Math.abs(value - (b?.[index] ?? Number.NaN))));
    return {
      computed: [appended.computed, back.computed, fresh.computed],
      shapes: [
        appended.features?.shape,
        appended.logits?.shape,
        ...appended.activations.map(({ name, shape }) => [name, shape]),
      ],
      differences: [
        furthest(appended.features?.data, last(fresh.features?.data)),
        furthest(appended.logits?.data, last(fresh.logits?.data)),
        furthest(appended.activations[1]?.data, last(fresh.activations[1]?.data)),
        furthest(appended.nextMove?.probabilities, fresh.nextMoves[5]?.probabilities),
      ],
      position: JSON.stringify(appended.position) === JSON.stringify(fresh.positions[5]),
    };
  });
  expect(value?.computed).toEqual([1, 0, 5]);
  expect(value?.shapes).toEqual([
    [1, FEATURES],
    [1, 61],
    ['blocks.2.hook_resid_post', [1, D_MODEL]],
    ['blocks.5.hook_resid_post', [1, D_MODEL]],
  ]);
  for (const difference of value?.differences ?? [1]) expect(difference).toBeLessThan(1e-3);
  expect(value?.position).toBe(true);
});

test('an illegal move cannot be appended, and the game stays', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    await lens.analyse('f5d6');
    const errors = [];
    for (const move of ['f5', 'z9', 64, 0.5]) {
      errors.push(
        await lens.append(move).then(
          () => null,
          ({ code, details }: { code: string; details: object }) => ({ code, details }),
        ),
      );
    }
    return { errors, transcript: (await lens.append(18)).transcript };
  });
  const SQUARE = 'the name of a square or a whole number from 0 to 63';
  expect(value?.errors).toEqual([
    { code: 'illegal_move', details: { moveNumber: 3, text: 'f5', kept: 'f5d6' } },
    { code: 'bad_transcript', details: { moveNumber: 3, text: 'z9', kept: 'f5d6' } },
    { code: 'bad_argument', details: { argument: 'move', found: '64', expected: SQUARE } },
    { code: 'bad_argument', details: { argument: 'move', found: '0.5', expected: SQUARE } },
  ]);
  expect(value?.transcript).toBe('f5d6c3');
});

test('what the bundle does not have is refused', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const calls = [
      lens.analyse('f5', { dictionary: 'layer9' }),
      lens.analyse('f5', { taps: [{ site: 'resid_post', layer: lens.model.layers }] }),
      lens.analyse('f5', { taps: [{ site: 'resid_lost' as 'resid_post', layer: 0 }] }),
      lens.analyse('f5', { taps: ['blocks.0.hook_resid_lost'] }),
      lens.directEffect(dictionary, lens.dictionaries[0]?.features ?? 0),
      lens.statistics('layer9'),
      lens.card('layer9', 0),
    ];
    return Promise.all(
      calls.map((call) =>
        call.then(
          () => null,
          (error: { code: string }) => error.code,
        ),
      ),
    );
  });
  expect(value).toEqual([
    'no_such_dictionary',
    'bad_argument',
    'bad_argument',
    'bad_argument',
    'bad_argument',
    'no_such_dictionary',
    'no_such_dictionary',
  ]);
});

test('direct effects and statistics are of every square and feature', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const effect = await lens.directEffect(dictionary, 3);
    const statistics = await lens.statistics(dictionary);
    const named = [...effect].filter((value) => !Number.isNaN(value));
    return {
      squares: [effect.length, named.length],
      mean: named.reduce((sum, value) => sum + value, 0) / named.length,
      features: [statistics?.max.length, statistics?.density.length],
      shares: statistics?.density.every((share) => share >= 0 && share <= 1),
      games: statistics?.games ?? 0,
    };
  });
  expect(value).toMatchObject({ squares: [64, 60], features: [FEATURES, FEATURES], shares: true });
  expect(Math.abs(value?.mean ?? 1)).toBeLessThan(1e-5);
  expect(value?.games).toBeGreaterThan(0);
});

test('the neurons of every block are features without a byte of weights', async ({ host, open }) => {
  const page = await open();
  const { value } = await attempt(page, async () => {
    const lens = await api.Lens.load('/models/small/');
    const neurons = lens.neurons[3];
    const [tap] = neurons?.reads ?? [];
    const { features, activations } = await lens.analyse('f5d6c3', {
      dictionary: neurons?.id ?? null,
      taps: tap ? [tap] : [],
    });
    const [activation] = activations;
    return {
      blocks: [lens.neurons.length, lens.model.layers],
      bytes: neurons?.bytes,
      taps: [tap?.name, activation?.name],
      shapes: [features?.shape, activation?.shape],
      same: features?.data.every((value, at) => value === activation?.data[at]),
    };
  });
  const shape = [3, 4 * D_MODEL];
  expect(value?.blocks[0]).toBe(value?.blocks[1]);
  expect(value).toMatchObject({
    bytes: 0,
    taps: ['blocks.3.mlp.hook_post', 'blocks.3.mlp.hook_post'],
    shapes: [shape, shape],
    same: true,
  });
  expect(host.requests.filter(({ path }) => path.endsWith(WEIGHTS))).toEqual([]);
});

test('a card brings the positions where its feature is strongest', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const [lens, othello] = await Promise.all([api.Lens.load('/models/small/'), api.Othello.start()]);
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const labels = await lens.bestLabels(dictionary);
    const feature = labels?.auroc.indexOf(Math.max(...labels.auroc)) ?? -1;
    const boards = (await lens.card(dictionary, feature))?.boards.strongest ?? [];
    const games = await Promise.all(boards.map(({ seed }) => othello.randomGame(seed)));
    return {
      activations: boards.map(({ activation }) => activation),
      brought: boards.map(({ position }) => JSON.stringify(position)),
      replayed: boards.map(({ position }, at) => JSON.stringify(games[at]?.positions[position.ply])),
    };
  });
  expect(value?.brought).toHaveLength(8);
  expect(value?.brought).toEqual(value?.replayed);
  expect(value?.activations).toEqual([...(value?.activations ?? [])].sort((a, b) => b - a));
});

test('after dispose every call is refused, also one under way', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: { code: string }) => error.code,
      );
    const underWay = code(lens.analyse('f5d6c3'));
    lens.dispose();
    lens.dispose();
    return [
      await underWay,
      await code(lens.analyse('f5')),
      await code(lens.append('f5')),
      await code(lens.memory()),
    ];
  });
  expect(value).toEqual(['disposed', 'disposed', 'disposed', 'disposed']);
});

test('memory is flat over 2,000 analyses', async ({ open }) => {
  test.setTimeout(300_000);
  const { value } = await attempt(await open(), async () => {
    const [lens, othello] = await Promise.all([api.Lens.load('/models/small/'), api.Othello.start()]);
    const dictionary = lens.dictionaries[0]?.id ?? null;
    const readings: number[] = [];
    for (let run = 0; run < 2_000; run++) {
      const { transcript } = await othello.randomGame(run);
      // Short and long, with and without, so that plans and rows come and go.
      const moves = run % 10 === 0 ? 60 : 4 + (run % 5);
      await lens.analyse(transcript.slice(0, 2 * moves), {
        dictionary: run % 3 ? dictionary : null,
        logits: run % 2 === 0,
      });
      if (run === 199 || run === 1_999) readings.push(await lens.memory());
    }
    return readings;
  });
  expect(value).toHaveLength(2);
  expect(value?.[1]).toBe(value?.[0]);
  expect(value?.[1]).toBeLessThanOrEqual(64e6);
});
