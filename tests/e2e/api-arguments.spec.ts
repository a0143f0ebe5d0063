import { attempt, expect, test } from './api.js';

test('every argument of every method is checked, and the lens stays good', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const [lens, othello] = await Promise.all([api.Lens.load('/models/small/'), api.Othello.start()]);
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const throwing = Object.defineProperty({}, 'signal', {
      enumerable: true,
      get: () => {
        throw new Error('not for you');
      },
    });
    const kinds: Record<string, unknown> = {
      'a number': 5,
      'a fraction': 1.5,
      'a negative number': -1,
      'a number beyond 32 bits': 2 ** 32 + 3,
      'a number beyond 53 bits': 2 ** 60,
      NaN: Number.NaN,
      Infinity: Number.POSITIVE_INFINITY,
      'a bigint': 5n,
      'a bigint beyond 64 bits': 2n ** 64n,
      text: 'x',
      true: true,
      null: null,
      undefined: undefined,
      'an array': [],
      'an object': {},
      'a symbol': Symbol('x'),
      'a function': () => {},
      'a revoked proxy': revoked.proxy,
      'an object with a getter that throws': throwing,
    };
    // Whatever a caller without types may pass.
    type Loose = (...values: unknown[]) => Promise<unknown>;
    type Methods =
      | 'analyse'
      | 'append'
      | 'directEffect'
      | 'statistics'
      | 'features'
      | 'dictionaryResults'
      | 'atlas'
      | 'results'
      | 'card'
      | 'bestLabels'
      | 'bestFeatures'
      | 'measure'
      | 'keepMeasured'
      | 'study'
      | 'nearest'
      | 'probeCosines'
      | 'sumOf';
    const lenient = (name: Methods): Loose => (lens[name] as Loose).bind(lens);
    const load = api.Lens.load as Loose;
    const replay = othello.replay.bind(othello) as Loose;
    const randomGame = othello.randomGame.bind(othello) as Loose;
    const perft = othello.perft.bind(othello) as Loose;
    const start = api.Othello.start as Loose;

    /** A call with one argument open; the argument's name; what of `kinds` is of the right kind. */
    const calls: [
      name: string,
      argument: string,
      fits: string[],
      call: (value: unknown) => Promise<unknown>,
    ][] = [
      ['Lens.load', 'url', ['text'], (value) => load(value)],
      ['Othello.start', 'options', ['undefined', 'an object'], (value) => start(value)],
      ['replay', 'transcript', ['text'], (value) => replay(value)],
      [
        'randomGame',
        'seed',
        ['a number', 'a number beyond 32 bits', 'a bigint'],
        (value) => randomGame(value),
      ],
      ['perft', 'depth', ['a number'], (value) => perft(value)],
      ['analyse', 'transcript', ['text'], (value) => lenient('analyse')(value)],
      ['append', 'move', ['a number', 'text'], (value) => lenient('append')(value)],
      ['atlas', 'set', ['undefined', 'text'], (value) => lenient('atlas')(value)],
      ['card', 'feature', ['a number'], (value) => lenient('card')(dictionary, value)],
      ['directEffect', 'feature', ['a number'], (value) => lenient('directEffect')(dictionary, value)],
    ];
    for (const name of [
      'card',
      'directEffect',
      'statistics',
      'features',
      'dictionaryResults',
      'bestLabels',
      'bestFeatures',
      'measure',
      'keepMeasured',
      'study',
      'nearest',
      'probeCosines',
      'sumOf',
    ] as const)
      calls.push([name, 'dictionary', ['text'], (value) => lenient(name)(value, 0)]);
    for (const name of ['study', 'nearest', 'probeCosines', 'sumOf'] as const)
      calls.push([name, 'feature', ['a number'], (value) => lenient(name)(dictionary, value)]);
    const taking: [name: string, call: (options: unknown) => Promise<unknown>][] = [
      ['Lens.load', (options) => load('/models/small/', options)],
      ['Othello.start', (options) => start(options)],
      ['analyse', (options) => lenient('analyse')('f5', options)],
      ['append', (options) => lenient('append')('d6', options)],
      ['card', (options) => lenient('card')(dictionary, 0, options)],
      ['directEffect', (options) => lenient('directEffect')(dictionary, 0, options)],
      ['statistics', (options) => lenient('statistics')(dictionary, options)],
      ['features', (options) => lenient('features')(dictionary, options)],
      ['dictionaryResults', (options) => lenient('dictionaryResults')(dictionary, options)],
      ['atlas', (options) => lenient('atlas')('board', options)],
      ['results', (options) => lenient('results')(options)],
      ['bestLabels', (options) => lenient('bestLabels')(dictionary, options)],
      ['bestFeatures', (options) => lenient('bestFeatures')(dictionary, options)],
      ['measure', (options) => lenient('measure')(dictionary, options)],
      ['keepMeasured', (options) => lenient('keepMeasured')(dictionary, options)],
      ['study', (options) => lenient('study')(dictionary, 0, options)],
      ['nearest', (options) => lenient('nearest')(dictionary, 0, options)],
      ['probeCosines', (options) => lenient('probeCosines')(dictionary, 0, options)],
      ['sumOf', (options) => lenient('sumOf')(dictionary, 0, options)],
    ];
    for (const [name, call] of taking) {
      calls.push([name, 'options', ['undefined', 'an object'], call]);
      calls.push([name, 'options.signal', ['undefined'], (signal) => call({ signal })]);
      calls.push([
        name,
        'options.onProgress',
        ['undefined', 'a function'],
        (onProgress) => call({ onProgress }),
      ]);
      calls.push([name, 'options.unknown', [], (unknown) => call({ unknown })]);
    }
    const analyse: [option: string, fits: string[]][] = [
      ['taps', ['undefined', 'an array']],
      ['dictionary', ['undefined', 'null', 'text']],
      ['logits', ['undefined', 'true']],
    ];
    for (const [option, fits] of analyse)
      calls.push([
        'analyse',
        `options.${option}`,
        fits,
        (value) => lenient('analyse')('f5', { [option]: value }),
      ]);
    const measure: [option: string, fits: string[]][] = [
      ['games', ['undefined', 'a number']],
      ['seed', ['undefined', 'a number', 'a number beyond 32 bits', 'a bigint']],
      ['draws', ['undefined', 'a number']],
      ['figures', ['undefined', 'an array']],
      ['labels', ['undefined', 'an array']],
      ['learningGames', ['undefined', 'a number']],
      ['learningSeed', ['undefined', 'a number', 'a number beyond 32 bits', 'a bigint']],
      ['workers', ['undefined', 'a number']],
      ['activations', ['undefined', 'an array']],
    ];
    for (const [option, fits] of measure)
      calls.push([
        'measure',
        `options.${option}`,
        fits,
        (value) => lenient('measure')(dictionary, { [option]: value }),
      ]);
    const ofFeature: [name: Methods, option: string, fits: string[]][] = [
      ['study', 'games', ['undefined', 'a number']],
      ['study', 'seed', ['undefined', 'a number', 'a number beyond 32 bits', 'a bigint']],
      ['study', 'set', ['undefined', 'null']],
      ['study', 'label', ['undefined', 'null']],
      ['study', 'threshold', ['undefined']],
      ['study', 'workers', ['undefined', 'a number']],
      ['nearest', 'by', ['undefined']],
      ['nearest', 'among', ['undefined', 'null']],
      ['nearest', 'count', ['undefined', 'a number']],
      ['sumOf', 'parts', ['undefined', 'a number']],
    ];
    for (const [name, option, fits] of ofFeature)
      calls.push([
        name,
        `options.${option}`,
        fits,
        (value) => lenient(name)(dictionary, 0, { [option]: value }),
      ]);
    calls.push([
      'Lens.load',
      'options.device',
      ['undefined'],
      (device) => load('/models/small/', { device }),
    ]);

    const wrong: unknown[] = [];
    let refused = 0;
    for (const [name, argument, fits, call] of calls) {
      for (const [kind, value] of Object.entries(kinds)) {
        if (fits.includes(kind)) continue;
        const outcome = await call(value).then(
          () => 'taken',
          (error: unknown) => error,
        );
        const { code, details } = outcome as { code?: string; details?: { argument?: string } };
        const named = details?.argument === argument || details?.argument?.startsWith(`${argument}.`);
        if (outcome instanceof api.LensError && code === 'bad_argument' && named) refused += 1;
        else wrong.push({ name, argument, kind, outcome: String(outcome), details });
      }
    }
    const { transcript } = await lens.analyse('f5d6');
    const after = await lens.append('c3');
    const game = await othello.replay('f5');
    return { wrong, refused, transcript, after: after.transcript, game: game.transcript };
  });
  expect(value?.wrong).toEqual([]);
  expect(value?.refused).toBeGreaterThan(600);
  expect(value).toMatchObject({ transcript: 'f5d6', after: 'f5d6c3', game: 'f5' });
});

