import { describe, expect, it } from 'vitest';

import { LatestCache } from '../src/state/latest.js';

/** A question that is answered by hand. */
function question() {
  let answer: (value: string | null | undefined) => void = () => {};
  const brought = new Promise<string | null | undefined>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  const bring = () => {
    asked += 1;
    return brought;
  };
  return { bring, answer, asked: () => asked };
}

/** Lets what waits go on. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe('a cache of answers that matter while they are the latest wanted', () => {
  it('asks once for each key and says when the answer is there', async () => {
    let changes = 0;
    const cache = new LatestCache<string>(() => {
      changes += 1;
    });
    const { bring, answer, asked } = question();
    cache.want('a', bring);
    cache.want('a', bring);
    expect(cache.get('a')).toBeNull();
    answer('A');
    await turn();
    expect([cache.get('a'), asked(), changes]).toEqual(['A', 1, 1]);
  });

  it('passes over what was wanted in between', async () => {
    const cache = new LatestCache<string>(() => {});
    const [first, passed, last] = [question(), question(), question()];
    cache.want('first', first.bring);
    cache.want('passed', passed.bring);
    cache.want('last', last.bring);
    first.answer('1');
    last.answer('3');
    await turn();
    expect([cache.get('first'), cache.get('passed'), cache.get('last')]).toEqual(['1', null, '3']);
    expect(passed.asked()).toBe(0);
  });

  it('asks again for a missing answer only once it is told to forget', async () => {
    const cache = new LatestCache<string>(() => {});
    const { bring, answer, asked } = question();
    answer(null);
    cache.want('a', bring);
    await turn();
    cache.want('a', bring);
    await turn();
    expect(asked()).toBe(1);
    cache.forgetMissing();
    cache.want('a', bring);
    await turn();
    expect(asked()).toBe(2);
  });

  it('keeps asking for what may yet come', async () => {
    const cache = new LatestCache<string>(() => {});
    const { bring, answer, asked } = question();
    answer(undefined);
    cache.want('a', bring);
    await turn();
    cache.want('a', bring);
    expect(asked()).toBe(2);
  });
});
