import { LensError } from '../error.js';
import { type DownloadOptions, download, type File } from './download.js';
import { fetchManifest, MANIFEST } from './manifest.js';
import { PATIENCE } from './retry.js';
import type { Store } from './store.js';

/** A file as the manifest lists it. */
export interface FileEntry {
  path: string;
  bytes: number;
  sha256: string;
}

/** Takes files in order; refuses those that are not what the manifest says. */
export interface Taker {
  files(): FileEntry[];
  /** @throws an error with the code `file_damaged` where the bytes are not those of the file. */
  add(index: number, bytes: Uint8Array): void | Promise<void>;
}

/** A file that is on its way before anybody takes it. */
interface Begun {
  file: Promise<Uint8Array>;
  received: number;
  onBytes: (received: number) => void;
  stop: AbortController;
}

/** Files that are on their way at the same time. More would hold more memory and win little. */
const AT_ONCE = 3;

/** Where a bundle is. The query of its address (`?token=…`) is that of each of its files too. */
export class BundleSource {
  /** The address of its manifest. */
  readonly manifest: URL;
  readonly #store: Store;
  readonly #patience: DownloadOptions['patience'];
  readonly #begun = new Map<string, Begun>();

  constructor(url: string, store: Store, patience?: DownloadOptions['patience']) {
    const address = new URL(url);
    if (!address.pathname.endsWith('.json')) {
      if (!address.pathname.endsWith('/')) address.pathname += '/';
      address.pathname += MANIFEST;
    }
    this.manifest = address;
    this.#store = store;
    this.#patience = patience;
  }

  /** Fetches the manifest. Where the server cannot be reached, the one that came last time stands in for it. */
  async fetchManifest(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { href } = this.manifest;
    const key = `manifest-${encodeURIComponent(href)}`;
    const patience = this.#patience ?? PATIENCE;
    // Without a network no try helps.
    const offline = globalThis.navigator?.onLine === false;
    try {
      const bytes = await fetchManifest(href, offline ? { ...patience, retries: 0 } : patience, signal);
      await this.#store.write(key, 0, bytes);
      return bytes;
    } catch (error) {
      if (!(error instanceof LensError && error.code === 'network')) throw error;
      for await (const kept of this.#store.read(key)) return Uint8Array.from(kept);
      throw error;
    }
  }

  /** Begins to fetch `entries`, before anybody is there to take them. */
  begin(entries: readonly FileEntry[], onBytes: (loaded: number, total: number) => void): void {
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const loaded = new Map<string, number>();
    for (const entry of entries.slice(0, AT_ONCE)) {
      const { sha256 } = entry;
      const stop = new AbortController();
      const begun: Begun = {
        received: 0,
        stop,
        onBytes: (received) => {
          loaded.set(sha256, received);
          onBytes(
            [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0),
            total,
          );
        },
        file: this.#download(entry, stop.signal, false, (received) => {
          begun.received = received;
          begun.onBytes(received);
        }),
      };
      // It is awaited by whoever takes it; until then a rejection is not unhandled.
      begun.file.catch(() => {});
      this.#begun.set(sha256, begun);
    }
  }

  /** Fetches the files of `taker` and hands them over in order, each once it is here. */
  async fetchFiles(
    taker: Taker,
    onBytes: (loaded: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const entries = taker.files();
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const loaded = entries.map(({ sha256 }) => this.#begun.get(sha256)?.received ?? 0);
    // What goes wrong with one file ends the others too.
    const all = new AbortController();
    const abort = () => all.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const fetchOne = (index: number, anew: boolean) => {
      const entry = entries[index] as FileEntry;
      const told = (received: number) => {
        loaded[index] = received;
        onBytes(
          loaded.reduce((sum, bytes) => sum + bytes, 0),
          total,
        );
      };
      const begun = this.#begun.get(entry.sha256);
      this.#begun.delete(entry.sha256);
      if (begun && !anew) {
        all.signal.addEventListener('abort', () => begun.stop.abort(all.signal.reason), { once: true });
        begun.onBytes = told;
        told(begun.received);
        return begun.file;
      }
      const promise = this.#download(entry, all.signal, anew, told);
      // It is awaited in its turn; until then a rejection is not unhandled.
      promise.catch(() => {});
      return promise;
    };

    const coming: Promise<Uint8Array>[] = [];
    try {
      signal?.throwIfAborted();
      for (let index = 0; index < entries.length; index++) {
        while (coming.length < Math.min(index + AT_ONCE, entries.length))
          coming.push(fetchOne(coming.length, false));
        const bytes = await (coming[index] as Promise<Uint8Array>);
        // Let go of it as soon as it is handed over.
        delete coming[index];
        signal?.throwIfAborted();
        await this.#hand(taker, index, bytes, () => fetchOne(index, true));
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      all.abort();
      for (const { stop } of this.#begun.values()) stop.abort();
      this.#begun.clear();
    }
  }

  #download(
    entry: FileEntry,
    signal: AbortSignal,
    anew: boolean,
    onBytes: (received: number) => void,
  ): Promise<Uint8Array> {
    const options: DownloadOptions = { store: this.#store, anew, signal, onBytes };
    if (this.#patience) options.patience = this.#patience;
    return download(this.#file(entry), options);
  }

  /** Hands a file over. One that is damaged, be it in the cache or on the way, is fetched anew, once. */
  async #hand(
    taker: Taker,
    index: number,
    bytes: Uint8Array,
    fetchAnew: () => Promise<Uint8Array>,
  ): Promise<void> {
    const { sha256 } = taker.files()[index] as FileEntry;
    try {
      await taker.add(index, bytes);
    } catch (error) {
      if (!(error instanceof LensError && error.code === 'file_damaged')) throw error;
      await this.#store.drop(sha256);
      const again = await fetchAnew();
      try {
        await taker.add(index, again);
      } catch (still) {
        await this.#store.drop(sha256);
        throw still;
      }
    }
  }

  #file({ path, bytes, sha256 }: FileEntry): File {
    const url = new URL(path, this.manifest);
    // A token that opens the manifest opens its files.
    url.search = this.manifest.search;
    return { name: path, url: url.href, bytes, sha256 };
  }
}
