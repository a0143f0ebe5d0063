import { unlessAborted } from './abort.js';
import { LensError } from './error.js';
import { BundleSource, type FileEntry, type Taker } from './fetch/bundle.js';
import { isKept, KeptSource, KeptStore } from './fetch/kept.js';
import { openStore } from './fetch/store.js';
import { fetchWhole } from './fetch/whole.js';
import { type Glue, instantiate, wasm } from './glue.js';
import { Jobs } from './jobs.js';
import type { LoadedBundle, Question, Targets } from './protocol.js';
import type { KeptBundle, Progress } from './types.js';
import type { AssetLoader, BundleLoader, GameFile, Recognition } from './wasm/simd128/othello_lens.js';
import { Works } from './works.js';

/** One call, as the worker sees it. */
export interface Call {
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
  tell(progress: Progress): void;
}

type OnBytes = (loaded: number, total: number) => void;

/** Where the files of a bundle come from. */
type Source = BundleSource | KeptSource;

/** A bundle whose manifest is here. */
interface FetchedBundle {
  source: Source;
  manifest: Uint8Array;
}

/** No file of a bundle is longer: room is made for what a manifest says before any of it is here. */
const MOST_BYTES = 16 << 20;

/** Bytes of a file of games that are read at once. */
const PIECE = 1 << 22;

