import { describe, expect, it } from 'vitest';
import { DEFINITIONS } from '../src/elements/figure/registry.js';
import {
  cannotBeMeasured,
  type Reproduced,
  reproduce,
  usualWorkers,
} from '../src/elements/figure/reproduce.js';
import { LensError } from '../src/error.js';
import type { Lens } from '../src/lens.js';
import type { MeasureOptions } from '../src/types.js';

const [definition] = DEFINITIONS;
if (!definition) throw new Error('no figures');

const REQUEST = { games: 16, seed: 3, workers: 2 };

/** A lens whose measurements take eight games at a time, a second each, or fail as `fails` says. */
function lens(
  fails: (call: number, options: MeasureOptions & { workers?: number }) => Error | null = () => null,
) {
  const clock = { seconds: 0 };
  const calls: { dictionary: string; workers: number }[] = [];
  const measure: Lens['measure'] = async (dictionary, options = {}) => {
    const { workers = 1 } = options as { workers?: number };
    calls.push({ dictionary, workers });
    const failure = fails(calls.length, options);
    for (const loaded of [8, 16]) {
      clock.seconds += 1;
      options.onProgress?.({ phase: 'labels', loaded, total: 16 });
      options.signal?.throwIfAborted();
      if (failure) throw failure;
    }
    return { values: [], figures: { of: dictionary } };
  };
  return { measure, clock, calls };
}

async function run(
  given: ReturnType<typeof lens>,
  dictionaries: string[],
  during?: (progress: Reproduced, abort: AbortController) => void,
) {
  const abort = new AbortController();
  const progress: Reproduced[] = [];
  const told: string[] = [];
  const done = reproduce(given, definition as (typeof DEFINITIONS)[number], dictionaries, REQUEST, {
    signal: abort.signal,
    now: () => 1000 * given.clock.seconds,
    onProgress: (now) => {
      progress.push(now);
      during?.(now, abort);
    },
    told: (id, { on }) => told.push(`${id}: ${on.games} games from ${on.seed}`),
  });
  const error = await done.then(
    () => null,
    (error: unknown) => error as Error,
  );
  return { progress, told, error };
}

describe('a reproduction', () => {
  it('measures one dictionary after the other and says how long it will take', async () => {
    const given = lens();
    const { progress, told, error } = await run(given, ['a', 'b']);
    expect(error).toBeNull();
    expect(told).toEqual(['a: 16 games from 3', 'b: 16 games from 3']);
    expect(
      progress.map(({ doing, share, secondsLeft }) => [doing, share, secondsLeft && Math.round(secondsLeft)]),
    ).toEqual([
      ['16 games', 0, null],
      ['8 of 16 labels scored', 0.475, 1],
      ['16 of 16 labels scored', 0.5, 2],
      ['16 games', 0.5, 2],
      ['8 of 16 labels scored', 0.975, 0],
      ['16 of 16 labels scored', 1, 0],
    ]);
  });

  it('keeps what was measured when it is cancelled', async () => {
    const { told, error } = await run(
      lens(),
      ['a', 'b', 'c'],
      ({ share }, abort) => share === 0.65 && abort.abort(),
    );
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(told).toEqual(['a: 16 games from 3']);
  });

  it('tries again with one worker where memory runs out', async () => {
    const given = lens((call) => (call === 1 ? new RangeError('Array buffer allocation failed') : null));
    const { told, error } = await run(given, ['a']);
    expect(error).toBeNull();
    expect(given.calls.map(({ workers }) => workers)).toEqual([2, 1]);
    expect(told).toHaveLength(1);
  });

  it('says in plain words that there is not enough memory, and what would fit', async () => {
    const { error } = await run(
      lens(() => new LensError('too_large', 'no memory')),
      ['a'],
    );
    expect(error?.message).toBe(
      'This device has not enough memory for 16 games, with one worker either. 4 games need a quarter of it: try those.',
    );
  });

  it('hands on what fails for another reason', async () => {
    const failure = new LensError('network', 'the server does not answer');
    const given = lens(() => failure);
    expect((await run(given, ['a'])).error).toBe(failure);
    expect(given.calls).toHaveLength(1);
  });

  it('is not offered where the browser cannot measure it, with what to do instead', () => {
    const k = DEFINITIONS.find(({ name }) => name === 'f13');
    if (!k) throw new Error('no f13');
    const known = {
      name: 'k_sparse',
      title: '',
      meaning: '',
      subject: 'dictionary',
      values: [],
      published: [],
    };
    expect(cannotBeMeasured(k, [{ ...known, measurable: false }])).toContain(
      'othello-lens measure --with k_sparse',
    );
    expect(cannotBeMeasured(k, [{ ...known, measurable: true }])).toBeNull();
  });

  it('leaves a core to the page, and takes one worker where memory is short', () => {
    expect(usualWorkers({ hardwareConcurrency: 8 })).toBe(7);
    expect(usualWorkers({ hardwareConcurrency: 2 })).toBe(2);
    expect(usualWorkers({ hardwareConcurrency: 1 })).toBe(1);
    expect(usualWorkers({ hardwareConcurrency: 8, deviceMemory: 2 } as Partial<Navigator>)).toBe(1);
  });
});
