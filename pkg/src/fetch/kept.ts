import { LensError } from '../error.js';
import type { KeptBundle } from '../types.js';
import { BundleSource, type FileEntry, type Taker } from './bundle.js';
import { openStore } from './store.js';

const CACHE = 'othello-lens-kept';

/** What the address of a kept bundle begins with; the hash of its manifest follows. */
const SCHEME = 'kept:';

/** Digits of the hash that an address has. */
const DIGITS = 16;

/** Where the base of a bundle lies that was made by adding to another one: it has the files that are not kept. */
const BASE = 'x-othello-lens-base';

/** Whether `url` is the address of a kept bundle. */
export function isKept(url: string): boolean {
  return new RegExp(`^${SCHEME}[0-9a-f]{${DIGITS}}$`).test(url);
}

/** What a manifest says, as far as it matters here. It was checked before it was kept. */
interface Manifest {
  name: string;
  model: { config: { layers: number; d_model: number } };
  dictionaries: unknown[];
  probes: unknown[];
  colour_probes: unknown[];
}

/** A kept manifest, and where the files lie that are not kept. */
interface Found {
  bytes: Uint8Array<ArrayBuffer>;
  base: string | null;
}

/** The addresses that the Cache API wants; nothing is ever fetched from there. */
function manifestKey(address: string): string {
  return `https://othello-lens.invalid/kept/${address.slice(SCHEME.length)}`;
}

function fileKey(sha256: string): string {
  return `https://othello-lens.invalid/file/${sha256}`;
}

/** Bundles that this browser keeps until they are removed. */
export class KeptStore {
  readonly #cache: Cache;

  private constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** @throws a `LensError` with the code `not_kept` where the browser keeps nothing. */
  static async open(): Promise<KeptStore> {
    try {
      return new KeptStore(await caches.open(CACHE));
    } catch (cause) {
      throw new LensError(
        'not_kept',
        'This browser keeps no files for this page: it does so on https and on localhost, and not in every private window.',
        {},
        { cause },
      );
    }
  }

  /** All bundles, the last one first. */
  async list(): Promise<KeptBundle[]> {
    const all: KeptBundle[] = [];
    for (const { url } of await this.#cache.keys()) {
      const [, hash] = /\/kept\/([0-9a-f]+)$/.exec(url) ?? [];
      const found = hash === undefined ? null : await this.#manifest(`${SCHEME}${hash}`);
      if (found) all.push(describe(`${SCHEME}${hash}`, found));
    }
    return all.reverse();
  }

  /** Keeps one file; a file that is kept already is left alone. */
  async putFile({ sha256, path }: FileEntry, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const key = fileKey(sha256);
    if (await this.#cache.match(key)) return;
    await this.#put(key, new Response(bytes), path);
  }

  /** Keeps a manifest, once its files are kept or lie at `base`. */
  async putManifest(bytes: Uint8Array<ArrayBuffer>, base: string | null): Promise<KeptBundle> {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const digits = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const address = `${SCHEME}${digits.slice(0, DIGITS)}`;
    const headers: HeadersInit = base === null ? {} : { [BASE]: base };
    await this.#put(manifestKey(address), new Response(bytes, { headers }), 'its manifest');
    return describe(address, { bytes, base });
  }

  /** Removes a bundle and the files that no other one has. */
  async remove(address: string): Promise<void> {
    await this.#cache.delete(manifestKey(address));
    const needed = new Set<string>();
    for (const { url } of await this.#cache.keys()) {
      const kept = await (url.includes('/kept/') ? this.#cache.match(url) : undefined);
      if (kept) for (const { sha256 } of filesOf(await kept.text())) needed.add(fileKey(sha256));
    }
    for (const { url } of await this.#cache.keys())
      if (url.includes('/file/') && !needed.has(url)) await this.#cache.delete(url);
  }

  /** The manifest at an address. */
  async manifest(address: string): Promise<Found> {
    const found = await this.#manifest(address);
    if (found) return found;
    throw new LensError(
      'not_kept',
      `This browser does not keep the bundle ${address}. It was removed, or it is kept in another browser: open its files again there where they are.`,
      { url: address },
    );
  }

  /** A file, if it is kept. */
  async file(sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const found = await this.#cache.match(fileKey(sha256));
    return found ? new Uint8Array(await found.arrayBuffer()) : null;
  }

  async #manifest(address: string): Promise<Found | null> {
    const found = await this.#cache.match(manifestKey(address));
    if (!found) return null;
    return { bytes: new Uint8Array(await found.arrayBuffer()), base: found.headers.get(BASE) };
  }

  async #put(key: string, response: Response, what: string): Promise<void> {
    try {
      await this.#cache.put(key, response);
    } catch (cause) {
      throw new LensError(
        'not_kept',
        `There is no room for ${what} in what this browser keeps for the page. Remove another bundle, or free space on the disk.`,
        {},
        { cause },
      );
    }
  }
}

/** A kept bundle, read as {@link BundleSource} reads one of the web. */
export class KeptSource {
  readonly #address: string;
  #base: BundleSource | null = null;

  constructor(address: string) {
    this.#address = address;
  }

  async fetchManifest(): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes, base } = await (await KeptStore.open()).manifest(this.#address);
    this.#base = base === null ? null : new BundleSource(base, await openStore());
    return bytes;
  }

  /** Nothing has to come from far away. */
  begin(): void {}

  async fetchFiles(
    taker: Taker,
    onBytes: (loaded: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const store = await KeptStore.open();
    // The pool's workers are given the manifest.
    if (!this.#base) await this.fetchManifest();
    const entries = taker.files();
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    let loaded = 0;
    for (const [index, entry] of entries.entries()) {
      signal?.throwIfAborted();
      const kept = await store.file(entry.sha256);
      if (kept) await taker.add(index, kept);
      else await this.#fetch(taker, index, entry, signal);
      loaded += entry.bytes;
      onBytes(loaded, total);
    }
  }

  /** Hands over a file of the base. */
  async #fetch(taker: Taker, index: number, entry: FileEntry, signal?: AbortSignal): Promise<void> {
    if (!this.#base)
      throw new LensError(
        'not_kept',
        `${entry.path} of the bundle ${this.#address} is not kept any more. Remove the bundle, and open its files again.`,
        { file: entry.path, url: this.#address },
      );
    const one: Taker = { files: () => [entry], add: (_, bytes) => taker.add(index, bytes) };
    await this.#base.fetchFiles(one, () => {}, signal);
  }
}

function describe(address: string, { bytes, base }: Found): KeptBundle {
  const text = new TextDecoder().decode(bytes);
  const { name, model, dictionaries, probes, colour_probes }: Manifest = JSON.parse(text);
  return {
    address,
    name,
    base,
    layers: model.config.layers,
    dModel: model.config.d_model,
    dictionaries: dictionaries.length,
    probes: probes.length + (colour_probes?.length ?? 0),
    bytes: filesOf(text).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Every file that a manifest lists, wherever in it. */
export function filesOf(manifest: string): FileEntry[] {
  const files = new Map<string, FileEntry>();
  JSON.parse(manifest, (_, value: unknown) => {
    if (isFile(value)) files.set(value.sha256, value);
    return value;
  });
  return [...files.values()];
}

/** Sources of provenance have a name where a file of the bundle has a path. */
function isFile(value: unknown): value is FileEntry {
  return typeof value === 'object' && value !== null && 'path' in value && 'sha256' in value;
}
