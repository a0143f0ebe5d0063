import type {
  BestLabels,
  Device,
  DictionaryInfo,
  FeatureCard,
  FeatureStatistics,
  NextMove,
} from 'othello-lens';

import { type Address, AddressBar, readAddress, writeAddress } from './address.js';
import { type Activity, AnalysisView } from './analysis-view.js';
import { type Bundle, bundleOf } from './bundles.js';
import type { Failure } from './failure.js';
import { GameHistory } from './game-history.js';
import { Session } from './session.js';

/** A feature in view, and what is known of it. */
export interface Selection {
  feature: number;
  /** Whether it was pinned by hand; else it is the strongest at this ply. */
  pinned: boolean;
  /** What the feature adds to the 64 squares' logits; null until known. */
  effect: Float32Array | null;
  /** What was measured on it; null until known, or if nothing was. */
  card: FeatureCard | null;
}

/**
 * The page's state: a history of games, a session with a model, and what of the two is in view; all of it
 * in the page's address. Elements read it; the requests that they make become calls of its methods, and
 * after each change those who subscribed are told. Reading brings nothing: what is missing is asked for
 * when something changes.
 */
export class Player {
  readonly history: GameHistory;
  readonly session: Session;
  /** What the page was opened with; another bundle is another page. */
  readonly bundle: Bundle = bundleOf(location.search);
  dictionary: DictionaryInfo | null = null;
  pinned: number | null = null;
  /** Features below this share of their maximum are hidden. */
  threshold = 0;
  device: Device = 'auto';
  view: AnalysisView;
  /** What was done last, for people who cannot see it. */
  announcement = '';

  #wantedDictionary: string | null = null;
  /** What the address says, while the history has yet to show it. */
  #opening: Address | null = null;
  #loading = new AbortController();
  readonly #bar = new AddressBar();
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.history = new GameHistory({
      changed: () => this.#changed(),
      replaced: () => this.#read(),
      stepped: () => {
        this.#opening = null;
        this.#writeAddress('push');
        this.#changed();
      },
      said: (text) => {
        this.announcement = text;
      },
    });
    this.session = new Session(() => this.#read());
    this.view = new AnalysisView(this.history.game, null, null, null);
  }

  /** Calls `listener` after each change, until the function that comes back is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the page's address and loads what it needs. */
  start(): void {
    window.addEventListener('popstate', () => {
      this.#bar.forget();
      this.#takeAddress(readAddress(location.search));
    });
    const address = readAddress(location.search);
    this.device = address.device;
    this.#takeAddress(address);
    this.load();
  }

  /** Loads the rules and the model, or tries anew what of it failed. */
  load(): void {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    void this.history.load(signal);
    void this.session.load(this.bundle.path, this.device, signal).then(() => this.#chooseDictionary());
    this.#changed();
  }

  /** Runs on another engine; the game stays. */
  useDevice(device: Device): void {
    if (device === this.device && !this.failure) return;
    this.device = device;
    this.#writeAddress('push');
    this.#reload();
  }

  /** Why the page is not whole; without rules the model has nothing to add. */
  get failure(): Failure | null {
    return this.history.failure ?? this.session.failure;
  }

  /** What is known of the dictionary's features over its corpus; null if nothing is. */
  get statistics(): FeatureStatistics | null {
    return this.dictionary && this.session.statistics(this.dictionary.id);
  }

  /** What the model expects at the ply in view: null where it says nothing, undefined where it is not known yet. */
  get next(): NextMove | null | undefined {
    return this.view.nextMove(this.history.ply);
  }

  /** The active features in view; null where there are none to speak of. */
  get activity(): Activity | null {
    return this.view.activity(this.history.ply);
  }

  /** The pinned feature, or the strongest at this ply. */
  get selection(): Selection | null {
    const { dictionary, session } = this;
    const feature = this.pinned ?? this.activity?.active[0]?.feature;
    if (feature === undefined || !dictionary) return null;
    return {
      feature,
      pinned: this.pinned !== null,
      effect: session.effect(dictionary.id, feature),
      card: session.card(dictionary.id, feature),
    };
  }

  /** The label that each feature in view tells best, where that is known. */
  get labels(): BestLabels | null {
    return this.dictionary && this.session.labels(this.dictionary.id);
  }

  /** Opens a position where the feature in view is strong; the feature stays in view. */
  openPosition(seed: number, ply: number): void {
    this.pinned = this.selection?.feature ?? null;
    this.history.openRandom(seed, ply);
  }

  goTo(ply: number): void {
    if (this.history.goTo(ply)) this.#writeAddress('replace');
  }

  pin(feature: number | null): void {
    this.pinned = feature;
    this.announcement = feature === null ? 'Feature unpinned.' : `Feature ${feature} pinned.`;
    this.#writeAddress('push');
    this.#changed();
  }

  setThreshold(threshold: number): void {
    this.threshold = threshold;
    this.#writeAddress('replace');
    this.#changed();
  }

  /** Looks through another dictionary; a pinned feature is none of its own. */
  setDictionary(id: string): void {
    if (id === this.dictionary?.id) return;
    this.#wantedDictionary = id;
    this.pinned = null;
    this.#chooseDictionary();
    this.#writeAddress('push');
  }

  #reload(): void {
    this.session.unload();
    this.load();
  }

  #chooseDictionary(): void {
    const { dictionaries } = this.session;
    this.dictionary = dictionaries.find(({ id }) => id === this.#wantedDictionary) ?? dictionaries[0] ?? null;
    if (this.dictionary && this.pinned !== null && this.pinned >= this.dictionary.features)
      this.pinned = null;
    this.#read();
  }

  /** Takes what is new of the game or the model, and asks for what is missing. */
  #read(): void {
    const { history, session } = this;
    const id = this.dictionary?.id ?? null;
    this.view = new AnalysisView(history.game, session.analysis, id, this.statistics);
    session.want(history.game.transcript, id);
    this.#changed();
  }

  /** Asks for what is missing of the feature in view, and tells those who draw it. */
  #changed(): void {
    const { dictionary, selection } = this;
    if (dictionary && selection) this.session.wantFeature(dictionary, selection.feature);
    for (const listener of this.#listeners) listener();
  }

  #takeAddress(address: Address): void {
    this.#wantedDictionary = address.sae;
    this.pinned = address.feature;
    this.threshold = address.threshold;
    const anotherDevice = address.device !== this.device;
    this.device = address.device;
    if (anotherDevice) this.#reload();
    else if (this.session.engine) this.#chooseDictionary();
    this.#opening = address;
    void this.history.openAddress(address.transcript, address.ply).then(() => {
      if (this.#opening === address) this.#opening = null;
    });
  }

  #writeAddress(how: 'push' | 'replace'): void {
    const { game, ply } = this.history;
    const { transcript, ply: at } = this.#opening ?? { transcript: game.transcript, ply };
    const query = writeAddress(
      {
        transcript,
        ply: transcript ? at : null,
        sae: this.#wantedDictionary,
        feature: this.pinned,
        threshold: this.threshold,
        device: this.device,
      },
      location.search,
    );
    this.#bar[how](`${location.pathname}${query}${location.hash}`);
  }
}
