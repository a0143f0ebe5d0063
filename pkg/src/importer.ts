import { addressFrom, argument, CALL, importFiles, importRequest, oneOf, text, u32 } from './arguments.js';
import { Client } from './client.js';
import { filesOf, KeptSource, KeptStore } from './fetch/kept.js';
import { baseAddress } from './start-worker.js';
import type {
  CallOptions,
  ImportFact,
  ImportFile,
  ImportItem,
  ImportRanking,
  ImportRequest,
  KeptBundle,
  RefusedFile,
} from './types.js';
import type { Recognition } from './wasm/lab/simd128/othello_lens.js';

/**
 * Files of other people's tools on their way to a bundle, in a worker of their own: models, dictionaries and probes of
 * torch, safetensors or numpy, with the JSON files beside them, and zips of such files. Nothing that stands in them is
 * run, and nothing is sent anywhere.
 *
 * ```js
 * const importer = await Importer.open([{ path: 'gpt.ckpt', file }]);
 * const heads = await importer.rank(0, 'heads');
 * const answers = { heads: heads.clear, squares: 'letter-major' };
 * const { address } = await importer.keep({ name: 'Mine', parts: [{ item: 0, answers }] });
 * const lens = await Lens.load(address);
 * ```
 */
export class Importer {
  readonly #client: Client;
  readonly #found: Recognition;

  private constructor(client: Client, found: Recognition) {
    this.#client = client;
    this.#found = found;
  }

  /** Reads the files, or those at the addresses, and finds out what they are. */
  static async open(files: readonly (ImportFile | string | URL)[], options?: CallOptions): Promise<Importer> {
    const given = argument('files', importFiles(baseAddress), files)();
    const call = argument('options', CALL, options)();
    const client = await Client.start('lab', call);
    try {
      return new Importer(client, await client.import(given, call));
    } catch (error) {
      client.dispose();
      throw error;
    }
  }

  /** What was recognised. */
  get items(): readonly ImportItem[] {
    return this.#found.items;
  }

  /** The files of which nothing becomes anything, and why. */
  get refused(): readonly RefusedFile[] {
    return this.#found.refused;
  }

  /**
   * Adds to the bundle at `url` what is imported without a model, instead of making a bundle of its own. Dictionaries
   * and probes are then also ranked against its model.
   */
  async addTo(url: string | URL, options?: CallOptions): Promise<void> {
    const address = argument('url', addressFrom(baseAddress), url)();
    await this.#client.takeBase(address, argument('options', CALL, options)());
  }

  /**
   * How well an item does under each answer to a question, over random games; null where nothing can tell. `chosen` is
   * what was answered so far, of this item and of the model that it reads.
   */
  rank(
    item: number,
    fact: ImportFact,
    chosen: ImportRequest['parts'] = [],
    options?: CallOptions,
  ): Promise<ImportRanking | null> {
    const args = [
      argument('item', u32, item),
      argument('fact', oneOf('heads', 'squares', 'reads', 'pre_bias', 'selection'), fact),
      argument('chosen', importRequest, { name: '', parts: chosen }),
    ] as const;
    return this.#client.call('importer', 'rank', args, argument('options', CALL, options));
  }

  /** Makes a bundle of the chosen items, and keeps it in this browser until it is removed. */
  async keep(request: ImportRequest, options?: CallOptions): Promise<KeptBundle> {
    const given = argument('request', importRequest, request)();
    return this.#client.keep(given, argument('options', CALL, options)());
  }

  /** Bytes of WebAssembly memory that the import has taken. */
  memory(): Promise<number> {
    return this.#client.call('importer', 'memory', []);
  }

  /** Ends the worker. */
  dispose(): void {
    this.#client.dispose();
  }
}

/** The bundles that this browser keeps, the last one first; none where it cannot keep any. */
export async function keptBundles(): Promise<KeptBundle[]> {
  try {
    return await (await KeptStore.open()).list();
  } catch {
    return [];
  }
}

/** Removes a bundle that is kept, and its files. */
export async function removeKept(address: string): Promise<void> {
  const given = argument('address', text, address)();
  await (await KeptStore.open()).remove(given);
}

/** The files of a kept bundle, its manifest first: what makes a bundle on any static host. */
export async function keptFiles(address: string, options?: CallOptions): Promise<ImportFile[]> {
  const given = argument('address', text, address)();
  const { signal, onProgress } = argument('options', CALL, options)();
  const source = new KeptSource(given);
  const manifest = await source.fetchManifest();
  const entries = filesOf(new TextDecoder().decode(manifest));
  const files: ImportFile[] = [{ path: 'manifest.json', file: new Blob([manifest]) }];
  const taker = {
    files: () => entries,
    add: (index: number, bytes: Uint8Array) => {
      files.push({ path: entries[index]?.path ?? '', file: new Blob([Uint8Array.from(bytes)]) });
    },
  };
  const onBytes = (loaded: number, total: number) => onProgress?.({ phase: 'weights', loaded, total });
  await source.fetchFiles(taker, onBytes, signal);
  return files;
}
