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

/** The address of the bundle that took the place of one: links to that one lead to it. */
const BECAME = 'x-othello-lens-became';

/** Held while files and manifests are put or removed: a file is needed from when it is put, not from its manifest's. */
const LOCK = 'othello-lens-kept';

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
  /** The address of the bundle that took its place. */
  became: string | null;
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
      if (found && !found.became) all.push(describe(`${SCHEME}${hash}`, found));
    }
    return all.reverse();
  }

  /**
   * Keeps a bundle: its files, one after the other, then its manifest. Files that `files` does not bring lie at `base`
   * or are kept already, those of the bundle `replaced` for one, whose address leads to this one from then on.
   */
  put(
    manifest: Uint8Array<ArrayBuffer>,
    files: AsyncIterable<readonly [FileEntry, Uint8Array<ArrayBuffer>]>,
    { base, replaced = null }: { base: string | null; replaced?: string | null },
  ): Promise<KeptBundle> {
    return locked(async () => {
      for await (const [{ sha256, path }, bytes] of files) {
        const key = fileKey(sha256);
        if (!(await this.#cache.match(key))) await this.#put(key, new Response(bytes), path);
      }
      if (base === null)
        for (const { sha256, path } of filesOf(new TextDecoder().decode(manifest)))
          if (!(await this.#cache.match(fileKey(sha256)))) throw gone(path, replaced ?? 'to be kept');
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', manifest));
      const digits = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const address = `${SCHEME}${digits.slice(0, DIGITS)}`;
      const headers: HeadersInit = base === null ? {} : { [BASE]: base };
      await this.#put(manifestKey(address), new Response(manifest, { headers }), 'its manifest');
      if (replaced !== null && replaced !== address) await this.#become(replaced, address);
      return describe(address, { bytes: manifest, base });
    });
  }

  /** Lets the address of a bundle lead to another one, and all that led to it. */
  async #become(replaced: string, address: string): Promise<void> {
    const old = [manifestKey(replaced)];
    for (const { url } of await this.#cache.keys())
      if ((await this.#cache.match(url))?.headers.get(BECAME) === replaced) old.push(url);
    for (const key of old)
      await this.#put(key, new Response('', { headers: { [BECAME]: address } }), 'its address');
  }

  /** Removes a bundle and the files that no other one has. */
  remove(address: string): Promise<void> {
    return locked(() => this.#remove(address));
  }

  async #remove(address: string): Promise<void> {
    await this.#cache.delete(manifestKey(address));
    for (const { url } of await this.#cache.keys())
      if ((await this.#cache.match(url))?.headers.get(BECAME) === address) await this.#cache.delete(url);
    const needed = new Set<string>();
    for (const { url } of await this.#cache.keys()) {
      const kept = await (url.includes('/kept/') ? this.#cache.match(url) : undefined);
      if (kept && !kept.headers.has(BECAME))
        for (const { sha256 } of filesOf(await kept.text())) needed.add(fileKey(sha256));
    }
    for (const { url } of await this.#cache.keys())
      if (url.includes('/file/') && !needed.has(url)) await this.#cache.delete(url);
  }

  /** The manifest at an address. */
  async manifest(address: string): Promise<Found> {
    const found = await this.#manifest(address);
    if (found?.became) return this.manifest(found.became);
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
    const { headers } = found;
    const bytes = new Uint8Array(await found.arrayBuffer());
    return { bytes, base: headers.get(BASE), became: headers.get(BECAME) };
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
    if (!this.#base) throw gone(entry.path, this.#address);
    const one: Taker = { files: () => [entry], add: (_, bytes) => taker.add(index, bytes) };
    await this.#base.fetchFiles(one, () => {}, signal);
  }
}

/** Runs `change` while no other page or worker changes what is kept. */
function locked<T>(change: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request(LOCK, change) as Promise<T>) : change();
}

function gone(file: string, bundle: string): LensError {
  return new LensError(
    'not_kept',
    `${file} of the bundle ${bundle} is not kept any more. Remove the bundle, and open its files again.`,
    { file, url: bundle },
  );
}

function describe(address: string, { bytes, base }: Pick<Found, 'bytes' | 'base'>): KeptBundle {
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
