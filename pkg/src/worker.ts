import { expose, type Remote, releaseProxy, transfer } from 'comlink';

import type { Code } from './code.js';
import { carryErrors } from './comlink-errors.js';
import { LensError } from './error.js';
import { BundleSource, type Taker } from './fetch/bundle.js';
import { openStore } from './fetch/store.js';
import { call, callAsync, type Glue, instantiate } from './glue.js';
import { Jobs } from './jobs.js';
import type { CallId, Loaded, PlainAnalyseOptions, Service } from './service.js';
import type {
  Analysis,
  AppendedMove,
  BestFeature,
  BestLabels,
  Device,
  Engine,
  FeatureCard,
  FeatureStatistics,
  ModelInfo,
  OnProgress,
  Replay,
  Run,
  SaeInfo,
  Square,
} from './types.js';
import type { GpuDevice, Lens } from './wasm/simd128/othello_lens.js';

/** What is loaded, and from where. */
interface Bundle {
  source: BundleSource;
  lens: Lens;
  device: GpuDevice | undefined;
}

class Worker implements Service {
  #wasm: Glue | null = null;
  #bundle: Bundle | null = null;
  /** The SAEs that were added. */
  readonly #saes = new Set<string>();
  /** Those that are on their way. */
  readonly #coming = new Jobs();
  /** The cards that were added, by the id of their SAE, and those that are on their way. */
  readonly #cards = new Set<string>();
  readonly #comingCards = new Jobs();
  readonly #calls = new Map<CallId, AbortController>();
  /** Ends when the last use of the lens does: it takes one at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  async start(code: Code): Promise<void> {
    this.#wasm = await instantiate(code);
  }

  abort(id: CallId): void {
    this.#calls.get(id)?.abort();
  }

  replay(transcript: string): Replay {
    return call(() => this.#glue.replay(transcript) as Replay);
  }

  randomGame(seed: bigint): Replay {
    return call(() => this.#glue.random_game(seed) as Replay);
  }

  perft(depth: number): bigint {
    return call(() => this.#glue.perft(depth));
  }

  load(id: CallId, url: string, device: Device, onProgress: OnProgress): Promise<Loaded> {
    return this.#run(id, onProgress, async (signal) => {
      onProgress({ phase: 'manifest', loaded: 0, total: 0 });
      const source = new BundleSource(url, await openStore());
      const manifest = await source.fetchManifest(signal);
      const loader = call(() => new this.#glue.BundleLoader(manifest));
      let total = 0;
      const onBytes = (loaded: number, all: number) => {
        total = all;
        onProgress({ phase: 'weights', loaded, total });
      };
      try {
        await source.fetchFiles(taker(loader), onBytes, signal);
        signal.throwIfAborted();
      } catch (error) {
        loader.free();
        throw error;
      }
      onProgress({ phase: 'engine', loaded: total, total });
      const model = call(() => loader.model() as ModelInfo);
      const saes = call(() => loader.saes() as SaeInfo[]);
      const lens = await callAsync(() => loader.finish(device));
      const engine = call(() => lens.engine() as Engine);
      this.#bundle = { source, lens, device: call(() => lens.device()) };
      onProgress({ phase: 'ready', loaded: total, total });
      return { model, saes, engine };
    });
  }

  analyse(
    id: CallId,
    transcript: string,
    options: PlainAnalyseOptions,
    onProgress: OnProgress | null,
  ): Promise<Analysis> {
    return this.#run(id, onProgress, async (signal) => {
      const { sae } = options;
      if (sae != null && !this.#saes.has(sae)) {
        // A transcript that is none should not wait for weights.
        call(() => this.#glue.replay(transcript));
        await this.#needSae(sae, onProgress, signal);
      }
      return this.#inTurn(async () => {
        signal.throwIfAborted();
        const result = await callAsync(() => this.#lens.analyse(transcript, options));
        const { replay, nextMoves, run } = result as {
          replay: Replay;
          nextMoves: Analysis['nextMoves'];
          run: Run;
        };
        return transfer({ ...replay, nextMoves, ...run }, buffers(run));
      });
    });
  }

  append(id: CallId, move: Square | string): Promise<AppendedMove> {
    return this.#run(id, null, (signal) =>
      this.#inTurn(async () => {
        signal.throwIfAborted();
        const result = await callAsync(() => this.#lens.append(move));
        const { run, ...played } = result as Pick<AppendedMove, 'transcript' | 'position' | 'nextMove'> & {
          run: Run;
        };
        return transfer({ ...played, ...run }, buffers(run));
      }),
    );
  }

  directEffect(id: CallId, sae: string, feature: number): Promise<Float32Array> {
    return this.#run(id, null, async (signal) => {
      if (!this.#saes.has(sae)) await this.#needSae(sae, null, signal);
      return this.#inTurn(async () => call(() => this.#lens.direct_effect(sae, feature)));
    });
  }

  statistics(id: CallId, sae: string): Promise<FeatureStatistics | null> {
    return this.#run(id, null, async (signal) => {
      const files = await this.#inTurn(async () => call(() => this.#lens.statistics_files(sae)));
      let statistics: FeatureStatistics | null = null;
      const taker: Taker = {
        files: () => files,
        add: (_, bytes) =>
          this.#inTurn(async () => {
            statistics = call(() => this.#lens.statistics(sae, bytes) as FeatureStatistics);
          }),
      };
      await this.#loaded.source.fetchFiles(taker, () => {}, signal);
      return statistics;
    });
  }

  card(id: CallId, sae: string, feature: number): Promise<FeatureCard | null> {
    return this.#ofCards(id, sae, (lens) => lens.card(sae, feature) as FeatureCard | null);
  }

  bestLabels(id: CallId, sae: string): Promise<BestLabels | null> {
    return this.#ofCards(id, sae, (lens) => lens.best_labels(sae) as BestLabels | null);
  }

  bestFeatures(id: CallId, sae: string): Promise<(BestFeature | null)[] | null> {
    return this.#ofCards(id, sae, (lens) => lens.best_features(sae) as (BestFeature | null)[] | null);
  }

  memory(): number {
    return this.#glue.memory_bytes();
  }

  destroyDevice(): void {
    this.#loaded.device?.destroy();
  }

  get #glue(): Glue {
    if (!this.#wasm) throw new LensError('internal', 'the worker was called before it was started');
    return this.#wasm;
  }

  get #loaded(): Bundle {
    if (!this.#bundle) throw new LensError('internal', 'the worker was called before a bundle was loaded');
    return this.#bundle;
  }

  get #lens(): Lens {
    return this.#loaded.lens;
  }

  /** Runs a call that can be aborted. */
  async #run<T>(
    id: CallId,
    onProgress: OnProgress | null,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    this.#calls.set(id, controller);
    try {
      return await run(controller.signal);
    } finally {
      this.#calls.delete(id);
      // Else its port would stay open until it is collected.
      (onProgress as Partial<Remote<OnProgress>> | null)?.[releaseProxy]?.();
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(run);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Waits until an SAE is there; fetches it unless it is on its way. */
  #needSae(id: string, onProgress: OnProgress | null, signal: AbortSignal): Promise<void> {
    const onBytes = (loaded: number, total: number) => onProgress?.({ phase: 'weights', loaded, total });
    return this.#coming.wait(id, (tell, all) => this.#addSae(id, tell, all), onBytes, signal);
  }

