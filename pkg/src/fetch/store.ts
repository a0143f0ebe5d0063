/**
 * Keeps what was received of a file, under the file's hash, in parts: a part begins where the one
 * before it ends. A file is whole when its parts are; until then they say where to go on.
 */
export interface Store {
  /** The parts from byte 0 on, in order, as far as they reach. */
  read(sha256: string): AsyncIterable<Uint8Array>;
  /** Keeps `bytes` as the part that begins at `offset`. Never fails: a part that cannot be kept is fetched again some day. */
  write(sha256: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Forgets a file, as far as it can. */
  drop(sha256: string): Promise<void>;
}

const CACHE = 'othello-lens-1';

/** The address of a part. The Cache API wants one, though nothing is ever fetched from there. */
function key(sha256: string, offset: number): string {
  return `https://othello-lens.invalid/${sha256}/${offset}`;
}

/** In the Cache API. */
class CacheStore implements Store {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async *read(sha256: string): AsyncIterable<Uint8Array> {
    for (let offset = 0; ; ) {
      const part = await this.#part(key(sha256, offset));
      if (!part || part.length === 0) return;
      yield part;
      offset += part.length;
    }
  }

  async #part(key: string): Promise<Uint8Array | null> {
    try {
      const part = await this.#cache.match(key);
      return part ? new Uint8Array(await part.arrayBuffer()) : null;
    } catch {
      // A browser that lost what it kept: it is fetched again.
      return null;
    }
  }

  async write(sha256: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#cache.put(key(sha256, offset), new Response(bytes));
    } catch {
      // Out of quota: what is there stays, the rest is fetched again next time.
    }
  }

  async drop(sha256: string): Promise<void> {
    const prefix = key(sha256, 0).slice(0, -1);
    try {
      for (const request of await this.#cache.keys()) {
        if (request.url.startsWith(prefix)) await this.#cache.delete(request);
      }
    } catch {
      // What cannot be dropped is written over.
    }
  }
}

/** Keeps nothing. */
export const NO_STORE: Store = {
  async *read() {},
  async write() {},
  async drop() {},
};

/** The browser's cache, or none where it has none: on an insecure origin, in some private modes. */
export async function openStore(): Promise<Store> {
  try {
    return new CacheStore(await caches.open(CACHE));
  } catch {
    return NO_STORE;
  }
}
