import type { DictionaryInfo } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { readAddress } from '../src/state/address.js';
import { best, choose } from '../src/state/choice.js';

function dictionary(id: string, own: number, opponent: number): DictionaryInfo {
  return {
    id,
    features: 1024,
    metrics: { own_over_0_9: own, opponent_over_0_9: opponent },
  } as Partial<DictionaryInfo> as DictionaryInfo;
}

const ALL = [dictionary('first', 0, 3), dictionary('most', 5, 22), dictionary('equal', 22, 5)];

function at(query: string) {
  return readAddress(new URL(`https://example.org/?${query}`));
}

describe('what an address chooses of a bundle', () => {
  it('is the dictionary with features for most own and opponent’s discs, the first of equal ones', () => {
    expect(best(ALL)?.id).toBe('most');
    expect(best([])).toBeNull();
    expect(choose(at(''), ALL)).toEqual({ dictionary: ALL[1], feature: null, missing: [] });
  });

  it('is what it names', () => {
    expect(choose(at('dictionary=first&feature=1023'), ALL)).toEqual({
      dictionary: ALL[0],
      feature: 1023,
      missing: [],
    });
    const neurons = dictionary('blocks.0.mlp.hook_post', 0, 0);
    expect(choose(at('dictionary=blocks.0.mlp.hook_post'), ALL, [neurons]).dictionary).toBe(neurons);
  });

  it('is the neurons past the middle where nobody trained a dictionary', () => {
    const neurons = [0, 1, 2, 3, 4, 5, 6, 7].map((layer) =>
      dictionary(`blocks.${layer}.mlp.hook_post`, 0, 0),
    );
    expect(choose(at(''), [], neurons).dictionary?.id).toBe('blocks.5.mlp.hook_post');
    expect(choose(at(''), [], neurons.slice(0, 2)).dictionary?.id).toBe('blocks.1.mlp.hook_post');
  });

  it('pins nothing where a name is of something else, and says so', () => {
    for (const [query, what] of [
      ['model=large&feature=7', 'the model “large”'],
      ['dictionary=gone&feature=7', 'the dictionary “gone”'],
      ['feature=1024', 'the feature 1024, of a dictionary that has 1024'],
      ['feature=seven', 'the feature “seven”'],
    ] as const) {
      const { feature, missing } = choose(at(query), ALL);
      expect({ feature, missing }, query).toEqual({ feature: null, missing: [what] });
    }
  });

  it('waits for the bundle before it misses anything of it', () => {
    expect(choose(at('dictionary=gone&feature=7'), []).missing).toEqual([]);
  });
});
