import { argument, CALL, text, u32, u64 } from './arguments.js';
import { Client } from './client.js';
import type { CallOptions, Replay } from './types.js';

/** The rules of the game alone, in a worker of their own: there before any weights are. */
export class Othello {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Loads the code, not a model. */
  static async start(options?: CallOptions): Promise<Othello> {
    const { signal } = argument('options', CALL, options)();
    return new Othello(await Client.start(signal ? { signal } : {}));
  }

  /** The positions of a game. Case, spaces, line breaks and move numbers do not matter. */
  replay(transcript: string, options?: CallOptions): Promise<Replay> {
    const args = [argument('transcript', text, transcript)] as const;
    return this.#client.call('rules', 'replay', args, argument('options', CALL, options));
  }

  /** A game of uniformly random legal moves; a seed gives the same game everywhere. */
  randomGame(seed: number | bigint): Promise<Replay> {
    return this.#client.call('rules', 'randomGame', [argument('seed', u64, seed)]);
  }

  /** Number of move sequences of `depth` plies from the start, a pass counting as a ply. */
  perft(depth: number): Promise<bigint> {
    return this.#client.call('rules', 'perft', [argument('depth', u32, depth)]);
  }

  /** Ends the worker. */
  dispose(): void {
    this.#client.dispose();
  }
}
