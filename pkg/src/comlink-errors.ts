import { transferHandlers } from 'comlink';

import { fromPlain, type PlainError, toPlain } from './error.js';

interface Thrown {
  value: unknown;
}

/** Lets errors cross whole: Comlink's own handler keeps their message alone. For both sides. */
export function carryErrors(): void {
  const standard = transferHandlers.get('throw');
  transferHandlers.set('throw', {
    canHandle: (value): value is Thrown => standard?.canHandle(value) ?? false,
    serialize: ({ value }: Thrown) => [toPlain(value), []],
    deserialize: (plain: PlainError) => {
      throw fromPlain(plain);
    },
  });
}
