import {
  type Analysis,
  type BestFeature,
  type BestLabels,
  type Device,
  type DictionaryInfo,
  type Engine,
  type FeatureCard,
  type FeatureStatistics,
  Lens,
  type ModelInfo,
  type Progress,
} from 'othello-lens';
import { covers } from './analysis-view.js';
import type { Built } from './built.js';
import { BUNDLES, type Bundle } from './bundles.js';
import { type Failure, failureOf, isAbort, isFatal } from './failure.js';
import { LatestCache } from './latest.js';
import { lastResidual } from './taps.js';

/**
 * One loaded model, which all views of the page share: its dictionaries, the last analysis, and what is known
 * of its features. Whoever subscribed is told whenever there is something new to draw. Methods named `want…`
 * see to it that something is known; reading brings nothing.
 */
export class Session {
  /** The bundle that is loaded, or being loaded. */
  bundle: Bundle = BUNDLES[0];
  /** The engine that was asked for. */
  device: Device = 'auto';
  progress: Progress | null = null;
  model: ModelInfo | null = null;
  /** What tells the model from another of its name; null until it is known. */
  hash: string | null = null;
  dictionaries: readonly DictionaryInfo[] = [];
  /** The neurons of every block's MLP, as dictionaries. */
  neurons: readonly DictionaryInfo[] = [];
  engine: Engine | null = null;
  /** Milliseconds of the last analysis that had something to compute. */
  milliseconds: number | null = null;
  /** Why there is no model. */
  failure: Failure | null = null;
  /** Why there are no features. */
  featureFailure: Failure | null = null;