test('an argument that means nothing is named, with what was found and expected', async ({ open }) => {
  const { value } = await attempt(await open(), async () => {
    const lens = await api.Lens.load('/models/small/');
    const dictionary = lens.dictionaries[0]?.id ?? '';
    const told = (call: Promise<unknown>) =>
      call.then(
        () => null,
        ({ code, message, details }: Error & { code: string; details: unknown }) => ({
          code,
          message,
          details,
        }),
      );
    return {
      features: lens.dictionaries[0]?.features ?? 0,
      card: await told(lens.card(dictionary, 4_000_000)),
      layer: await told(lens.analyse('f5', { taps: ['blocks.8.hook_resid_post'] })),
      site: await told(lens.analyse('f5', { taps: [{ site: 'resid_lost' as 'resid_post', layer: 0 }] })),
      hook: await told(lens.analyse('f5', { taps: ['blocks.0.hook_resid_lost'] })),
      address: await told(api.Lens.load('//')),
    };
  });
  const expected = `a whole number from 0 to ${(value?.features ?? 0) - 1}`;
  expect(value?.card).toEqual({
    code: 'bad_argument',
    message: `\`feature\` is 4000000; expected ${expected}`,
    details: { argument: 'feature', found: '4000000', expected },
  });
  expect(value?.layer).toMatchObject({
    code: 'bad_argument',
    details: { argument: 'options.taps', found: 'layer 8', expected: 'a layer from 0 to 7' },
  });
  expect(value?.site).toMatchObject({
    details: { argument: 'options.taps', found: 'the site "resid_lost"' },
  });
  expect(value?.hook).toMatchObject({
    details: { argument: 'options.taps', expected: expect.stringContaining('mlp.hook_post') },
  });
  expect(value?.address).toMatchObject({ code: 'bad_argument', details: { argument: 'url', found: '"//"' } });
});
