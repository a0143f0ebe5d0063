import type { ArgumentsOf, Begun, MethodOf, Question, ResultOf, WorkId } from './protocol.js';
import type { CallOptions } from './types.js';
import type { Lab } from './wasm/lab/simd128/othello_lens.js';

type Ask = <T>(question: Question, options: CallOptions) => Promise<T>;

/** Work in a worker that takes several calls, such as a measurement. */
export class RemoteWork<K extends keyof Begun> {
  readonly #kind: K;
  readonly #id: WorkId;
  readonly #ask: Ask;

  constructor(kind: K, id: WorkId, ask: Ask) {
    this.#kind = kind;
    this.#id = id;
    this.#ask = ask;
  }

  /** Begins it. */
  begin(args: ArgumentsOf<Lab[K]>, options: CallOptions): Promise<void> {
    return this.#ask({ what: 'begin', work: this.#id, method: this.#kind, args }, options);
  }

  /** Goes on until the worker's share of what can be done now is done. */
  advance(options: CallOptions): Promise<void> {
    return this.#ask({ what: 'advance', work: this.#id }, options);
  }

  /** Calls a method of it. */
  call<M extends MethodOf<Begun[K]>>(
    method: M,
    args: ArgumentsOf<Begun[K][M]>,
    signal?: AbortSignal,
  ): Promise<ResultOf<Begun[K][M]>> {
    return this.#ask({ what: 'step', work: this.#id, method, args }, signal ? { signal } : {});
  }

  /** Frees it, begun or not. */
  end(): void {
    this.#ask({ what: 'end', work: this.#id }, {}).catch(() => {
      // The worker has ended, and the work with it.
    });
  }
}