  #lens: Lens | null = null;
  #analysis: Analysis | null = null;
  /** What the site was built with: it says what the model has not said yet. */
  #built: Built | null = null;
  /** What is to be analysed. */
  #wanted: { transcript: string; dictionary: string | null } = { transcript: '', dictionary: null };
  #analysing: AbortController | null = null;
  #again = false;
  /** Dictionaries whose weights are in the worker. */
  readonly #ready = new Set<string>();
  readonly #statistics = new Map<string, FeatureStatistics | null>();
  readonly #labels = new Map<string, BestLabels | null>();
  readonly #best = new Map<string, readonly BestFeature[] | null>();
  #effects = this.#cache<Float32Array>();
  #cards = this.#cache<FeatureCard>();
  #loading = new AbortController();
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` after each change, until the function that comes back is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The model and its dictionaries, to be asked; null until they are here. */
  get lens(): Lens | null {
    return this.#lens;
  }

  /** What the model says of the game; until it does, what it said of one when the site was built. */
  get analysis(): Analysis | null {
    return this.#analysis ?? this.#built?.analysis ?? null;
  }

  /** Whether what is shown was computed when the site was built: the model that is to say it is on its way. */
  get isBuilt(): boolean {
    return this.#analysis === null && this.#built !== null;
  }

  /** Takes what the site was built with, to be shown until the model is here. */
  takeBuilt(built: Built): void {
    this.#built = built;
    this.hash = built.hash;
    this.model = built.model;
    this.dictionaries = built.dictionaries;
    this.neurons = built.neurons;
    this.#changed();
  }

  /** Makes `bundle` on `device` what is loaded. */
  open(bundle: Bundle, device: Device): void {
    if (bundle !== this.bundle) this.#forget();
    if (bundle !== this.bundle || device !== this.device) this.#unload();
    this.bundle = bundle;
    this.device = device;
    this.load();
  }

  /** Loads the model, unless it is here and has not failed. */
  load(): void {
    if (this.#lens) {
      if (!this.failure) return;
      this.#unload();
    }
    this.#loading.abort();
    this.#loading = new AbortController();
    void this.#load(this.#loading.signal);
    this.#changed();
  }

  async #load(signal: AbortSignal): Promise<void> {
    this.failure = null;
    try {
      const onProgress = (progress: Progress) => {
        if (!this.#lens && !signal.aborted) this.#show(progress);
      };
      const { device } = this;
      const lens = await Lens.load(this.bundle.path, { device, signal, onProgress });
      if (signal.aborted) {
        lens.dispose();
        return;
      }
      this.#lens = lens;
      if (lens.hash !== this.#built?.hash) this.#built = null;
      this.hash = lens.hash;
      this.model = lens.model;
      this.dictionaries = lens.dictionaries;
      this.neurons = lens.neurons;
      this.engine = lens.engine;
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.failure = failureOf('The model could not be loaded', error);
    }
    this.#show(null);
    this.#analyse();
  }

  /** Lets go of the model; what is known of its features holds for the next engine too. */
  #unload(): void {
    this.#loading.abort();
    this.#analysing?.abort();
    this.#lens?.dispose();
    this.#lens = null;
    this.engine = null;
    this.milliseconds = null;
    this.#analysis = null;
    this.progress = null;
    this.#ready.clear();
    this.#forgetFeatureFailure();
  }

  /** Forgets all that is known of a model and its dictionaries. */
  #forget(): void {
    this.model = null;
    this.hash = null;
    this.dictionaries = [];
    this.neurons = [];
    this.failure = null;
    this.#built = null;
    this.#statistics.clear();
    this.#labels.clear();
    this.#best.clear();
    this.#effects = this.#cache();
    this.#cards = this.#cache();
    this.#wanted = { ...this.#wanted, dictionary: null };
  }

  #cache<T>(): LatestCache<T> {
    return new LatestCache(() => this.#changed());
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Sees to it that `transcript` is analysed through `dictionary`, once there is a model. */
  want(transcript: string, dictionary: string | null): void {
    if (transcript === this.#wanted.transcript && dictionary === this.#wanted.dictionary) return;
    if (dictionary !== this.#wanted.dictionary) this.#forgetFeatureFailure();
    this.#wanted = { transcript, dictionary };
    this.#analyse();
  }

  /** Sees to it that the effect and the card of `feature` are known, once its dictionary is here. */
  wantFeature({ id, cards }: DictionaryInfo, feature: number): void {
    const lens = this.#lens;
    if (!lens || !this.#ready.has(id)) return;
    const key = keyOf(id, feature);
    this.#effects.want(key, () =>
      this.#ask(lens, id, 'The feature’s effect could not be computed', () => lens.directEffect(id, feature)),
    );
    if (!cards) return;
    this.#cards.want(key, () =>
      this.#ask(lens, id, 'The feature’s card could not be loaded', async () => {
        // The first brings the file with those of all features.
        const card = await lens.card(id, feature);
        if (!this.#labels.has(id)) this.#labels.set(id, await lens.bestLabels(id));
        if (!this.#best.has(id)) this.#best.set(id, await lens.bestFeatures(id));
        return card;
      }),
    );
  }

  retryFeatures(): void {
    this.#forgetFeatureFailure();
    this.#changed();
    this.#analyse();
  }

  statistics(dictionary: string): FeatureStatistics | null {
    return this.#statistics.get(dictionary) ?? this.#builtOf(dictionary)?.statistics ?? null;
  }

  /** What `feature` adds to the logits of the 64 squares; null while it is not known. */
  effect(dictionary: string, feature: number): Float32Array | null {
    return (
      this.#effects.get(keyOf(dictionary, feature)) ?? this.#builtOf(dictionary, feature)?.effect ?? null
    );
  }

  /** What was measured on `feature`; null while it is not known, or if nothing was. */
  card(dictionary: string, feature: number): FeatureCard | null {
    return this.#cards.get(keyOf(dictionary, feature)) ?? this.#builtOf(dictionary, feature)?.card ?? null;
  }

  /** The label that each feature of `dictionary` tells best; null while it is not known, or if it is not. */
  labels(dictionary: string): BestLabels | null {
    return this.#labels.get(dictionary) ?? this.#builtOf(dictionary)?.labels ?? null;
  }

  /** The feature of `dictionary` that tells each label best; null while it is not known, or if it is not. */
  bestFeatures(dictionary: string): readonly BestFeature[] | null {
    return this.#best.get(dictionary) ?? this.#builtOf(dictionary)?.bestFeatures ?? null;
  }

  /** What the site was built with, if it is of that dictionary and feature. */
  #builtOf(dictionary: string, feature = this.#built?.feature): Built | null {
    const built = this.#built;
    return built?.dictionary === dictionary && built.feature === feature ? built : null;
  }

  #forgetFeatureFailure(): void {
    this.featureFailure = null;
    this.#effects.forgetMissing();
    this.#cards.forgetMissing();
    for (const [id, statistics] of this.#statistics) if (!statistics) this.#statistics.delete(id);
  }

  #show(progress: Progress | null): void {
    this.progress = progress;
    this.#changed();
  }

  #analyse(): void {
    if (!this.#lens) return;
    if (!this.#analysing) {
      void this.#run(this.#lens);
      return;
    }
    this.#again = true;
    // While weights are under way, breaking off would only cost; else nobody waits for the old game.
    const { dictionary } = this.#wanted;
    if (dictionary === null || this.#ready.has(dictionary)) this.#analysing.abort();
  }

  /** Analyses until nothing else is wanted. */
  async #run(lens: Lens): Promise<void> {
    do {
      this.#again = false;
      const controller = new AbortController();
      this.#analysing = controller;
      const { dictionary } = this.#wanted;
      try {
        await this.#analyseOnce(lens, controller.signal);
      } catch (error) {
        if (this.#lens === lens && !isAbort(error)) this.#fail(error, dictionary);
      }
    } while (this.#lens === lens && this.#again);
    this.#analysing = null;
    // Another model was loaded meanwhile.
    if (this.#lens !== lens) this.#analyse();
  }

  #fail(error: unknown, dictionary: string | null): void {
    if (this.analysis && dictionary !== null && !this.#ready.has(dictionary) && !isFatal(error)) {
      // Of a dictionary that nobody looks through any more, it is no matter.
      if (dictionary === this.#wanted.dictionary)
        this.featureFailure = failureOf('The features could not be loaded', error);
    } else {
      this.failure = failureOf('The model could not be run', error);
    }
    this.#changed();
  }

  async #analyseOnce(lens: Lens, signal: AbortSignal): Promise<void> {
    const { transcript, dictionary } = this.#wanted;
    const taps = [lastResidual(lens.model)];
    // What the model expects does not wait for a dictionary's weights.
    if (dictionary === null || !this.#ready.has(dictionary)) {
      if (!covers(this.analysis, transcript, null))
        this.#take(await lens.analyse(transcript, { signal, taps }));
      if (dictionary === null || this.featureFailure) return;
    }
    if (covers(this.#analysis, transcript, dictionary)) return;
    let over = false;
    const onProgress = (progress: Progress) => {
      if (!over) this.#show(progress);
    };
    // Without the statistics the features would be in another order for a moment, and move under the pointer.
    const [analysis, statistics] = await Promise.all([
      lens.analyse(transcript, { dictionary, signal, onProgress, taps }),
      this.#statistics.has(dictionary) ? this.statistics(dictionary) : this.#statisticsOf(lens, dictionary),
    ]).finally(() => {
      over = true;
      this.progress = null;
    });
    this.#ready.add(dictionary);
    this.#statistics.set(dictionary, statistics);
    this.#take(analysis);
  }

  /** What is known of all features. Where it stands on their cards, it is the card in view that says why it is missing. */
  async #statisticsOf(lens: Lens, dictionary: string): Promise<FeatureStatistics | null> {
    const onCards = this.dictionaries.some(({ id, cards }) => id === dictionary && cards !== null);
    try {
      return await lens.statistics(dictionary);
    } catch (error) {
      if (onCards && !isFatal(error)) return null;
      throw error;
    }
  }

  #take(analysis: Analysis): void {
    this.failure = null;
    this.#analysis = analysis;
    this.engine = analysis.engine;
    if (analysis.computed > 0) this.milliseconds = analysis.milliseconds;
    this.#changed();
  }

  /** What `ask` brings; null where it fails, undefined where that is no matter: another model is loaded. */
  async #ask<T>(
    lens: Lens,
    dictionary: string,
    title: string,
    ask: () => Promise<T>,
  ): Promise<T | null | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (this.#lens !== lens) return undefined;
      const failure = failureOf(title, error);
      if (isFatal(error)) this.failure = failure;
      else if (dictionary === this.#wanted.dictionary) this.featureFailure = failure;
      return null;
    }
  }
}

function keyOf(dictionary: string, feature: number): string {
  return `${dictionary} ${feature}`;
}
