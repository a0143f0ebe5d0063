import { unlessAborted } from './abort.js';
import type { Program } from './addresses.js';
import type { Argument } from './arguments.js';
import { loadCode } from './code.js';
import { fromPlain, LensError } from './error.js';
import { PolicyWatch } from './fetch/forbidden.js';
import type {
  ArgumentsOf,
  Ask,
  Begun,
  LoadedBundle,
  MethodOf,
  PathedFile,
  Question,
  ResultOf,
  Targets,
} from './protocol.js';
import { RemoteWork } from './remote-work.js';
import { requireWorkers, startWorker } from './start-worker.js';
import type { CallOptions, Device, GameFile, ImportRequest, KeptBundle } from './types.js';
import type { Recognition } from './wasm/lab/simd128/othello_lens.js';

/** A call under way in the worker. */
interface Call {
  answered(message: MessageEvent): void;
  failed(why: unknown): void;
}

/** The arguments of a method of the wasm, to be checked before anything is sent. */
export type Arguments<T extends keyof Targets, M extends MethodOf<Targets[T]>> = Checked<
  ArgumentsOf<Targets[T][M]>
>;

/** What a method of the wasm gives in the end. */
export type Result<T extends keyof Targets, M extends MethodOf<Targets[T]>> = ResultOf<Targets[T][M]>;

type Checked<A extends readonly unknown[]> = { readonly [K in keyof A]: Argument<A[K]> };

/** A worker and the calls that are under way in it. */
export class Client {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #last = 0;
  #lastWork = 0;
  #crashed = false;
  #closed: LensError | null = null;

  private constructor(worker: Worker, policy: PolicyWatch) {
    this.#worker = worker;
    worker.addEventListener('message', (message) => this.#calls.get(message.data.id)?.answered(message));
    worker.addEventListener('error', async (event) => {
      // It is reported below, to whoever waits; a broken worker does no more.
      event.preventDefault();
      worker.terminate();
      const { message } = event;
      const directive = await policy.directive();
      const why = directive ? `the content security policy of this page forbids it (${directive})` : message;
      this.#close(new LensError('wasm_failed', `The worker's script could not be run${why && `: ${why}`}`));
    });
  }

  /**
   * A worker of a program that is ready to be called. While the code is on its way, it begins to fetch the model of the
   * bundle at `url`, and tells how far it has come.
   */
  static async start(
    program: Program,
    { signal, onProgress }: CallOptions = {},
    url?: string,
  ): Promise<Client> {
    requireWorkers();
    signal?.throwIfAborted();
    // Others may wait for the code too, so it goes on coming.
    const coming = unlessAborted(loadCode(program), signal);
    // Without anything to fetch, there is nothing to start before the code is here.
    if (url === undefined) await coming;
    else coming.catch(() => {});
    const policy = PolicyWatch.ofWorker();
    try {
      const client = new Client(startWorker(program), policy);
      try {
        if (url !== undefined)
          client.#ask({ what: 'fetch', url }, onProgress ? { onProgress } : {}).catch(() => {});
        const code = await coming;
        await client.#ask({ what: 'start', code }, signal ? { signal } : {});
      } catch (error) {
        client.dispose();
        throw error;
      }
      return client;
    } finally {
      policy.end();
    }
  }

  /** Whether the worker has ended or its program has crashed. */
  get isBroken(): boolean {
    return this.#closed !== null || this.#crashed;
  }

  /** Loads a bundle, which calls of `lens` then go to; its manifest is fetched unless it is given. */
  load(
    url: string,
    device: Device,
    options: CallOptions,
    manifest: Uint8Array | null = null,
  ): Promise<LoadedBundle> {
    return this.#ask({ what: 'load', url, device, manifest }, options);
  }

  /** Reads a file of games. */
  games(file: Blob, readAs: string | null, options: CallOptions): Promise<GameFile> {
    return this.#ask({ what: 'games', file, readAs }, options);
  }

  /** Reads files that are to be imported; calls of `importer` then go to them. */
  import(files: readonly PathedFile[], options: CallOptions): Promise<Recognition> {
    return this.#ask({ what: 'import', files }, options);
  }

  /** Brings the model to which what was imported is to be added. */
  takeBase(url: string, options: CallOptions): Promise<null> {
    return this.#ask({ what: 'base', url }, options);
  }

  /** Makes a bundle of what was imported, and keeps it. */
  keep(request: ImportRequest, options: CallOptions): Promise<KeptBundle> {
    return this.#ask({ what: 'keep', request }, options);
  }

  /** Calls a method of the wasm, once its arguments are found to be good. */
  async call<T extends keyof Targets, M extends MethodOf<Targets[T]>>(
    target: T,
    method: M,
    args: Arguments<T, M>,
    options: Argument<CallOptions> = () => ({}),
  ): Promise<Result<T, M>> {
    const values = args.map((read) => read());
    return this.#ask({ what: 'call', target, method, args: values }, options());
  }

  /** Work that the worker can begin. */
  work<K extends keyof Begun>(kind: K): RemoteWork<K> {
    this.#lastWork += 1;
    return new RemoteWork(kind, this.#lastWork, (question, options) => this.#ask(question, options));
  }

  /** Ends the worker; calls under way and later ones reject. */
  dispose(): void {
    this.#close(disposed());
  }

  /** Asks the worker; `signal` ends the wait at once and tells the worker to stop. */
  #ask<T>(question: Question, { signal, onProgress }: CallOptions): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#last += 1;
    const id = this.#last;
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        this.#calls.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      const failed = (why: unknown) => {
        settle();
        reject(why);
      };
      const abort = () => {
        this.#send({ id, what: 'abort' });
        failed(signal?.reason);
      };
      const answered = ({ data }: MessageEvent) => {
        if ('progress' in data) onProgress?.(data.progress);
        else if ('error' in data) {
          this.#crashed ||= data.error.code === 'internal';
          failed(fromPlain(data.error));
        } else {
          settle();
          resolve(data.value);
        }
      };
      this.#calls.set(id, { answered, failed });
      signal?.addEventListener('abort', abort, { once: true });
      this.#send({ id, ...question });
    });
  }

  #send(ask: Ask): void {
    this.#worker.postMessage(ask, transferable(ask));
  }

  #close(why: LensError): void {
    if (this.#closed) return;
    this.#closed = why;
    this.#worker.terminate();
    for (const call of [...this.#calls.values()]) call.failed(why);
  }
}

/** The error of a call after the end. */
export function disposed(): LensError {
  return new LensError('disposed', 'This was disposed of; load it again to go on.');
}

/** The memory that goes to the worker without a copy: what another worker has handed over. */
function transferable(ask: Ask): ArrayBuffer[] {
  if (ask.what !== 'step' || ask.method !== 'bring') return [];
  const bytes = ask.args.filter((value) => value instanceof Uint8Array);
  return bytes.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
