import { transferHandlers } from 'comlink';

import { fromPlain, type PlainError, toPlain } from './error.js';

/** Comlink's own handler keeps an error's message alone; both sides import this one in its place. */
interface Thrown {
  value: unknown;
}

const standard = transferHandlers.get('throw');

transferHandlers.set('throw', {
  canHandle: (value): value is Thrown => standard?.canHandle(value) ?? false,
  serialize: ({ value }: Thrown) => [toPlain(value), []],
  deserialize: (plain: PlainError) => {
    throw fromPlain(plain);
  },
});
