import {
  addressFrom,
  argument,
  CALL,
  CALL_FIELDS,
  flag,
  listOf,
  oneOf,
  options,
  orNull,
  square,
  text,
  u32,
} from './arguments.js';
import { Client, callable } from './client.js';
import type { Loaded } from './service.js';
import { baseAddress } from './start-worker.js';
import type {
  AnalyseOptions,
  Analysis,
  AppendedMove,
  BestFeature,
  BestLabels,
  CallOptions,
  Engine,
  FeatureCard,
  FeatureStatistics,
  LoadOptions,
  ModelInfo,
  SaeInfo,
  Square,
} from './types.js';

const LOAD = options({ device: oneOf('auto', 'gpu', 'cpu'), ...CALL_FIELDS });

const ANALYSE = options({
  sites: listOf(oneOf('resid_pre', 'resid_mid', 'resid_post', 'attn_out', 'mlp_out', 'pattern')),
  layers: listOf(u32),
  sae: orNull(text),
  logits: flag,
  ...CALL_FIELDS,
});

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
  static async load(url: string | URL, options?: LoadOptions): Promise<Lens> {
    const given = argument('options', LOAD, options)();
    const { device = 'auto', onProgress = () => {}, signal } = given;
    const address = argument('url', addressFrom(baseAddress), url)();
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
  async analyse(transcript: string, options?: AnalyseOptions): Promise<Analysis> {
    const game = argument('transcript', text, transcript)();
    const { signal, onProgress, ...plain } = argument('options', ANALYSE, options)();
    const progress = onProgress ? callable(onProgress) : null;
    const analysis = await this.#client.call(
      (remote, call) => remote.analyse(call, game, plain, progress),
      signal,
    );
    this.#engine = analysis.engine;
    return analysis;
  }

  /**
   * Plays `move` (`37` or `'f5'`) after the game analysed last and runs the model over it alone, with
   * the options of that analysis. If the move is illegal the game stays as it was.
   */
  async append(move: Square | string, options?: CallOptions): Promise<AppendedMove> {
    const played = argument('move', square, move)();
    const { signal } = argument('options', CALL, options)();
    const appended = await this.#client.call((remote, call) => remote.append(call, played), signal);
    this.#engine = appended.engine;
    return appended;
  }

  /**
   * What a unit of activation of `feature` adds to the logits of the 64 squares along the direct path,
   * before the final norm's division by the standard deviation: `(w − mean w) ⊙ γ · W_U`, less its mean
   * over the squares that moves can name; NaN on the four that none can.
   */
  async directEffect(sae: string, feature: number, options?: CallOptions): Promise<Float32Array> {
    const id = argument('sae', text, sae)();
    const index = argument('feature', u32, feature)();
    const { signal } = argument('options', CALL, options)();
    return this.#client.call((remote, call) => remote.directEffect(call, id, index), signal);
  }

  /** What the bundle knows of the features of `sae`; null if nothing. */
  async statistics(sae: string, options?: CallOptions): Promise<FeatureStatistics | null> {
    const id = argument('sae', text, sae)();
    const { signal } = argument('options', CALL, options)();
    return this.#client.call((remote, call) => remote.statistics(call, id), signal);
  }

  /**
   * What was measured on `feature` of `sae`; null if the bundle has no cards of it. They are in one file an
   * SAE, which is fetched when first asked for.
   */
  async card(sae: string, feature: number, options?: CallOptions): Promise<FeatureCard | null> {
    const id = argument('sae', text, sae)();
    const index = argument('feature', u32, feature)();
    const { signal } = argument('options', CALL, options)();
    return this.#client.call((remote, call) => remote.card(call, id, index), signal);
  }

  /** The label that each feature of `sae` tells best; null if the bundle has no cards of it. */
  async bestLabels(sae: string, options?: CallOptions): Promise<BestLabels | null> {
    const id = argument('sae', text, sae)();
    const { signal } = argument('options', CALL, options)();
    return this.#client.call((remote, call) => remote.bestLabels(call, id), signal);
  }

  /**
   * The feature of `sae` that tells each of the 256 labels best, by 64 · plane + square; null where the
   * label does not vary. Null if the bundle has no cards of the SAE.
   */
  async bestFeatures(sae: string, options?: CallOptions): Promise<(BestFeature | null)[] | null> {
    const id = argument('sae', text, sae)();
    const { signal } = argument('options', CALL, options)();
    return this.#client.call((remote, call) => remote.bestFeatures(call, id), signal);
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
