import { unlessAborted } from './abort.js';
import { Client, disposed } from './client.js';

/**
 * Workers beside a lens's own, each with the model, for what takes many games: they run the laboratory. They are started
 * when they are first needed, and kept.
 */
export class WorkerPool {
  readonly #url: string;
  readonly #manifest: Uint8Array;
  readonly #workers = new Map<number, Promise<Client>>();
  #disposed = false;

  /** Of the bundle at `url`, whose manifest is this. */
  constructor(url: string, manifest: Uint8Array) {
    this.#url = url;
    this.#manifest = manifest;
  }

  /** Uses `count` workers. */
  async use<T>(
    count: number,
    signal: AbortSignal | undefined,
    use: (clients: readonly Client[]) => Promise<T>,
  ): Promise<T> {
    if (this.#disposed) throw disposed();
    const started = Array.from({ length: count }, (_, number) => this.#worker(number));
    const clients = await unlessAborted(Promise.all(started), signal);
    try {
      return await use(clients);
    } finally {
      for (const [number, client] of clients.entries()) {
        if (!client.isBroken) continue;
        client.dispose();
        // Another one may have taken its place.
        if (this.#workers.get(number) === started[number]) this.#workers.delete(number);
      }
    }
  }

  /** Ends all workers. */
  dispose(): void {
    this.#disposed = true;
    for (const worker of this.#workers.values())
      worker.then(
        (client) => client.dispose(),
        () => {},
      );
    this.#workers.clear();
  }

  /** A worker, which is started if it has not been. */
  #worker(number: number): Promise<Client> {
    const known = this.#workers.get(number);
    if (known) return known;
    const worker = this.#start();
    this.#workers.set(number, worker);
    // The next call tries again.
    worker.catch(() => this.#workers.get(number) === worker && this.#workers.delete(number));
    return worker;
  }

  async #start(): Promise<Client> {
    const client = await Client.start('lab');
    try {
      if (this.#disposed) throw disposed();
      await client.load(this.#url, 'cpu', {}, this.#manifest);
      return client;
    } catch (error) {
      client.dispose();
      throw error;
    }
  }
}
