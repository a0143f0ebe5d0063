import { describe, expect, it } from 'vitest';

import { exactPercent, megabytes, milliseconds, percent, roundPercent, signed } from '../src/text/numbers.js';
import { sentence } from '../src/text/sentence.js';
import { squareName } from '../src/text/squares.js';

/** Thin spaces as plain ones, to be read here. */
function plain(text: string): string {
  return text.replace(/\u202f/g, ' ');
}

describe('numbers', () => {
  it('show a share with as many digits as it deserves', () => {
    const shares = [0, 0.0001, 0.004, 0.0999, 0.125, 0.9995, 1];
    expect(shares.map(percent).map(plain)).toEqual([
      '0 %',
      '<0.1 %',
      '0.4 %',
      '10 %',
      '13 %',
      '>99.9 %',
      '100 %',
    ]);
  });

  it('show a share that stands alone with one decimal', () => {
    expect(plain(exactPercent(0.9778))).toBe('97.8 %');
    expect(plain(roundPercent(0.9778))).toBe('98 %');
  });

  it('carry a sign that is a true minus', () => {
    expect([0.5, -0.5].map(signed)).toEqual(['+0.50', '−0.50']);
  });

  it('come with units', () => {
    expect([megabytes(3_420_000), milliseconds(3.14), milliseconds(140.4)].map(plain)).toEqual([
      '3.4 MB',
      '3.1 ms',
      '140 ms',
    ]);
  });
});

describe('squares', () => {
  it('have a1 first and the letter for the column', () => {
    expect([0, 7, 37, 63].map(squareName)).toEqual(['a1', 'h1', 'f5', 'h8']);
  });
});

describe('a message', () => {
  it('becomes a sentence', () => {
    expect(sentence('move 4 ("zz"): expected a square')).toBe('Move 4 ("zz"): expected a square.');
    expect(sentence('Done.')).toBe('Done.');
  });
});
