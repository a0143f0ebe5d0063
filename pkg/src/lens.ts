import {
  addressFrom,
  argument,
  CALL,
  CALL_FIELDS,
  chunkActivations,
  flag,
  listOf,
  oneOf,
  options,
  orNull,
  ownOptions,
  share,
  square,
  tap,
  text,
  u32,
  u64,
  workerCount,
} from './arguments.js';
import { type Arguments, Client, type Result } from './client.js';
import { measure, measureAndKeep, measureBrought } from './measure.js';
import type { LoadedBundle, MethodOf, Targets } from './protocol.js';
import { baseAddress } from './start-worker.js';
import { study } from './study.js';
import type {
  AnalyseOptions,
  Analysis,
  AppendedMove,
  Atlas,
  BestFeature,
  BestLabels,
  BundleResults,
  CallOptions,
  DictionaryFigures,
  DictionaryInfo,
  Engine,
  FeatureCard,
  FeatureStatistics,
  FeatureSum,
  FeatureTable,
  FigureInfo,
  KeptBundle,
  LabelSetInfo,
  Loaded,
  LoadOptions,
  Measured,
  MeasureOptions,
  ModelInfo,
  NearestOptions,
  NearFeature,
  ProbeCosines,
  Run,
  Square,
  Study,
  StudyOptions,
  SumOptions,
} from './types.js';
import { WorkerPool } from './worker-pool.js';

const LOAD = options({ device: oneOf('auto', 'gpu', 'cpu'), ...CALL_FIELDS });

const ANALYSE = options({
  taps: listOf(tap),
  dictionary: orNull(text),
  logits: flag,
  ...CALL_FIELDS,
});

const MEASURE_FIELDS = {
  games: u32,
  seed: u64,
  draws: u32,
  figures: listOf(text),
  labels: listOf(text),
  learningGames: u32,
  learningSeed: u64,
  workers: workerCount,
  ...CALL_FIELDS,
};

const MEASURE = options({ ...MEASURE_FIELDS, activations: listOf(chunkActivations) });

const KEEP_MEASURED = options(MEASURE_FIELDS);

const STUDY = options({
  games: u32,
  seed: u64,
  set: orNull(text),
  label: orNull(text),
  threshold: share,
  workers: workerCount,
  ...CALL_FIELDS,
});

const NEAREST = options({
  by: oneOf('encoder', 'decoder'),
  among: orNull(text),
  count: u32,
  ...CALL_FIELDS,
});

const SUM = options({ parts: u32, ...CALL_FIELDS });

/**
 * One model with its dictionaries, in a worker of its own.
 *
 * ```js
 * const lens = await Lens.load('models/small/');
 * const { nextMoves, features } = await lens.analyse('f5d6c3', { dictionary: lens.dictionaries[0].id });
 * ```
 *
 * A lens keeps the last game: analysing one that begins the same computes the new moves alone.
 */
export class Lens {
  readonly #client: Client;
  readonly #url: string;
  readonly #loaded: Loaded;
  readonly #pool: WorkerPool;
  #engine: Engine;

  private constructor(client: Client, url: string, { manifest, ...loaded }: LoadedBundle) {
    this.#client = client;
    this.#url = url;
    this.#loaded = loaded;
    this.#pool = new WorkerPool(url, manifest);
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
    const client = await Client.start('lens', call, address);
    try {
      return new Lens(client, address, await client.load(address, device, call));
    } catch (error) {
      client.dispose();
      throw error;
    }
  }

  /** The model. */
  get model(): ModelInfo {
    return this.#loaded.model;
  }

  /** The SHA-256 of the first file of the model's weights: what tells it from another of the same name. */
  get hash(): string {
    return this.#loaded.hash;
  }

  /** The dictionaries of the bundle: sparse autoencoders and their kin. */
  get dictionaries(): readonly DictionaryInfo[] {
    return this.#loaded.dictionaries;
  }

