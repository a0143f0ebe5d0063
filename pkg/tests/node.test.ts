import { expect, it } from 'vitest';

import { Lens, LensError, Othello } from '../src/index.js';

/** What `call` rejects with. */
async function thrown(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

it.each([
  ['Lens.load', () => Lens.load('models/small/')],
  ['Lens.load of a whole address', () => Lens.load('https://example.org/models/small/')],
  ['Othello.start', () => Othello.start()],
])('%s says outside of a browser that it needs one', async (_, call) => {
  const error = await thrown(call());
  expect(error).toBeInstanceOf(LensError);
  expect(error).toMatchObject({ code: 'needs_browser', message: expect.stringContaining('browser') });
});