/** What a worker does for its page; it throws `LensError`s, and the reason of an abort. */
export class Service {
  #glue: Glue | null = null;
  #source: Source | null = null;
  /** The bundle to which what is imported is added, unless that brings a model. */
  #base: { url: string; manifest: Uint8Array; modelFiles: [FileEntry, Uint8Array<ArrayBuffer>][] } | null =
    null;
  /** The bundle of which files are on their way already, and what to call when the loading takes over. */
  #fetching: {
    url: string;
    bundle: Promise<FetchedBundle>;
    here: { loaded: number; total: number };
    over: () => void;
  } | null = null;
  readonly #targets: Partial<Targets> = {};
  readonly #works = new Works();
  /** What is being brought because calls need it. */
  readonly #bringing = new Jobs();
  /** Ends when the last use of the lens does. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Answers a question. */
  async answer(question: Question, call: Call): Promise<unknown> {
    switch (question.what) {
      case 'fetch':
        return this.#fetch(question.url, call);
      case 'start':
        this.#glue = await instantiate(question.code);
        this.#targets.rules = this.#glue;
        return null;
      case 'games':
        return this.#games(question, call);
      case 'import':
        return this.#import(question, call);
      case 'base':
        return this.#takeBase(question.url, call);
      case 'keep':
        return this.#keep(question);
      case 'load':
        return this.#load(question, call);
      case 'call':
        return this.#call(question, call);
      case 'begin':
        return this.#begin(question, call);
      case 'advance':
        await this.#works.advance(question.work, call);
        return null;
      case 'step':
        return this.#works.call(question.work, question.method, question.args);
      case 'end':
        this.#works.end(question.work);
        return null;
    }
  }

  /** Reads a file of games piece by piece: it need not fit into memory. */
  async #games(
    { file, readAs }: Extract<Question, { what: 'games' }>,
    { signal, tell }: Call,
  ): Promise<GameFile> {
    const { GameReader } = this.#glue ?? missing('code');
    const reader = await wasm(() => new GameReader(readAs));
    for (let at = 0; at < file.size; at += PIECE) {
      signal.throwIfAborted();
      tell({ phase: 'games', loaded: at, total: file.size });
      const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      if (!(await wasm(() => reader.push(piece)))) break;
    }
    return wasm(() => reader.finish());
  }

  /** Reads files of other people's tools and tells what they are. */
  async #import(
    { files }: Extract<Question, { what: 'import' }>,
    { signal, tell }: Call,
  ): Promise<Recognition> {
    const { Importer } = this.#glue ?? missing('code');
    const importer = await wasm(() => new Importer());
    try {
      for (const { path, file } of files) {
        signal.throwIfAborted();
        const onBytes: OnBytes = (loaded, total) => tell({ phase: 'files', loaded, total });
        const bytes =
          typeof file === 'string'
            ? await fetchWhole(path, file, onBytes, signal)
            : new Uint8Array(await file.arrayBuffer());
        await wasm(() => importer.add(path, bytes));
      }
      const found = await wasm(() => importer.recognise());
      this.#targets.importer = importer;
      return found;
    } catch (error) {
      importer.free();
      throw error;
    }
  }

  /** Brings the model of the bundle at `url`, to which dictionaries and probes are to be added. */
  async #takeBase(url: string, { signal, tell }: Call): Promise<null> {
    const importer = this.#targets.importer ?? missing('files');
    if (this.#base?.url === url) return null;
    const { BundleLoader } = this.#glue ?? missing('code');
    const { source, manifest } = await this.#bundle(url, null, signal);
    const loader = await wasm(() => new BundleLoader(manifest));
    const files: [FileEntry, Uint8Array<ArrayBuffer>][] = [];
    const entries = await wasm(() => loader.files());
    const taker: Taker = {
      files: () => entries,
      add: async (index, bytes) => {
        await wasm(() => loader.add(index, bytes));
        files.push([entries[index] as FileEntry, Uint8Array.from(bytes)]);
      },
    };
    await source.fetchFiles(taker, (loaded, total) => tell({ phase: 'weights', loaded, total }), signal);
    await wasm(() => importer.takeBase(loader));
    this.#base = { url, manifest, modelFiles: files };
    return null;
  }

  /** Makes a bundle of what was imported, and keeps it. */
  async #keep({ request }: Extract<Question, { what: 'keep' }>): Promise<KeptBundle> {
    const importer = this.#targets.importer ?? missing('files');
    const store = await KeptStore.open();
    const manifest = await wasm(() => importer.pack(request));
    const files = await wasm(() => importer.files());
    for (const [index, file] of files.entries())
      await store.putFile(file, await wasm(() => importer.take(index)));
    // What the bundle has beyond its own files is its base's.
    const base = (await wasm(() => importer.isAddition(request))) ? this.#base : null;
    for (const [file, bytes] of base?.modelFiles ?? []) await store.putFile(file, bytes);
    return store.putManifest(manifest, base?.url ?? null);
  }

  /**
   * Begins to fetch what is needed of a bundle while the code is on its way, and is over once it is loaded. What
   * fails here is told there.
   */
  #fetch(url: string, { tell }: Call): Promise<null> {
    const here = { loaded: 0, total: 0 };
    const bundle = sourceOf(url).then(async (source) => {
      const manifest = await source.fetchManifest();
      source.begin(modelFiles(manifest), (loaded, total) => {
        Object.assign(here, { loaded, total });
        tell({ phase: 'code', loaded, total });
      });
      return { source, manifest };
    });
    bundle.catch(() => {});
    return new Promise((resolve) => {
      this.#fetching = { url, bundle, here, over: () => resolve(null) };
    });
  }

  /** The bundle at `url` and its manifest, which may be on their way already. */
  async #bundle(url: string, given: Uint8Array | null, signal: AbortSignal): Promise<FetchedBundle> {
    const fetching = this.#fetching?.url === url ? this.#fetching : null;
    this.#fetching = null;
    fetching?.over();
    if (fetching) return unlessAborted(fetching.bundle, signal);
    const source = await sourceOf(url);
    return { source, manifest: given ?? (await source.fetchManifest(signal)) };
  }

  async #load(
    { url, device, manifest: given }: Extract<Question, { what: 'load' }>,
    { signal, tell }: Call,
  ): Promise<LoadedBundle> {
    const { BundleLoader } = this.#glue ?? missing('code');
    // What came while the code was on its way stays.
    const here = this.#fetching?.url === url ? this.#fetching.here : { loaded: 0, total: 0 };
    tell({ phase: 'manifest', ...here });
    const { source, manifest } = await this.#bundle(url, given, signal);
    const loader = await wasm(() => new BundleLoader(manifest));
    const [shard] = await wasm(() => loader.files());
    let total = 0;
    const onBytes: OnBytes = (loaded, all) => {
      total = all;
      tell({ phase: 'weights', loaded, total });
    };
    await fetchAll(source, loader, onBytes, signal);
    tell({ phase: 'engine', loaded: total, total });
    const model = await wasm(() => loader.model());
    const dictionaries = await wasm(() => loader.dictionaries());
    const neurons = await wasm(() => loader.neurons());
    const lens = await wasm(() => loader.finish(device));
    const engine = await wasm(() => lens.engine());
    const gpu = await wasm(() => lens.device());
    this.#source = source;
    this.#targets.lens = lens;
    if (gpu) this.#targets.device = gpu;
    tell({ phase: 'ready', loaded: total, total });
    return { model, hash: shard?.sha256 ?? '', dictionaries, neurons, engine, manifest };
  }

  /** Begins work that takes several calls. */
  async #begin({ work, method, args }: Extract<Question, { what: 'begin' }>, call: Call): Promise<null> {
    const { Measuring, Studying } = this.#glue ?? missing('code');
    const begun = await this.#call({ what: 'call', target: 'lens', method, args }, call);
    if (!(begun instanceof Measuring || begun instanceof Studying)) missing('work');
    this.#works.add(work, begun);
    // Nobody may know any more that it is there.
    if (call.signal.aborted) this.#works.end(work);
    return null;
  }

  /** Calls a method of the wasm; one that lacks something is called again once that is here. */
  async #call({ target, method, args }: Extract<Question, { what: 'call' }>, call: Call): Promise<unknown> {
    const object = this.#targets[target] ?? missing(target);
    const run = () => wasm(() => Reflect.apply(Reflect.get(object, method), object, args));
    if (target !== 'lens') return run();
    const { AssetLoader } = this.#glue ?? missing('code');
    for (;;) {
      try {
        return await this.#inTurn(() => {
          call.signal.throwIfAborted();
          return run();
        });
      } catch (thrown) {
        if (!(thrown instanceof AssetLoader)) throw thrown;
        await this.#bring(thrown, call);
      }
    }
  }

  /** Waits until the lens has what `loader` brings, which may be on its way already. */
  async #bring(loader: AssetLoader, { signal, tell }: Call): Promise<void> {
    let isFirst = false;
    const bring = (onBytes: OnBytes, signal: AbortSignal) => {
      isFirst = true;
      return this.#take(loader, onBytes, signal);
    };
    const onBytes: OnBytes = (loaded, total) => tell({ phase: 'weights', loaded, total });
    const here = this.#bringing.wait(loader.key(), bring, onBytes, signal);
    if (!isFirst) loader.free();
    await here;
  }

  async #take(loader: AssetLoader, onBytes: OnBytes, signal: AbortSignal): Promise<void> {
    await fetchAll(this.#source ?? missing('bundle'), loader, onBytes, signal);
    const lens = this.#targets.lens ?? missing('lens');
    await this.#inTurn(() => wasm(() => lens.take(loader)));
  }

  /** The lens takes one call at a time. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

/** The bundle at `url`, of the web or kept here. */
async function sourceOf(url: string): Promise<Source> {
  return isKept(url) ? new KeptSource(url) : new BundleSource(url, await openStore());
}

/** Fetches the files that `loader` takes; it is freed if they cannot be had. */
async function fetchAll(
  source: Source,
  loader: BundleLoader | AssetLoader,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<void> {
  try {
    const files = await wasm(() => loader.files());
    const taker: Taker = { files: () => files, add: (index, bytes) => wasm(() => loader.add(index, bytes)) };
    await source.fetchFiles(taker, onBytes, signal);
    signal.throwIfAborted();
  } catch (error) {
    loader.free();
    throw error;
  }
}

/** The files of the model that a manifest names; none if it does not read like one: the code says why. */
function modelFiles(manifest: Uint8Array): FileEntry[] {
  try {
    const { model } = JSON.parse(new TextDecoder().decode(manifest));
    const files: FileEntry[] = [...model.files, model.self_test.file];
    const whole = ({ path, bytes, sha256 }: FileEntry) =>
      typeof path === 'string' &&
      Number.isSafeInteger(bytes) &&
      bytes < MOST_BYTES &&
      typeof sha256 === 'string';
    return files.every(whole) ? files : [];
  } catch {
    return [];
  }
}

/** The page called what is not here yet. */
function missing(what: string): never {
  throw new LensError('internal', `the worker was called before its ${what} was there`);
}
