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
  ownOptions,
  square,
  tap,
  text,
  u32,
} from './arguments.js';
import { type Arguments, Client, type Result } from './client.js';
import type { MethodOf, Targets } from './protocol.js';
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
  Loaded,
  LoadOptions,
  ModelInfo,
  Run,
  SaeInfo,
  Square,
} from './types.js';

const LOAD = options({ device: oneOf('auto', 'gpu', 'cpu'), ...CALL_FIELDS });

const ANALYSE = options({
  taps: listOf(tap),
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
    const { device = 'auto', ...call } = argument('options', LOAD, options)();
    const address = argument('url', addressFrom(baseAddress), url)();
    call.onProgress?.({ phase: 'code', loaded: 0, total: 0 });
    const client = await Client.start(call.signal);
    try {
      return new Lens(client, await client.load(address, device, call));
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
    const given = argument('options', ANALYSE, options);
    const args = [argument('transcript', text, transcript), ownOptions(given)] as const;
    return this.#ran(await this.#client.call('lens', 'analyse', args, given));
  }

  /**
   * Plays `move` (`37` or `'f5'`) after the game analysed last and runs the model over it alone, with
   * the options of that analysis. If the move is illegal the game stays as it was.
   */
  async append(move: Square | string, options?: CallOptions): Promise<AppendedMove> {
    return this.#ran(await this.#call('append', [argument('move', square, move)], options));
  }

  /**
   * What a unit of activation of `feature` adds to the logits of the 64 squares along the direct path,
   * before the final norm's division by the standard deviation: `(w − mean w) ⊙ γ · W_U`, less its mean
   * over the squares that moves can name; NaN on the four that none can.
   */
  directEffect(sae: string, feature: number, options?: CallOptions): Promise<Float32Array> {
    return this.#call('directEffect', [saeId(sae), featureIndex(feature)], options);
  }

  /** What the bundle knows of the features of `sae`; null if nothing. */
  statistics(sae: string, options?: CallOptions): Promise<FeatureStatistics | null> {
    return this.#call('statistics', [saeId(sae)], options);
  }

  /**
   * What was measured on `feature` of `sae`, with the positions where it is strongest; null if the bundle has
   * no cards of it. They are in one file an SAE, which is fetched when first asked for.
   */
  card(sae: string, feature: number, options?: CallOptions): Promise<FeatureCard | null> {
    return this.#call('card', [saeId(sae), featureIndex(feature)], options);
  }

  /** The label that each feature of `sae` tells best; null if the bundle has no cards of it. */
  bestLabels(sae: string, options?: CallOptions): Promise<BestLabels | null> {
    return this.#call('bestLabels', [saeId(sae)], options);
  }

  /**
   * The feature of `sae` that tells each of the 256 labels best, by 64 · plane + square; null where the
   * label does not vary. Null if the bundle has no cards of the SAE.
   */
  bestFeatures(sae: string, options?: CallOptions): Promise<(BestFeature | null)[] | null> {
    return this.#call('bestFeatures', [saeId(sae)], options);
  }

  /** Bytes of WebAssembly memory that this lens has taken. */
  memory(): Promise<number> {
    return this.#call('memory', []);
  }

  /**
   * Destroys the GPU device, as a driver's crash would: for tests of what follows.
   *
   * @internal
   */
  destroyDevice(): Promise<void> {
    return this.#client.call('device', 'destroy', []);
  }

  /** Frees everything and ends the worker. */
  dispose(): void {
    this.#client.dispose();
  }

  /** Calls the lens of the wasm, with the options that every call takes. */
  #call<M extends MethodOf<Targets['lens']>>(
    method: M,
    args: Arguments<'lens', M>,
    options?: CallOptions,
  ): Promise<Result<'lens', M>> {
    return this.#client.call('lens', method, args, argument('options', CALL, options));
  }

  /** Keeps what a run of the model says of its engine. */
  #ran<R extends Run>(run: R): R {
    this.#engine = run.engine;
    return run;
  }
}

function saeId(sae: string) {
  return argument('sae', text, sae);
}

function featureIndex(feature: number) {
  return argument('feature', u32, feature);
}
