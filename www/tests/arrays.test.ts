import { describe, expect, it } from 'vitest';

import { readArrays, writeArrays } from '../src/state/arrays.js';

describe('arrays in JSON', () => {
  it('come back bit by bit, wherever they stand', () => {
    const value = {
      game: 'f5d6',
      plies: [{ board: Uint8Array.of(0, 1, 2, 255) }, { board: new Uint8Array(0) }],
      effect: Float32Array.of(0.1, -0, Number.NaN, 1e-40, Number.POSITIVE_INFINITY),
      none: null,
    };
    const back = readArrays(writeArrays(value)) as typeof value;
    expect(back).toEqual(value);
    expect(Object.is(back.effect[1], -0)).toBe(true);
    expect(back.plies[0]?.board).toBeInstanceOf(Uint8Array);
  });

  it('are written as they are seen: a part of a buffer is only that part', () => {
    const whole = Float32Array.of(1, 2, 3, 4);
    expect(readArrays(writeArrays(whole.subarray(1, 3)))).toEqual(Float32Array.of(2, 3));
  });

  it('are not read from what only resembles them', () => {
    const others = [{ float32: 4 }, { float32: 'AACAPw==', more: 1 }, { uint16: 'AA==' }, []];
    expect(readArrays(JSON.stringify(others))).toEqual(others);
  });
});
