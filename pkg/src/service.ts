import { LensError } from './error.js';
import { BundleSource, type Taker } from './fetch/bundle.js';
import { openStore } from './fetch/store.js';
import { type Glue, instantiate, wasm } from './glue.js';
import { Jobs } from './jobs.js';
import type { Question, Targets } from './protocol.js';
import type { Device, Loaded, Progress } from './types.js';
import type { AssetLoader, BundleLoader, Measured } from './wasm/simd128/othello_lens.js';

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
        return this.#load(question.url, question.device, call);
      case 'measure':
        return this.#measure(question, call);
      case 'call':
        return this.#call(question, call);
    }
  }

  async #load(url: string, device: Device, { signal, tell }: Call): Promise<Loaded> {
    const { BundleLoader } = this.#glue ?? missing('code');
    tell({ phase: 'manifest', loaded: 0, total: 0 });
    const source = new BundleSource(url, await openStore());
    const manifest = await source.fetchManifest(signal);
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
    return { model, dictionaries, neurons, engine };
  }

  /** Measures a dictionary chunk by chunk; between two chunks other calls have their turn. */
  async #measure(
    { dictionary, request, activations }: Extract<Question, { what: 'measure' }>,
    call: Call,
  ): Promise<Measured> {
    const { Measuring } = this.#glue ?? missing('code');
    const args = [dictionary, request];
    const measuring = await this.#call({ what: 'call', target: 'lens', method: 'measuring', args }, call);
    if (!(measuring instanceof Measuring)) missing('measurement');
    try {
      const chunks = activations?.values();
      for (;;) {
        call.signal.throwIfAborted();
        const chunk = chunks?.next().value;
        if (chunk) await wasm(() => measuring.take(chunk.features, chunk.target, chunk.reconstruction));
        else if (chunks || !(await wasm(() => measuring.advance()))) break;
        call.tell({ phase: 'games', loaded: measuring.done(), total: measuring.total() });
        await messages();
      }
      return await wasm(() => measuring.end());
    } finally {
      measuring.free();
    }
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

/** Waits until the worker has read the messages that are there. */
function messages(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The page called what is not here yet. */
function missing(what: string): never {
  throw new LensError('internal', `the worker was called before its ${what} was there`);
}
