import { Client } from './client.js';
import { LensError } from './error.js';
import type { Replay } from './types.js';

/** The rules of the game alone, in a worker of their own: there before any weights are. */
export class Othello {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Loads the code, not a model. */
  static async start(options: { signal?: AbortSignal } = {}): Promise<Othello> {
    return new Othello(await Client.start(options.signal));
  }

  /** The positions of a game. Case, spaces, line breaks and move numbers do not matter. */
  replay(transcript: string): Promise<Replay> {
    return this.#client.call((remote) => remote.replay(transcript));
  }

  /** A game of uniformly random legal moves; a seed gives the same game everywhere. */
  async randomGame(seed: number | bigint): Promise<Replay> {
    if (!(typeof seed === 'bigint' || Number.isSafeInteger(seed)) || seed < 0 || seed >= 2n ** 64n) {
      throw new LensError('bad_argument', `The seed is ${seed}; expected a whole number from 0 to 2⁶⁴ − 1.`);
    }
    return this.#client.call((remote) => remote.randomGame(BigInt(seed)));
  }

  /** Number of move sequences of `depth` plies from the start, a pass counting as a ply. */
  async perft(depth: number): Promise<bigint> {
    if (!(Number.isSafeInteger(depth) && depth >= 0)) {
      throw new LensError('bad_argument', `The depth is ${depth}; expected a whole number from 0.`);
    }
    return this.#client.call((remote) => remote.perft(depth));
  }

  /** Ends the worker. */
  dispose(): void {
    this.#client.dispose();
  }
}