  /** The neurons of every block's MLP, as dictionaries without weights. */
  get neurons(): readonly DictionaryInfo[] {
    return this.#loaded.neurons;
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
  directEffect(dictionary: string, feature: number, options?: CallOptions): Promise<Float32Array> {
    return this.#call('directEffect', [dictionaryId(dictionary), featureIndex(feature)], options);
  }

  /** What the bundle knows of the features of `dictionary`; null if nothing. */
  statistics(dictionary: string, options?: CallOptions): Promise<FeatureStatistics | null> {
    return this.#call('statistics', [dictionaryId(dictionary)], options);
  }

  /**
   * What was measured on `feature` of `dictionary`, with the positions where it is strongest; null if the bundle has
   * no cards of it. They are in one file a dictionary, which is fetched when first asked for.
   */
  card(dictionary: string, feature: number, options?: CallOptions): Promise<FeatureCard | null> {
    return this.#call('card', [dictionaryId(dictionary), featureIndex(feature)], options);
  }

  /** What was measured on all features of `dictionary`, in columns; null if the bundle has no cards of it. */
  features(dictionary: string, options?: CallOptions): Promise<FeatureTable | null> {
    return this.#call('features', [dictionaryId(dictionary)], options);
  }

  /** The sets of labels that features can be held against. */
  labelSets(): Promise<LabelSetInfo[]> {
    return this.#client.call('rules', 'labelSets', []);
  }

  /**
   * Which of all features of the bundle tells each label of `set` best, dictionary by dictionary, with the neurons of
   * every block and the probes; null if that was not measured. It is one file, which is fetched when first asked for.
   */
  atlas(set = 'board', options?: CallOptions): Promise<Atlas | null> {
    return this.#call('atlas', [argument('set', text, set)], options);
  }

  /** What was measured on the model and on each probe, and on which games; null if the bundle does not say. */
  results(options?: CallOptions): Promise<BundleResults | null> {
    return this.#call('results', [], options);
  }

  /** All that was measured on `dictionary`, figure by figure; null if the bundle does not say. */
  dictionaryResults(dictionary: string, options?: CallOptions): Promise<DictionaryFigures | null> {
    return this.#call('dictionaryResults', [dictionaryId(dictionary)], options);
  }

  /**
   * The label that each feature of `dictionary` tells best, and null where it tells none; null if the bundle
   * has no cards of it.
   */
  bestLabels(dictionary: string, options?: CallOptions): Promise<BestLabels | null> {
    return this.#call('bestLabels', [dictionaryId(dictionary)], options);
  }

  /**
   * The feature of `dictionary` that tells each label best, for the labels that sometimes hold and sometimes
   * do not in the corpus; null if the bundle has no cards of it.
   */
  bestFeatures(dictionary: string, options?: CallOptions): Promise<BestFeature[] | null> {
    return this.#call('bestFeatures', [dictionaryId(dictionary)], options);
  }

  /** All figures that there are: what is measured, what it means, what others have published. */
  figures(): Promise<FigureInfo[]> {
    return this.#client.call('rules', 'figures', []);
  }

  /**
   * Measures `dictionary` over random games, with the code that measures on the command line: the figures that
   * always are, and those asked for. `onProgress` is told of the games that are done, then of the features and the
   * labels that are scored.
   *
   * Workers beside the lens's own do the work, one or as many as `workers`, and the lens goes on answering other calls;
   * the result has the same bits for any number of them.
   */
  async measure(dictionary: string, options?: MeasureOptions): Promise<Measured> {
    const id = dictionaryId(dictionary)();
    const given = argument('options', MEASURE, options)();
    const { activations, workers, signal, onProgress, ...request } = given;
    const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    if (activations) return measureBrought(this.#pool, id, request, activations, call);
    return measure(this.#pool, workers ?? 1, id, request, call);
  }

  /**
   * Measures `dictionary` as `measure` does, with a card of each feature, and keeps the bundle with all that in this
   * browser: in place of the one that is loaded if that is kept, whose address leads to it; else beside it, with that
   * one's address for the weights. Load it before you measure another dictionary.
   */
  async keepMeasured(dictionary: string, options?: Omit<MeasureOptions, 'activations'>): Promise<KeptBundle> {
    const id = dictionaryId(dictionary)();
    const given = argument('options', KEEP_MEASURED, options)();
    const { workers = 1, signal, onProgress, ...request } = given;
    const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    return measureAndKeep(this.#url, this.#pool, workers, id, request, call);
  }

  /**
   * Studies `feature` of `dictionary` in random games: what it tells of a label and how well, where it fails, which
   * features go with it. The games of the last few studies are kept: asking again for another label or threshold
   * runs none.
   */
  async study(dictionary: string, feature: number, options?: StudyOptions): Promise<Study> {
    const [id, number] = [dictionaryId(dictionary)(), featureIndex(feature)()];
    const given = argument('options', STUDY, options)();
    const { workers, signal, onProgress, ...request } = given;
    const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    return study(this.#pool, workers ?? 1, id, number, request, call);
  }

  /**
   * The features whose directions have the largest cosine similarity to that of `feature`, nearest first: of its own
   * dictionary, or `among` those of another one, such as the same trained with another seed.
   */
  nearest(dictionary: string, feature: number, options?: NearestOptions): Promise<NearFeature[]> {
    const given = argument('options', NEAREST, options);
    const args = [dictionaryId(dictionary), featureIndex(feature), ownOptions(given)] as const;
    return this.#client.call('lens', 'nearest', args, given);
  }

  /**
   * The cosine similarities of what `feature` writes to the directions of the bundle's probes that read it, or the
   * residual stream that it adds to; none where the bundle has no such probe.
   */
  probeCosines(dictionary: string, feature: number, options?: CallOptions): Promise<ProbeCosines[]> {
    return this.#call('probeCosines', [dictionaryId(dictionary), featureIndex(feature)], options);
  }

  /** The sum of few other features, none of them negative, that is nearest to the direction of `feature`. */
  sumOf(dictionary: string, feature: number, options?: SumOptions): Promise<FeatureSum> {
    const given = argument('options', SUM, options);
    const args = [dictionaryId(dictionary), featureIndex(feature), ownOptions(given)] as const;
    return this.#client.call('lens', 'sumOf', args, given);
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

  /** Frees everything and ends the workers. */
  dispose(): void {
    this.#client.dispose();
    this.#pool.dispose();
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

function dictionaryId(dictionary: string) {
  return argument('dictionary', text, dictionary);
}

function featureIndex(feature: number) {
  return argument('feature', u32, feature);
}
