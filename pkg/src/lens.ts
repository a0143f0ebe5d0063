import { Client, callable } from './client.js';
import type { Loaded } from './service.js';
import type {
  AnalyseOptions,
  Analysis,
  AppendedMove,
  BestFeature,
  BestLabels,
  Engine,
  FeatureCard,
  FeatureStatistics,
  LoadOptions,
  ModelInfo,
  SaeInfo,
  Square,
} from './types.js';

/**
 * One model with its sparse autoencoders, in a worker of its own.
 *
 * ```js
 * const lens = await Lens.load('models/small/');
 * const { nextMoves, features } = await lens.analyse('f5d6c3', { sae: lens.saes[0].id });
 * ```
 *
 * A lens keeps the last game: analysing one that begins the same computes the new moves alone.
 */
export class Lens {
  readonly #client: Client;
  readonly #loaded: Loaded;
  #engine: Engine;

  private constructor(client: Client, loaded: Loaded) {
    this.#client = client;
    this.#loaded = loaded;
    this.#engine = loaded.engine;
  }

  /**
   * Loads the bundle at `url`: the address of its folder or of its `manifest.json`, from the page's
   * base. Files are cached under their hash, and a broken download goes on where it stopped.
   */
  static async load(url: string | URL, options: LoadOptions = {}): Promise<Lens> {
    const { device = 'auto', onProgress = () => {}, signal } = options;
    const address = new URL(url, document.baseURI).href;
    onProgress({ phase: 'code', loaded: 0, total: 0 });
    const client = await Client.start(signal);
    try {
      const progress = callable(onProgress);
      const loaded = await client.call(
        (remote, call) => remote.load(call, address, device, progress),
        signal,
      );
      return new Lens(client, loaded);
    } catch (error) {
      client.dispose();
      throw error;
    }
  }

  /** The model. */
  get model(): ModelInfo {
    return this.#loaded.model;
  }

  /** The SAEs of the bundle. */
  get saes(): readonly SaeInfo[] {
    return this.#loaded.saes;
  }

  /** The engine that ran last; it changes if a GPU is lost. */
  get engine(): Engine {
    return this.#engine;
  }

  /** Replays `transcript` and runs the model over it. */
  async analyse(transcript: string, options: AnalyseOptions = {}): Promise<Analysis> {
    const { signal, onProgress, ...plain } = options;
    const progress = onProgress ? callable(onProgress) : null;
    const analysis = await this.#client.call(
      (remote, call) => remote.analyse(call, transcript, plain, progress),
      signal,
    );
    this.#engine = analysis.engine;
    return analysis;
  }

  /**
   * Plays `move` (`37` or `'f5'`) after the game analysed last and runs the model over it alone, with
   * the options of that analysis. If the move is illegal the game stays as it was.
   */
  async append(move: Square | string, options: { signal?: AbortSignal } = {}): Promise<AppendedMove> {
    const appended = await this.#client.call((remote, call) => remote.append(call, move), options.signal);
    this.#engine = appended.engine;
    return appended;
  }

  /**
   * What a unit of activation of `feature` adds to the logits of the 64 squares along the direct path,
   * before the final norm's division by the standard deviation: `(w − mean w) ⊙ γ · W_U`, less its mean
   * over the squares that moves can name; NaN on the four that none can.
   */
  directEffect(sae: string, feature: number): Promise<Float32Array> {
    return this.#client.call((remote, call) => remote.directEffect(call, sae, feature));
  }

  /** What the bundle knows of the features of `sae`; null if nothing. */
  statistics(sae: string, options: { signal?: AbortSignal } = {}): Promise<FeatureStatistics | null> {
    return this.#client.call((remote, call) => remote.statistics(call, sae), options.signal);
  }

  /**
   * What was measured on `feature` of `sae`; null if the bundle has no cards of it. They are in one file an
   * SAE, which is fetched when first asked for.
   */
  card(sae: string, feature: number, options: { signal?: AbortSignal } = {}): Promise<FeatureCard | null> {
    return this.#client.call((remote, call) => remote.card(call, sae, feature), options.signal);
  }

  /** The label that each feature of `sae` tells best; null if the bundle has no cards of it. */
  bestLabels(sae: string, options: { signal?: AbortSignal } = {}): Promise<BestLabels | null> {
    return this.#client.call((remote, call) => remote.bestLabels(call, sae), options.signal);
  }

  /**
   * The feature of `sae` that tells each of the 256 labels best, by 64 · plane + square; null where the
   * label does not vary. Null if the bundle has no cards of the SAE.
   */
  bestFeatures(sae: string, options: { signal?: AbortSignal } = {}): Promise<(BestFeature | null)[] | null> {
    return this.#client.call((remote, call) => remote.bestFeatures(call, sae), options.signal);
  }

  /** Bytes of WebAssembly memory that this lens has taken. */
  memory(): Promise<number> {
    return this.#client.call((remote) => remote.memory());
  }

  /**
   * Destroys the GPU device, as a driver's crash would: for tests of what follows.
   *
   * @internal
   */
  destroyDevice(): Promise<void> {
    return this.#client.call((remote) => remote.destroyDevice());
  }

  /** Frees everything and ends the worker. */
  dispose(): void {
    this.#client.dispose();
  }
}
