import { unlessAborted } from './abort.js';
import { argument, blob, CALL, CALL_FIELDS, options as fields, text, u32, u64 } from './arguments.js';
import { Client, disposed } from './client.js';
import type { CallOptions, GameFile, ReadGamesOptions, Replay } from './types.js';

const READ_GAMES = fields({ ...CALL_FIELDS, readAs: text });

/** The rules of the game alone, in a worker of their own: there before any weights are. */
export class Othello {
  readonly #client: Client;
  /** Reads files of games; started when the first of them is. */
  #reader: Promise<Client> | null = null;
  #disposed = false;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Loads the code, not a model. */
  static async start(options?: CallOptions): Promise<Othello> {
    const { signal } = argument('options', CALL, options)();
    return new Othello(await Client.start('lens', signal ? { signal } : {}));
  }

  /**
   * The positions of a game, as people and programs write it down: with move numbers, tags and comments of PGN, as
   * GGF, as a list, as an address of the page. Where another reading makes a game of what is refused, such as numbers
   * for squares, the error's `details.offers` have it.
   */
  replay(transcript: string, options?: CallOptions): Promise<Replay> {
    const args = [argument('transcript', text, transcript)] as const;
    return this.#client.call('rules', 'replay', args, argument('options', CALL, options));
  }

  /**
   * The games of a file: PGN, GGF, WTHOR's `.wtb`, lists, or a transcript a line. The file is read piece by piece; of
   * its games the first 100,000 come back, those that are broken named by their place and reason.
   */
  async readGames(
    file: Blob | ArrayBuffer | Uint8Array | string,
    options?: ReadGamesOptions,
  ): Promise<GameFile> {
    const given = argument('file', blob, file)();
    const { readAs = null, ...call } = argument('options', READ_GAMES, options)();
    const reader = await unlessAborted(this.#startReader(), call.signal);
    return reader.games(given, readAs, call);
  }

  /** A game of uniformly random legal moves; a seed gives the same game everywhere. */
  randomGame(seed: number | bigint): Promise<Replay> {
    return this.#client.call('rules', 'randomGame', [argument('seed', u64, seed)]);
  }

  /** Number of move sequences of `depth` plies from the start, a pass counting as a ply. */
  perft(depth: number): Promise<bigint> {
    return this.#client.call('rules', 'perft', [argument('depth', u32, depth)]);
  }

  /** Ends the workers. */
  dispose(): void {
    this.#disposed = true;
    this.#client.dispose();
    this.#reader?.then(
      (reader) => reader.dispose(),
      () => {},
    );
  }

  async #startReader(): Promise<Client> {
    if (this.#disposed) throw disposed();
    this.#reader ??= Client.start('lab');
    const starting = this.#reader;
    try {
      const reader = await starting;
      if (!reader.isBroken || this.#disposed) return reader;
    } catch (error) {
      // The next call tries again.
      if (this.#reader === starting) this.#reader = null;
      throw error;
    }
    if (this.#reader === starting) this.#reader = null;
    return this.#startReader();
  }
}
