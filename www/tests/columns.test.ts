import { describe, expect, it } from 'vitest';

import { type Column, csv, filtered, readFilter, shown, sorted } from '../src/table/columns.js';

interface Row {
  name: string;
  l0: number | null;
}

const NAME: Column<Row> = {
  name: 'name',
  title: 'Name',
  about: '',
  numeric: false,
  width: 8,
  value: ({ name }) => name,
};
const L0: Column<Row> = {
  name: 'l0',
  title: 'L0',
  about: '',
  numeric: true,
  width: 8,
  value: ({ l0 }) => l0,
  show: (value) => Number(value).toFixed(1),
};
const ROWS: Row[] = [
  { name: 'topk-32', l0: 32 },
  { name: 'topk-4', l0: 4 },
  { name: 'neurons', l0: null },
  { name: 'a "tied", one', l0: Number.NaN },
  { name: 'standard', l0: 184.7 },
];

const names = (rows: readonly Row[]) => rows.map(({ name }) => name);

describe('sorting', () => {
  it('leaves what was not measured last, both ways', () => {
    expect(names(sorted(ROWS, L0, false))).toEqual([
      'topk-4',
      'topk-32',
      'standard',
      'neurons',
      'a "tied", one',
    ]);
    expect(names(sorted(ROWS, L0, true))).toEqual([
      'standard',
      'topk-32',
      'topk-4',
      'neurons',
      'a "tied", one',
    ]);
  });

  it('reads numbers within names', () => {
    expect(names(sorted(ROWS, NAME, false)).slice(-2)).toEqual(['topk-4', 'topk-32']);
  });
});

describe('a filter', () => {
  const passing = (text: string, numeric = true) => {
    const test = readFilter(text, numeric);
    return test && [0.05, 0.5, 3, 32, null].filter(test);
  };

  it.each([
    ['> 0.5', [3, 32]],
    ['>=.5', [0.5, 3, 32]],
    ['≤ 3', [0.05, 0.5, 3]],
    ['< 10 %', [0.05]],
    ['3', [3]],
    ['0.1 .. 5', [0.5, 3]],
    ['3–40', [3, 32]],
    ['–', [null]],
    ['  ', [0.05, 0.5, 3, 32, null]],
  ])('of numbers: %s', (text, values) => {
    expect(passing(text)).toEqual(values);
  });

  it('that makes no sense is none', () => {
    expect(passing('many')).toBeNull();
    expect(passing('> ')).toBeNull();
    expect(passing('>> 3')).toBeNull();
  });

  it('of texts looks for what they contain', () => {
    expect(names(filtered(ROWS, [NAME, L0], { name: 'TOPK' }).rows)).toEqual(['topk-32', 'topk-4']);
  });

  it('works beside others, and lets all pass where it makes no sense', () => {
    const { rows, bad } = filtered(ROWS, [NAME, L0], { name: 'topk', l0: '> 4' });
    expect([names(rows), [...bad]]).toEqual([['topk-32'], []]);
    const wrong = filtered(ROWS, [NAME, L0], { l0: 'four' });
    expect([wrong.rows.length, [...wrong.bad]]).toEqual([5, ['l0']]);
  });
});

describe('a table', () => {
  it('shows a dash where nothing was measured', () => {
    expect(ROWS.map((row) => shown(L0, row))).toEqual(['32.0', '4.0', '–', '–', '184.7']);
  });

  it('as CSV quotes what has to be, and leaves missing values empty', () => {
    expect(csv([NAME, L0], ROWS.slice(2))).toBe(
      'name,l0\r\nneurons,\r\n"a ""tied"", one",\r\nstandard,184.7\r\n',
    );
  });
});
