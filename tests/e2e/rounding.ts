import { expect } from '@playwright/test';

const NUMBER = /<?(\d+(?:\.\d+)?)(?=[\s,]|$)/gm;

/**
 * Expects the same words, and the same numbers but for one in the last digit: engines add up in different orders, and a
 * rounding may fall either way.
 */
export function expectSameButForRounding(found: string, expected: string): void {
  expect(found.replace(NUMBER, '#')).toBe(expected.replace(NUMBER, '#'));
  const numbers = (text: string) => [...text.matchAll(NUMBER)].map(([, digits = '']) => digits);
  const unit = (digits: string) => 10 ** -(digits.split('.')[1]?.length ?? 0);
  const others = numbers(expected);
  expect(others.length).toBeGreaterThan(8);
  for (const [at, digits] of numbers(found).entries()) {
    const other = others[at] ?? '';
    const within = 1.001 * Math.max(unit(digits), unit(other));
    expect(Math.abs(Number(digits) - Number(other)), `${digits} and ${other}`).toBeLessThan(within);
  }
}
