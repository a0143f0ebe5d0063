import type { Atlas, Label } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { baseF1, bestBySquare, rank, ringCounts, ringOf, statements } from '../src/ask/atlas.js';
import { squareName } from '../src/text/squares.js';

const labels: Label[] = ['own', 'empty'].flatMap((statement) =>
  [26, 19].map((square) => {
    const name = `${statement} ${squareName(square)}`;
    return { name, title: name, square };
  }),
);

/** Three sources on own c4, own d3, empty c4, empty d3. */
const ATLAS: Atlas = {
  set: 'board',
  version: 1,
  positions: 1000,
  labels,
  rate: new Float32Array([0.3, 0.3, 0.4, 0.4]),
  sources: [
    { kind: 'dictionary', id: 'sae' },
    { kind: 'neurons', id: 'mlp' },
    { kind: 'probe', id: 'probe' },
  ],
  feature: new Int32Array([42, 7, 1, -1, 1187, 5, 6, 8, -1, -1, -1, -1]),
  auroc: new Float32Array([0.9, 0.6, 0.95, Number.NaN, 0.8, 0.7, 0.5, 0.92, 0.98, 0.99, 0.97, 0.96]),
  low: new Float32Array(12).fill(Number.NaN),
  high: new Float32Array(12).fill(Number.NaN),
  f1: new Float32Array(12).fill(0.5),
};

describe('a ranking', () => {
  it('has all sources that were measured, best first; a probe has no feature', () => {
    expect(rank(ATLAS, 0).map(({ source, feature }) => [source.id, feature])).toEqual([
      ['probe', null],
      ['sae', 42],
      ['mlp', 1187],
    ]);
    expect(rank(ATLAS, 3).map(({ source }) => source.id)).toEqual(['probe', 'mlp']);
  });

  it('holds F1 against what “always yes” gets', () => {
    expect(baseF1(0.5)).toBeCloseTo(2 / 3, 12);
    expect(baseF1(1)).toBe(1);
    expect(baseF1(0)).toBe(0);
  });
});

describe('a map', () => {
  it('has the best of those it is asked among on each square', () => {
    const at = (statement: string, among: Parameters<typeof bestBySquare>[2]) => {
      const map = bestBySquare(ATLAS, statement, among);
      return [map[26], map[19], map[0]].map((value) => Number(value?.toFixed(2)));
    };
    expect(at('own', 'features')).toEqual([0.9, 0.7, Number.NaN]);
    expect(at('own', 'neurons')).toEqual([0.8, 0.7, Number.NaN]);
    expect(at('own', 'probe')).toEqual([0.98, 0.99, Number.NaN]);
    expect(at('empty', 'dictionary')).toEqual([0.95, Number.NaN, Number.NaN]);
    expect(at('legal', 'features')).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('is counted by ring, without the four in the centre', () => {
    const all = ringCounts(new Float32Array(64).fill(0.95));
    expect(all).toEqual([
      { ring: 'inner', told: 12, of: 12 },
      { ring: 'middle', told: 20, of: 20 },
      { ring: 'outer', told: 28, of: 28 },
    ]);
    const one = new Float32Array(64).fill(Number.NaN);
    one[26] = 0.91;
    one[0] = 0.9;
    expect(ringCounts(one).map(({ told }) => told)).toEqual([1, 0, 0]);
  });

  it('takes c4 to be in the inner ring, d4 in the centre, a1 in the outer', () => {
    expect([26, 27, 9, 0].map(ringOf)).toEqual(['inner', 'centre', 'middle', 'outer']);
  });

  it('is one for each statement about squares', () => {
    expect(statements([...labels, { name: 'opening', title: '', square: null }])).toEqual(['own', 'empty']);
  });
});
