import { unlessAborted } from './abort.js';
import type { Variant } from './addresses.js';
import { LensError } from './error.js';
import { BundleSource, type FileEntry, type Taker } from './fetch/bundle.js';
import { isKept, KeptSource } from './fetch/kept.js';
import { openStore } from './fetch/store.js';
import { instantiate, type LensGlue, wasm } from './glue.js';
import { Jobs } from './jobs.js';
import type { LoadedBundle, Question, Targets } from './protocol.js';
import type { Progress } from './types.js';
import type { AssetLoader, BundleLoader } from './wasm/lens/simd128/othello_lens.js';

/** One call, as the worker sees it. */
export interface Call {
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
  tell(progress: Progress): void;
}

export type OnBytes = (loaded: number, total: number) => void;

/** Where the files of a bundle come from. */
type Source = BundleSource | KeptSource;

/** A bundle whose manifest is here. */
interface FetchedBundle {
  source: Source;
  manifest: Uint8Array;
}

/** No file of a bundle is longer: room is made for what a manifest says before any of it is here. */
const MOST_BYTES = 16 << 20;

/**
 * What a worker that runs the lens does for its page; it throws `LensError`s, and the reason of an abort. Its program
 * is one of `glues`.
 */
export class Service<G extends LensGlue = LensGlue> {
  readonly #glues: Readonly<Record<Variant, G>>;
  #glue: G | null = null;
  #source: Source | null = null;
  /** The bundle of which files are on their way already, and what to call when the loading takes over. */
  #fetching: {
    url: string;
    bundle: Promise<FetchedBundle>;
    here: { loaded: number; total: number };
    over: () => void;
  } | null = null;
  protected readonly targets: Partial<Targets> = {};
  /** What is being brought because calls need it. */
  readonly #bringing = new Jobs();
  /** Ends when the last use of the lens does. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(glues: Readonly<Record<Variant, G>>) {
    this.#glues = glues;
  }

  /** Answers a question. */
  async answer(question: Question, call: Call): Promise<unknown> {
    switch (question.what) {
      case 'fetch':
        return this.#fetch(question.url, call);
      case 'start':
        this.#glue = await instantiate(this.#glues, question.code);
        this.targets.rules = this.#glue;
        return null;
      case 'load':
        return this.#load(question, call);
      case 'call':
        return this.call(question, call);
      default:
        throw new LensError('internal', `a worker without the laboratory was asked to ${question.what}`);
    }
  }

  /** The exports of the wasm. */
  protected get glue(): G {
    return this.#glue ?? missing('code');
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
  protected async bundle(url: string, given: Uint8Array | null, signal: AbortSignal): Promise<FetchedBundle> {
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
    const { BundleLoader } = this.glue;
    // What came while the code was on its way stays.
    const here = this.#fetching?.url === url ? this.#fetching.here : { loaded: 0, total: 0 };
    tell({ phase: 'manifest', ...here });
    const { source, manifest } = await this.bundle(url, given, signal);
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
    this.targets.lens = lens;
    if (gpu) this.targets.device = gpu;
    tell({ phase: 'ready', loaded: total, total });
    return { model, hash: shard?.sha256 ?? '', dictionaries, neurons, engine, manifest };
  }

  /** Calls a method of the wasm; one that lacks something is called again once that is here. */
  protected async call(
    { target, method, args }: Extract<Question, { what: 'call' }>,
    call: Call,
  ): Promise<unknown> {
    const object = this.target(target);
    const run = () => wasm(() => Reflect.apply(Reflect.get(object, method), object, args));
    if (target !== 'lens' && target !== 'lab') return run();
    const { AssetLoader } = this.glue;
    for (;;) {
      try {
        return await this.#inTurn(() => {
          call.signal.throwIfAborted();
          return run();
        });
      } catch (thrown) {
        if (!(thrown instanceof AssetLoader)) throw thrown;
        await this.#bring(thrown, target, call);
      }
    }
  }

  /** What is called by the name of `target`. */
  protected target<T extends keyof Targets>(target: T): Targets[T] {
    return this.targets[target] ?? missing(target);
  }

  /** Waits until `taker` has what `loader` brings, which may be on its way already. */
  async #bring(loader: AssetLoader, taker: 'lens' | 'lab', { signal, tell }: Call): Promise<void> {
    let isFirst = false;
    const bring = (onBytes: OnBytes, signal: AbortSignal) => {
      isFirst = true;
      return this.#take(loader, taker, onBytes, signal);
    };
    const onBytes: OnBytes = (loaded, total) => tell({ phase: 'weights', loaded, total });
    const here = this.#bringing.wait(loader.key(), bring, onBytes, signal);
    if (!isFirst) loader.free();
    await here;
  }

  async #take(
    loader: AssetLoader,
    taker: 'lens' | 'lab',
    onBytes: OnBytes,
    signal: AbortSignal,
  ): Promise<void> {
    await fetchAll(this.#source ?? missing('bundle'), loader, onBytes, signal);
    await this.#inTurn(() => wasm(() => this.target(taker).take(loader)));
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
export function missing(what: string): never {
  throw new LensError('internal', `the worker was called before its ${what} was there`);
}
