import { describe, expect, it } from 'vitest';

import { agreements, sameGames } from '../src/elements/figure/agreement.js';
import type { Cell, Drawing, Unit } from '../src/elements/figure/definition.js';

function drawing(unit: Unit, rows: [string, Cell][], title = 'value'): Drawing {
  return {
    finding: '',
    panels: [],
    legend: [],
    beside: [],
    missing: [],
    tables: [
      {
        title: 'numbers',
        columns: [
          { title: 'label', names: true },
          { title, unit },
        ],
        rows,
      },
    ],
  };
}

const one = (unit: Unit, bundle: Cell, yours: Cell, same: boolean) =>
  agreements(drawing(unit, [['own c4', bundle]]), drawing(unit, [['own c4', yours]]), same)[0];

describe('agreement', () => {
  it('is of the same games where seed and number are the same', () => {
    expect(sameGames({ games: 100, seed: 3 }, { games: 100, seed: 3 })).toBe(true);
    expect(sameGames({ games: 100, seed: 3 }, { games: 99, seed: 3 })).toBe(false);
    expect(sameGames({ games: 100, seed: 3 }, { games: 100, seed: 4 })).toBe(false);
    expect(sameGames({ games: 100, seed: null }, { games: 100, seed: null })).toBe(false);
  });

  it('lets only rounding differ over the same games', () => {
    expect(one('auroc', 0.912, 0.9135, true)).toMatchObject({ agrees: true, tolerance: 0.002 });
    expect(one('auroc', 0.912, 0.915, true)).toMatchObject({ agrees: false });
    expect(one('count', 8, 9, true)).toMatchObject({ agrees: true, difference: 1 });
    expect(one('count', 8, 10, true)).toMatchObject({ agrees: false });
    expect(one('number', 184.7, 185.5, true)?.agrees).toBe(true);
    expect(one('number', 184.7, 186, true)?.agrees).toBe(false);
  });

  it('holds intervals against each other over other games', () => {
    const around = (value: number, half: number) => ({ value, low: value - half, high: value + half });
    expect(one('auroc', around(0.9, 0.01), around(0.925, 0.016), false)?.agrees).toBe(true);
    expect(one('auroc', around(0.9, 0.01), around(0.927, 0.016), false)?.agrees).toBe(false);
    // Without an interval of the bundle's, twice that of ours.
    expect(one('auroc', 0.9, around(0.93, 0.016), false)?.agrees).toBe(true);
    expect(one('number', 100, 109, false)?.agrees).toBe(true);
    expect(one('number', 100, 111, false)?.agrees).toBe(false);
  });

  it('finds numbers by the names of rows and columns, wherever they stand', () => {
    const bundle = drawing('count', [
      ['a', 1],
      ['b', 2],
      ['only here', 3],
    ]);
    const yours = drawing('count', [
      ['b', 2],
      ['a', 5],
      ['only there', 9],
    ]);
    const found = agreements(bundle, yours, true);
    expect(found.map(({ name, agrees }) => [name, agrees])).toEqual([
      ['a: value', false],
      ['b: value', true],
    ]);
    expect(agreements(bundle, drawing('count', [['a', 1]], 'another'), true)).toEqual([]);
  });

  it('leaves out what is no number', () => {
    expect(one('count', null, 3, true)).toBeUndefined();
    expect(one('count', Number.NaN, 3, true)).toBeUndefined();
  });
});