  /** Reads something of an SAE's cards, which are fetched when first asked for. */
  #ofCards<T>(id: CallId, sae: string, read: (lens: Lens) => T): Promise<T> {
    return this.#run(id, null, async (signal) => {
      if (!this.#cards.has(sae)) {
        await this.#comingCards.wait(
          sae,
          (_, all) => this.#addCards(sae, all),
          () => {},
          signal,
        );
      }
      return this.#inTurn(async () => call(() => read(this.#lens)));
    });
  }

  async #addCards(sae: string, signal: AbortSignal): Promise<void> {
    const files = await this.#inTurn(async () => call(() => this.#lens.cards_files(sae)));
    const taker: Taker = {
      files: () => files,
      add: (_, bytes) => this.#inTurn(async () => call(() => this.#lens.add_cards(sae, bytes))),
    };
    await this.#loaded.source.fetchFiles(taker, () => {}, signal);
    this.#cards.add(sae);
  }

  async #addSae(
    id: string,
    onBytes: (loaded: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const loader = await this.#inTurn(async () => call(() => this.#lens.sae_loader(id)));
    if (!loader) return;
    try {
      await this.#loaded.source.fetchFiles(taker(loader), onBytes, signal);
      signal.throwIfAborted();
    } catch (error) {
      loader.free();
      throw error;
    }
    await this.#inTurn(async () => call(() => this.#lens.add_sae(loader)));
    this.#saes.add(id);
  }
}

/** A loader of the wasm, whose errors are turned into ours. */
function taker(loader: { files(): unknown; add(index: number, bytes: Uint8Array): void }): Taker {
  return {
    files: () => call(() => loader.files() as ReturnType<Taker['files']>),
    add: (index, bytes) => call(() => loader.add(index, bytes)),
  };
}

/** The memory of a run's arrays, which goes to the page without a copy. */
function buffers({ activations, features, logits }: Run): ArrayBuffer[] {
  const arrays = [...activations, features, logits].flatMap((array) => (array ? [array.data] : []));
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

carryErrors();
expose(new Worker());
