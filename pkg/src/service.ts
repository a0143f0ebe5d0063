import { LensError } from './error.js';
import { BundleSource, type Taker } from './fetch/bundle.js';
import { openStore } from './fetch/store.js';
import { type Glue, instantiate, wasm } from './glue.js';
import { Jobs } from './jobs.js';
import type { LoadedBundle, Question, Targets } from './protocol.js';
import type { Progress } from './types.js';
import type { AssetLoader, BundleLoader } from './wasm/simd128/othello_lens.js';
import { Works } from './works.js';

/** One call, as the worker sees it. */
export interface Call {
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
  tell(progress: Progress): void;
}

type OnBytes = (loaded: number, total: number) => void;

/** What a worker does for its page; it throws `LensError`s, and the reason of an abort. */
export class Service {
  #glue: Glue | null = null;
  #source: BundleSource | null = null;
  readonly #targets: Partial<Targets> = {};
  readonly #works = new Works();
  /** What is being brought because calls need it. */
  readonly #bringing = new Jobs();
  /** Ends when the last use of the lens does. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Answers a question. */
  async answer(question: Question, call: Call): Promise<unknown> {
    switch (question.what) {
      case 'start':
        this.#glue = await instantiate(question.code);
        this.#targets.rules = this.#glue;
        return null;
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

  async #load(
    { url, device, manifest: given }: Extract<Question, { what: 'load' }>,
    { signal, tell }: Call,
  ): Promise<LoadedBundle> {
    const { BundleLoader } = this.#glue ?? missing('code');
    tell({ phase: 'manifest', loaded: 0, total: 0 });
    const source = new BundleSource(url, await openStore());
    const manifest = given ?? (await source.fetchManifest(signal));
    const loader = await wasm(() => new BundleLoader(manifest));
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
    return { model, dictionaries, neurons, engine, manifest };
  }

  /** Begins work that takes several calls. */
  async #begin({ work, method, args }: Extract<Question, { what: 'begin' }>, call: Call): Promise<null> {
    const { Measuring } = this.#glue ?? missing('code');
    const begun = await this.#call({ what: 'call', target: 'lens', method, args }, call);
    if (!(begun instanceof Measuring)) missing('work');
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

/** Fetches the files that `loader` takes; it is freed if they cannot be had. */
async function fetchAll(
  source: BundleSource,
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

/** The page called what is not here yet. */
function missing(what: string): never {
  throw new LensError('internal', `the worker was called before its ${what} was there`);
}
