import { type ProxyMarked, proxy, type Remote, releaseProxy, wrap } from 'comlink';

import { unlessAborted } from './abort.js';
import { loadCode } from './code.js';
import { carryErrors } from './comlink-errors.js';
import { LensError } from './error.js';
import type { CallId, Service } from './service.js';
import { requireWorkers, startWorker } from './start-worker.js';

/** A worker and the calls that are under way in it. */
export class Client {
  readonly #worker: Worker;
  readonly #remote: Remote<Service>;
  readonly #pending = new Map<CallId, (reason: unknown) => void>();
  #calls = 0;
  #closed: LensError | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#remote = wrap<Service>(worker);
    worker.addEventListener('error', (event) => {
      const why = event.message ? `: ${event.message}` : '';
      this.#close(new LensError('wasm_failed', `The worker's script could not be run${why}`));
    });
  }

  /** A worker that is ready to be called. */
  static async start(signal?: AbortSignal): Promise<Client> {
    requireWorkers();
    signal?.throwIfAborted();
    // Others may wait for the code too, so it goes on coming.
    const code = await unlessAborted(loadCode(), signal);
    carryErrors();
    const client = new Client(startWorker());
    try {
      await client.call((remote) => remote.start(code), signal);
    } catch (error) {
      client.dispose();
      throw error;
    }
    return client;
  }

  /** Runs one call; `signal` ends the wait at once and tells the worker to stop. */
  call<T>(run: (remote: Remote<Service>, call: CallId) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      const settle = (how: () => void) => {
        this.#pending.delete(id);
        signal?.removeEventListener('abort', abort);
        how();
      };
      const fail = (reason: unknown) => settle(() => reject(reason));
      const abort = () => {
        void this.#remote.abort(id);
        fail(signal?.reason);
      };
      this.#pending.set(id, fail);
      signal?.addEventListener('abort', abort, { once: true });
      run(this.#remote, id).then((value) => settle(() => resolve(value)), fail);
    });
  }

  /** Ends the worker; calls under way and later ones reject. */
  dispose(): void {
    this.#close(new LensError('disposed', 'This was disposed of; load it again to go on.'));
  }

  #close(why: LensError): void {
    if (this.#closed) return;
    this.#closed = why;
    this.#remote[releaseProxy]();
    this.#worker.terminate();
    for (const fail of [...this.#pending.values()]) fail(why);
  }
}

/** `callback`, to be called from the worker. */
export function callable<T extends (...args: never[]) => void>(callback: T): T & ProxyMarked {
  return proxy(callback);
}
