import { describe, expect, it } from 'vitest';

import {
  addressFrom,
  argument,
  CALL,
  listOf,
  oneOf,
  options,
  orNull,
  square,
  text,
  u32,
  u64,
} from '../src/arguments.js';

const read = (shape: Parameters<typeof argument<unknown>>[1], value: unknown) =>
  argument('it', shape, value)();

describe('what is expected is read', () => {
  const controller = new AbortController();
  const onProgress = () => {};
  it.each([
    ['text', text, '', ''],
    ['u32', u32, 2 ** 32 - 1, 2 ** 32 - 1],
    ['u64 of a number', u64, 7, 7n],
    ['u64 of a bigint', u64, 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['a square by number', square, 63, 63],
    ['a square by name', square, 'f5', 'f5'],
    ['a word', oneOf('gpu', 'cpu'), 'cpu', 'cpu'],
    ['a list', listOf(u32), [0, 1], [0, 1]],
    ['null', orNull(text), null, null],
    ['options', CALL, { signal: controller.signal, onProgress }, { signal: controller.signal, onProgress }],
    ['options that are left out', CALL, undefined, {}],
    ['options that are undefined', CALL, { signal: undefined }, {}],
    ['an address', addressFrom(() => 'http://a/b/'), 'models/', 'http://a/b/models/'],
    ['a URL', addressFrom(() => 'http://a/'), new URL('http://c/d'), 'http://c/d'],
  ] as const)('%s', (_, shape, value, expected) => {
    expect(read(shape, value)).toEqual(expected);
  });
});

describe('what is not expected is refused by name', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const base = () => 'http://a/';
  it.each([
    [text, 5, 'it', '5'],
    [text, Symbol('x'), 'it', 'a symbol'],
    [text, 5n, 'it', '5n'],
    [u32, 1.5, 'it', '1.5'],
    [u32, Number.NaN, 'it', 'NaN'],
    [u32, -1, 'it', '-1'],
    [u32, 2 ** 32 + 3, 'it', '4294967299'],
    [u32, 'x', 'it', '"x"'],
    [u32, 'x'.repeat(1000), 'it', `"${'x'.repeat(40)}…"`],
    [u64, 2 ** 53, 'it', '9007199254740992'],
    [u64, -1n, 'it', '-1n'],
    [square, 64, 'it', '64'],
    [square, 0.5, 'it', '0.5'],
    [oneOf('gpu', 'cpu'), 'tpu', 'it', '"tpu"'],
    [listOf(u32), 'x', 'it', '"x"'],
    [listOf(u32), [0, null], 'it[1]', 'null'],
    [listOf(u32), new Array(1), 'it[0]', 'undefined'],
    [options({ sae: orNull(text) }), { sae: 5 }, 'it.sae', '5'],
    [options({ sae: orNull(text) }), { sea: 'x' }, 'it.sea', 'no option of this call'],
    [CALL, null, 'it', 'null'],
    [CALL, [], 'it', 'an array'],
    [CALL, { signal: {} }, 'it.signal', 'an object'],
    [CALL, { signal: AbortSignal.prototype }, 'it.signal', 'an object'],
    [CALL, { onProgress: 5 }, 'it.onProgress', '5'],
    [CALL, revoked.proxy, 'it', 'an object that cannot be read'],
    [addressFrom(base), '//', 'it', '"//"'],
    [addressFrom(base), {}, 'it', 'an object'],
    [addressFrom(base), URL.prototype, 'it', 'an object'],
  ] as const)('%# %o', (shape, value, argument, found) => {
    expect(() => read(shape, value)).toThrow(
      expect.objectContaining({
        name: 'LensError',
        code: 'bad_argument',
        details: { argument, found, expected: expect.any(String) },
      }),
    );
  });
});
